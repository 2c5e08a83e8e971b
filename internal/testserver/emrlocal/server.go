// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package emrlocal stands in for EMR Serverless, EMR and AWS Data Pipeline in tests: their APIs, as far as the
// launchers of package spark use them, in front of a real Spark on this machine. A job runs with spark-submit on
// executors that are processes of their own, with two cores in all at most; the states that the APIs report are its
// true ones.
//
// It needs Java 17 or newer and Python with pip, which downloads PySpark once into the user's cache folder.
package emrlocal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// installTimeout bounds the download of PySpark.
const installTimeout = 10 * time.Minute

// Options are the settings of a server.
type Options struct {
	// Version is that of Spark, Spark4 if it is empty.
	Version string
	// S3 is where s3:// URIs are read.
	S3 *s3.Client
	// Environment is what the job's processes have, such as the credentials of their role.
	Environment []string
	// JavaOptions are those that the driver and the executors have besides the job's own, for JVMs that live for seconds
	// if it is empty.
	JavaOptions string
}

// Server is a running stand-in.
type Server struct {
	// URL is the endpoint of all three services.
	URL string

	options Options
	spark   installation

	mu           sync.Mutex
	jobs         []*Job
	applications map[string]*application
	byToken      map[string]string // Ids, by idempotency token.
	runs         map[string]*Job   // By the id of the job run, the cluster or the pipeline.
	clusters     map[string]string // Names, by id.
	definitions  map[string][]pipelineObject
	pipelines    map[string]string // Their names.
	count        int
	refusal      string
	lost         map[string]bool // Operations whose next answer is lost.
}

// Start starts a server that is closed, with all of its jobs, when the test ends.
func Start(t testing.TB, options Options) *Server {
	t.Helper()
	if options.Version == "" {
		options.Version = Spark4
	}
	ctx, cancel := context.WithTimeout(t.Context(), installTimeout)
	defer cancel()
	spark, err := install(ctx, options.Version)
	if err != nil {
		t.Fatal(err)
	}
	if options.JavaOptions == "" {
		if options.JavaOptions, err = spark.quickStart(ctx); err != nil {
			t.Fatal(err)
		}
	}
	s := &Server{
		options: options, spark: spark,
		applications: map[string]*application{}, byToken: map[string]string{}, runs: map[string]*Job{},
		clusters: map[string]string{}, definitions: map[string][]pipelineObject{}, pipelines: map[string]string{},
		lost: map[string]bool{},
	}
	listener := httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = listener.URL
	t.Cleanup(func() {
		listener.Close()
		for _, job := range s.Jobs() {
			job.cancel()
			<-job.ended
		}
	})
	return s
}

// Jobs are those submitted so far, in order.
func (s *Server) Jobs() []*Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Job(nil), s.jobs...)
}

// Applications is how many EMR Serverless applications there are.
func (s *Server) Applications() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.applications)
}

// LoseAnswer has the next request of that operation of EMR or Data Pipeline done, and its answer lost.
func (s *Server) LoseAnswer(operation string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost[operation] = true
}

// loses reports whether the answer to a request of that operation is to be lost.
func (s *Server) loses(operation string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost := s.lost[operation]
	delete(s.lost, operation)
	return lost
}

// serve answers one request: EMR's and Data Pipeline's name their operation in a header, those of EMR Serverless in the
// path.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body := map[string]any{}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil && r.ContentLength > 0 {
		refuse(w, http.StatusBadRequest, "SerializationException", err.Error())
		return
	}
	service, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if s.loses(operation) {
		w = httptest.NewRecorder()
		defer panic(http.ErrAbortHandler)
	}
	switch service {
	case "":
		s.serveServerless(w, r, body)
	case "ElasticMapReduce":
		s.serveCluster(w, operation, body)
	case "DataPipeline":
		s.servePipeline(w, operation, body)
	default:
		refuse(w, http.StatusBadRequest, "UnknownOperationException", service)
	}
}

// id returns the id of what the token made, making one if it is new.
func (s *Server) id(prefix, token string) (id string, isNew bool) {
	if id, ok := s.byToken[token]; ok && token != "" {
		return id, false
	}
	s.count++
	id = fmt.Sprintf("%s%08d", prefix, s.count)
	if token != "" {
		s.byToken[token] = id
	}
	return id, true
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // The client is gone.
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", code)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": message}) // The client is gone.
}

// text is the string at the path, empty if there is none.
func text(body map[string]any, path ...string) string {
	var at any = body
	for _, name := range path {
		object, _ := at.(map[string]any)
		at = object[name]
	}
	value, _ := at.(string)
	return value
}
