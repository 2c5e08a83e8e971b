// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package emrlocal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// state is a job's, in words of no service.
type state int

const (
	running state = iota
	succeeded
	failed
	cancelled
)

// Job is one run of spark-submit.
type Job struct {
	// Name is the job's, by which a test finds it.
	Name string
	// Arguments are those of spark-submit, as they were sent.
	Arguments []string

	folder string
	cancel context.CancelFunc
	ended  chan struct{}

	mu    sync.Mutex
	state state
	log   bytes.Buffer
}

func (j *Job) status() state {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state
}

// Log is what the job has written so far.
func (j *Job) Log() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.log.String()
}

// Wait waits for the job's end, and reports whether it has succeeded.
func (j *Job) Wait() bool {
	<-j.ended
	return j.status() == succeeded
}

// Write takes the job's output.
func (j *Job) Write(text []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.log.Write(text)
}

// slots bounds the clusters that run at once: each has two or three JVMs, which share the machine with the tests.
var slots = make(chan struct{}, 2)

// Submit starts spark-submit with the arguments, as the services do.
func (s *Server) Submit(name string, arguments []string) *Job {
	ctx, cancel := context.WithCancel(context.Background())
	job := &Job{Name: name, Arguments: arguments, cancel: cancel, ended: make(chan struct{})}
	s.mu.Lock()
	s.jobs = append(s.jobs, job)
	s.mu.Unlock()
	go func() {
		defer close(job.ended)
		err := s.run(ctx, job)
		job.mu.Lock()
		defer job.mu.Unlock()
		switch {
		case ctx.Err() != nil:
			job.state = cancelled
		case err != nil:
			job.state = failed
			fmt.Fprintln(&job.log, err)
		default:
			job.state = succeeded
		}
	}()
	return job
}

// run brings the job's files and runs it on a cluster whose executors are processes of their own.
func (s *Server) run(ctx context.Context, job *Job) (err error) {
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	job.folder, err = os.MkdirTemp("", "dynamoops-spark-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(job.folder)) }()
	home := filepath.Join(job.folder, "home")
	if err := errors.Join(os.Mkdir(home, 0o755), ownHome(s.spark.home, home)); err != nil {
		return err
	}
	arguments, err := s.localise(ctx, job)
	if err != nil {
		return err
	}
	command := s.spark.submit(ctx, home, job.folder, s.options.JavaOptions, s.options.JavaOptions, arguments)
	command.Stdout, command.Stderr = job, job
	command.Env = append(command.Env, s.options.Environment...)
	return runWhole(command)
}

// localise replaces s3:// URIs by files that hold what they name: Spark by itself cannot read them.
func (s *Server) localise(ctx context.Context, job *Job) ([]string, error) {
	local := make([]string, len(job.Arguments))
	for i, argument := range job.Arguments {
		uris := strings.Split(argument, ",")
		for j, uri := range uris {
			rest, ok := strings.CutPrefix(uri, "s3://")
			if !ok {
				continue
			}
			bucket, key, _ := strings.Cut(rest, "/")
			uris[j] = filepath.Join(job.folder, filepath.Base(key))
			if err := s.fetch(ctx, bucket, key, uris[j]); err != nil {
				return nil, fmt.Errorf("fetch %s: %w", uri, err)
			}
		}
		local[i] = strings.Join(uris, ",")
	}
	return local, nil
}

func (s *Server) fetch(ctx context.Context, bucket, key, path string) error {
	object, err := s.options.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return errors.Join(err, object.Body.Close())
	}
	_, err = io.Copy(file, object.Body)
	return errors.Join(err, file.Close(), object.Body.Close())
}
