// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/emrlocal"
)

func newEngine(connections *awsconn.Connections, directory string) *engine.Engine {
	return &engine.Engine{Connections: connections, Journal: journal.Local(directory), Directory: directory, UserAgent: "terraform-provider-dynamoops/dev", Now: time.Now}
}

// processes are those of the job with the text in their command line.
func processes(t *testing.T, j *emrlocal.Job, text string) []int {
	t.Helper()
	found, err := j.Processes(text)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// The command lines of a worker and of an executor.
const (
	workerProcess   = "terraform-provider-dynamoops worker"
	executorProcess = "CoarseGrainedExecutorBackend"
)

// parent is the process's parent, 0 if it is gone.
func parent(pid int) int {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	ppid, err := strconv.Atoi(string(fields[1]))
	if err != nil {
		return 0
	}
	return ppid
}

func descends(pid, ancestor int) bool {
	for pid > 1 {
		if pid = parent(pid); pid == ancestor {
			return true
		}
	}
	return false
}

// alive reports whether the process is there and more than a name in its parent's books.
func alive(pid int) bool { return syscall.Kill(pid, 0) == nil && parent(pid) > 0 }

// A worker and an executor that are killed change nothing of the result, and no writer outlives its executor. A purge counts what
// was deleted by those that are gone.
func TestEMRSurvivesKills(t *testing.T) {
	t.Parallel()
	const items = 8000
	throughput := job.Throughput{WriteUnits: 600, Segments: 4}
	tests := map[string]struct {
		begun func(*site) bool // Whether items have been written.
		run   func(*site) (*engine.Result, error)
		want  int64
	}{
		"copy": {func(s *site) bool { return len(s.items("copy")) > 0 }, func(s *site) (*engine.Result, error) {
			j := s.copyJob()
			j.Throughput = throughput
			return s.engine.Copy(t.Context(), j, engine.Observer{})
		}, items},
		"filtered purge": {func(s *site) bool { return len(s.items("from")) < items }, func(s *site) (*engine.Result, error) {
			return s.engine.Purge(t.Context(), job.Purge{
				Table: "from", Method: job.MethodEMR, EMR: &s.config, RecheckFilter: true, Throughput: throughput,
				Filter: &filter.Filter{Expression: "n < :n", Values: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: "5"}}},
			}, engine.Observer{})
		}, items / 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, emrlocal.Spark4)
			s.config.Executors, s.config.ExecutorCPU = 2, 1
			s.create("from")
			s.create("copy")
			s.fill("from", items)
			type end struct {
				result *engine.Result
				err    error
			}
			done := make(chan end, 1)
			go func() {
				result, err := test.run(s)
				done <- end{result, err}
			}()
			eventually(t, "the job starts", func() bool { return len(s.emr.Jobs()) == 1 })
			eventually(t, "items are written", func() bool { return test.begun(s) })
			s.killWorkerAndExecutor(s.emr.Jobs()[0])
			finished := <-done
			if finished.err != nil {
				t.Fatal(finished.err)
			}
			if l := finished.result.Ledger; l.Scanned != test.want || l.Written != test.want {
				t.Errorf("the ledger is %+v", l)
			}
			if name == "copy" {
				s.equals("from")
			} else if left := len(s.items("from")); left != items/2 {
				t.Errorf("%d items are left", left)
			}
		})
	}
}

// killWorkerAndExecutor kills a worker of the running job, then an executor, whose workers end.
func (s *site) killWorkerAndExecutor(running *emrlocal.Job) {
	s.t.Helper()
	workers := processes(s.t, running, workerProcess)
	if len(workers) == 0 {
		s.t.Fatal("there is no worker")
	}
	if err := syscall.Kill(workers[0], syscall.SIGKILL); err != nil {
		s.t.Fatal(err)
	}
	var executor int
	var orphans []int
	eventually(s.t, "an executor has a worker again", func() bool {
		for _, e := range processes(s.t, running, executorProcess) {
			for _, worker := range processes(s.t, running, workerProcess) {
				if !slices.Contains(workers, worker) && descends(worker, e) {
					executor, orphans = e, append(orphans, worker)
				}
			}
			if executor != 0 {
				return true
			}
		}
		return false
	})
	if err := syscall.Kill(executor, syscall.SIGKILL); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, "its workers end", func() bool { return !slices.ContainsFunc(orphans, alive) })
}

// A job whose run is cancelled ends with it, and a later run goes on where it was.
func TestEMRCancel(t *testing.T) {
	t.Parallel()
	s := newSite(t, emrlocal.Spark4)
	s.create("from")
	s.create("copy")
	s.fill("from", 5000)
	j := s.copyJob()
	j.Throughput = job.Throughput{WriteUnits: 400, Segments: 2}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := s.engine.Copy(ctx, j, engine.Observer{})
		done <- err
	}()
	eventually(t, "items arrive", func() bool { return len(s.items("copy")) > 0 })
	cancel()
	var p *problem.Problem
	if err := <-done; !errors.As(err, &p) || p.Summary != "Run Cancelled" {
		t.Fatalf("the error is %v", err)
	}
	first := s.emr.Jobs()[0]
	if left := processes(t, first, workerProcess); len(left) > 0 {
		t.Errorf("workers %v outlive the run", left)
	}
	if s.emr.Applications() != 0 {
		t.Error("the application has been left")
	}
	j.Throughput = job.Throughput{}
	result, err := s.engine.Copy(t.Context(), j, engine.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if !result.Resumed || result.Ledger.Written != 5000 || result.Ledger.Scanned != 5000 {
		t.Errorf("the result is %+v", result)
	}
	s.equals("from")
}

// copyElsewhere, when it is set in the environment, makes this test binary run a copy, so that it can be killed.
const copyElsewhere = "DYNAMOOPS_TEST_COPY_ELSEWHERE"

// statusElsewhere is the path of a file for what Linux knows of that process at its end, if it is set in the environment.
const statusElsewhere = "DYNAMOOPS_TEST_STATUS_ELSEWHERE"

type elsewhere struct {
	Settings  awsconn.Settings
	Directory string
	Job       job.Copy
	Config    spark.Config
}

func runElsewhere(given string) {
	var e elsewhere
	err := json.Unmarshal([]byte(given), &e)
	if err == nil {
		var connections *awsconn.Connections
		if connections, err = awsconn.New(context.Background(), e.Settings); err == nil {
			if e.Job.Method == job.MethodEMR {
				e.Job.EMR = &e.Config
			}
			_, err = newEngine(connections, e.Directory).Copy(context.Background(), e.Job, engine.Observer{})
		}
	}
	if path := os.Getenv(statusElsewhere); path != "" {
		status, unread := os.ReadFile("/proc/self/status")
		err = errors.Join(err, unread, os.WriteFile(path, status, 0o600))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A run whose process is killed leaves its job running. The next one finds the job, and waits for it.
func TestEMRFindsTheRunningJob(t *testing.T) {
	t.Parallel()
	s := newSite(t, emrlocal.Spark4)
	s.create("from")
	s.create("copy")
	s.fill("from", 3000)
	j := s.copyJob()
	j.Throughput = job.Throughput{WriteUnits: 500, Segments: 2}
	given, err := json.Marshal(elsewhere{s.settings, s.directory, j, s.config})
	if err != nil {
		t.Fatal(err)
	}
	first := exec.CommandContext(t.Context(), os.Args[0])
	first.Env = append(os.Environ(), copyElsewhere+"="+string(given))
	first.Stderr = os.Stderr
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the job starts", func() bool { return len(s.emr.Jobs()) == 1 })
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // It was killed.
	result, err := s.engine.Copy(t.Context(), j, engine.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if !result.Resumed || result.Ledger.Written != 3000 || len(s.emr.Jobs()) != 1 {
		t.Errorf("%d jobs, the result is %+v", len(s.emr.Jobs()), result)
	}
	s.equals("from")
}
