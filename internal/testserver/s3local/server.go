// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package s3local is an Amazon S3 in this process, on the loopback interface, that keeps its objects in memory. Reads
// and writes can be made conditional as on AWS, its clock can be put forward, and it can be made to fail.
package s3local

import (
	"context"
	"crypto/rand"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Region is the one in which the server's clients are.
const Region = "eu-west-1"

// Server is a running server. Its methods may be called by several goroutines, while requests are under way too.
type Server struct {
	// URL is the endpoint to give to clients, without a slash at its end.
	URL string

	storage http.Handler
	ahead   atomic.Int64 // Nanoseconds that the clock has been put forward.

	// conditions is held for writing by a request whose condition the storage does not know, from its check to its end.
	conditions sync.RWMutex

	mu        sync.Mutex
	faults    Faults
	requests  map[string]int
	injected  Injected
	archives  map[string]Archive // By key.
	onRequest func(*http.Request) *Refusal
}

// New starts a server for the test, without faults.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{requests: map[string]int{}, archives: map[string]Archive{}}
	memory := s3mem.New(s3mem.WithTimeSource(clock{s}))
	s.storage = gofakes3.New(encoding{memory, memory, s}, gofakes3.WithTimeSkewLimit(0), gofakes3.WithTimeSource(clock{s})).
		Server()
	server := httptest.NewServer(s)
	s.URL = server.URL
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return s
}

// Client returns a client of the server. It is as patient as the provider's, but quicker.
func (s *Server) Client() *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(s.URL), Region: Region, UsePathStyle: true, RetryMaxAttempts: 6,
		Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", ""),
	})
}

// Bucket makes a bucket that no other test uses, and returns its name.
func (s *Server) Bucket(t testing.TB) string {
	t.Helper()
	name := "bucket-" + strings.ToLower(rand.Text())
	s.MakeBucket(t, name)
	return name
}

// MakeBucket makes the bucket of that name.
func (s *Server) MakeBucket(t testing.TB, name string) {
	t.Helper()
	if _, err := s.Client().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(name)}); err != nil {
		t.Fatal(err)
	}
}

// Advance puts the server's clock forward: what was written before becomes that much older.
func (s *Server) Advance(d time.Duration) { s.ahead.Add(int64(d)) }

// Now is the time by the server's clock.
func (s *Server) Now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// OnRequest has every request shown to the function, which may refuse it. It replaces the one before; nil shows them to
// none.
func (s *Server) OnRequest(f func(*http.Request) *Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onRequest = f
}

// Requests counts the requests so far by method.
func (s *Server) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.requests)
}

// Keys lists the objects of the bucket below the prefix, in order.
func (s *Server) Keys(ctx context.Context, t testing.TB, bucket, prefix string) []string {
	t.Helper()
	keys := []string{}
	pages := s3.NewListObjectsV2Paginator(
		s.Client(),
		&s3.ListObjectsV2Input{Bucket: aws.String(bucket), Prefix: aws.String(prefix)},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range page.Contents {
			keys = append(keys, aws.ToString(object.Key))
		}
	}
	return keys
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests[r.Method]++
	plan, onRequest := s.faults.draw(r), s.onRequest
	s.mu.Unlock()
	if onRequest != nil {
		if refusal := onRequest(r); refusal != nil {
			refusal.write(w)
			return
		}
	}
	s.serveFaulty(plan, w, r)
}

// serve answers the request as AWS does: its answers tell its time, and it knows conditions on deletes and reads
// ("Conditional requests" in the Amazon S3 User Guide), which the storage does not.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.Now().UTC().Format(http.TimeFormat))
	if r.Method == http.MethodGet && r.URL.Query().Get("list-type") == "2" {
		s.serveList(w, r)
		return
	}
	if s.serveArchived(w, r) {
		return
	}
	condition := r.Header.Get("If-Match")
	if condition == "" || r.Method == http.MethodPut {
		s.conditions.RLock()
		defer s.conditions.RUnlock()
		s.storage.ServeHTTP(w, r)
		return
	}
	s.conditions.Lock()
	defer s.conditions.Unlock()
	head := httptest.NewRecorder()
	s.storage.ServeHTTP(head, httptest.NewRequestWithContext(r.Context(), http.MethodHead, r.URL.EscapedPath(), nil))
	if head.Code == http.StatusOK && head.Header().Get("ETag") != condition {
		(&Refusal{http.StatusPreconditionFailed, "PreconditionFailed"}).write(w)
		return
	}
	s.storage.ServeHTTP(w, r)
}

// clock is the server's.
type clock struct{ server *Server }

// Now is the server's time.
func (c clock) Now() time.Time { return c.server.Now().UTC() }

// Since is how long that is ago by the server's time.
func (c clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

var _ gofakes3.TimeSource = clock{}
