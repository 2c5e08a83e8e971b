// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package worker_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/worker"
)

// asWorker, when it is set in the environment, makes this test binary the worker.
const asWorker = "DYNAMOOPS_TEST_WORKER"

func TestMain(m *testing.M) {
	if os.Getenv(asWorker) != "" {
		os.Exit(worker.Main("test"))
	}
	os.Exit(m.Run())
}

// table stands in for DynamoDB with one empty table. Its scans wait for hold, if there is one, and are told to scanned.
type table struct {
	hold    chan struct{}
	scanned chan struct{}
}

func (d *table) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // Only then does the server see the client go.
	switch _, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); operation {
	case "DescribeTable":
		_, _ = io.WriteString(w, `{"Table": {"TableName": "orders", "TableStatus": "ACTIVE", "TableArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
			"TableId": "1", "CreationDateTime": 1, "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
			"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}}`)
	case "Scan":
		select {
		case d.scanned <- struct{}{}:
		default:
		}
		if d.hold != nil {
			select {
			case <-d.hold:
			case <-r.Context().Done():
			}
		}
		_, _ = io.WriteString(w, `{"Items": [], "Count": 0, "ScannedCount": 0}`)
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}

// identity is that of the table.
const identity = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders#1"

// run is a task for the worker, and what it needs.
type run struct {
	t       *testing.T
	task    cluster.Task
	journal journal.Journal
	scanned chan struct{}
}

// newRun makes a purge of the empty table. Its scans never end if it is held.
func newRun(t *testing.T, held bool) *run {
	t.Helper()
	store := s3local.New(t)
	store.MakeBucket(t, "work")
	db := &table{scanned: make(chan struct{}, 1)}
	if held {
		db.hold = make(chan struct{})
	}
	server := httptest.NewServer(db)
	t.Cleanup(server.Close)
	if held {
		t.Cleanup(func() { close(db.hold) })
	}
	return &run{
		t: t, scanned: db.scanned, journal: journal.TakeOver(store.Client(), "work", "tasks"),
		task: cluster.Task{
			Version: "terraform-provider-dynamoops/test", Run: transform.Run{ID: uuid.NewString()}, Tasks: 1, ScanSegments: 1, AtOnce: 1, Writes: identity, Journal: "s3://work/tasks",
			Purge: &job.Purge{Table: "orders", Method: job.MethodDeleteItems},
			Settings: awsconn.Settings{
				Region: "eu-west-1", SkipCredentialsValidation: true, SkipRequestingAccountID: true,
				Endpoints: map[string]string{"dynamodb": server.URL, "s3": store.URL},
			},
		},
	}
}

// text is the line that the worker reads.
func (r *run) text() string {
	r.t.Helper()
	content, err := json.Marshal(r.task)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(content) + "\n"
}

// command is what starts a program with the worker's environment.
func command(t *testing.T, name string, arguments ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, arguments...)
	c.Env = append(os.Environ(), asWorker+"=1", "AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret", "AWS_EC2_METADATA_DISABLED=true")
	return c
}

// failure is what the journal has of why a task, or the job, failed.
func (r *run) failure(name string) cluster.Failure {
	r.t.Helper()
	var f cluster.Failure
	if found, err := r.journal.Peek(r.t.Context(), name, &f); err != nil || !found {
		r.t.Fatalf("there is no %s, %v", name, err)
	}
	return f
}

// The worker ends with status 0 and one result, or with another status and none.
func TestStatus(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*cluster.Task)
		more   string // Instead of the end of the task.
		want   int
		says   string
	}{
		"done":            {func(*cluster.Task) {}, "}", 0, ""},
		"other version":   {func(task *cluster.Task) { task.Version = "terraform-provider-dynamoops/0.1.0" }, `, "new": 1}`, 1, "Worker Binary Of Another Version"},
		"other binary":    {func(task *cluster.Task) { task.Binary = strings.Repeat("0", 64) }, "}", 1, "another SHA-256"},
		"other table":     {func(task *cluster.Task) { task.Writes = "another" }, "}", 1, "Table Replaced"},
		"unknown field":   {func(*cluster.Task) {}, `, "new": 1}`, 1, `unknown field "new"`},
		"no task":         {func(task *cluster.Task) { task.Purge = nil }, "}", 1, "the task holds no job"},
		"half of a line":  {func(*cluster.Task) {}, "", 1, "read the task"},
		"failed as whole": {func(task *cluster.Task) { task.Failed = "out of memory" }, "}", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRun(t, false)
			test.change(&r.task)
			c := command(t, os.Args[0])
			input, err := c.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			var output, words bytes.Buffer
			c.Stdout, c.Stderr = &output, &words
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(input, strings.TrimSuffix(r.text(), "}\n")+test.more+"\n"); err != nil {
				t.Fatal(err)
			}
			if test.more == "" {
				_ = input.Close() // Nothing depends on it.
			}
			_ = c.Wait() // The status says it.
			if status := c.ProcessState.ExitCode(); status != test.want || !strings.Contains(words.String(), test.says) {
				t.Errorf("status %d, %s", status, words.String())
			}
			results := strings.Count(output.String(), `"result"`)
			if want := name == "done"; want != (results == 1) || results > 1 {
				t.Errorf("the output is %s", output.String())
			}
			switch name {
			case "other version":
				if f := r.failure("failure-000000"); f.Problem.Summary != test.says {
					t.Errorf("the journal has %+v", f)
				}
			case "failed as whole":
				if f := r.failure("failure-job"); !strings.Contains(f.Problem.Cause, "out of memory") {
					t.Errorf("the journal has %+v", f)
				}
			}
		})
	}
}

// Each of these alone ends a worker that would otherwise never end: what started it is gone. The shell ignores hang-ups and hands that
// on, as nohup does.
func TestEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(shell, worker int, input io.Closer) error{
		"standard input ends": func(_, _ int, input io.Closer) error { return input.Close() },
		"its parent ends":     func(shell, _ int, _ io.Closer) error { return syscall.Kill(shell, syscall.SIGKILL) },
		"a hang-up":           func(_, worker int, _ io.Closer) error { return syscall.Kill(worker, syscall.SIGHUP) },
		"a termination":       func(_, worker int, _ io.Closer) error { return syscall.Kill(worker, syscall.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRun(t, true)
			// The shell hands its own input on, so that the input is still open when the shell is gone.
			shell := command(t, "sh", "-c", `trap "" HUP; exec 3<&0; "$0" <&3 >&2 & echo $!; wait`, os.Args[0])
			shell.Stderr = os.Stderr
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = write.Close() }() // It may have been.
			shell.Stdin = read
			output, err := shell.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := shell.Start(); err != nil {
				t.Fatal(err)
			}
			_ = read.Close() // The shell has its own.
			line, err := bufio.NewReader(output).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			pid, err := strconv.Atoi(strings.TrimSpace(line))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(write, r.text()); err != nil {
				t.Fatal(err)
			}
			<-r.scanned
			if !runs(pid) {
				t.Fatal("the worker does not run")
			}
			if err := end(shell.Process.Pid, pid, write); err != nil {
				t.Fatal(err)
			}
			for range 600 { // The limit only ends a test that would hang.
				if !runs(pid) {
					break
				}
				time.Sleep(100 * time.Millisecond)
			}
			if runs(pid) {
				t.Error("the worker still runs")
				_ = syscall.Kill(pid, syscall.SIGKILL) // The shell waits for it.
			}
			_ = shell.Wait() // It may have been killed.
			if name != "a hang-up" {
				if f := r.failure("failure-000000"); !f.Cancelled {
					t.Errorf("the journal has %+v", f)
				}
			}
		})
	}
}

// runs reports whether there is such a process, and it has not ended.
func runs(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}
