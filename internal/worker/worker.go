// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package worker is the worker command: the engine as one task of a distributed run.
//
// The task is one line of JSON on standard input, which then stays open: when it ends, whoever started the worker is
// gone, and the worker stops. On standard output go lines of JSON, {"progress": ...} now and then and at last exactly
// one {"result": ...}, which is there only when the segment is complete and its ledger balances. Why it failed goes to
// standard error and into the journal. A task that holds "failed" instead is why the whole job has failed: it is put
// into the journal.
package worker

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
)

const (
	// progressInterval is the time between two lines of progress.
	progressInterval = 10 * time.Second
	// grace is how long a worker that was stopped may take to save how far it has come.
	grace = 10 * time.Second
)

// errParentGone is the cause of a worker's end when its standard input has ended.
var errParentGone = errors.New("standard input has ended: whoever started the worker is gone")

// line is one line of output.
type line struct {
	Progress *progress           `json:"progress,omitempty"`
	Result   *cluster.TaskResult `json:"result,omitempty"`
}

// progress is how far the segment has come.
type progress struct {
	Segment        int     `json:"segment"`
	Scanned        int64   `json:"scanned"`
	Settled        int64   `json:"settled"`
	ItemsPerSecond float64 `json:"items_per_second"`
}

// Run does the task that the first line of input holds. It returns once the segment is complete, or with the reason why
// it is not, and at most some seconds after ctx or the input has ended.
func Run(ctx context.Context, input io.Reader, output io.Writer, userAgent string) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	reader := bufio.NewReader(input)
	task, err := readTask(reader, userAgent)
	if err != nil {
		return fmt.Errorf("read the task: %w", err)
	}
	if err := ownBinary(task.Binary); err != nil {
		return err
	}
	if task.Failed != "" {
		e, err := newEngine(ctx, task)
		if err != nil {
			return err
		}
		return e.SaveJobFailure(ctx, task.Failed)
	}
	go func() {
		_, _ = io.Copy(io.Discard, reader) // However it ends, nobody is there any more.
		stop(errParentGone)
	}()
	e, err := newEngine(ctx, task)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(output)
	result, err := work(ctx, e, task, engine.Observer{Every: progressInterval, Report: func(s engine.Status) {
		err := lines.Encode(line{Progress: &progress{
			Segment: task.Number, Scanned: s.Ledger.Scanned, Settled: s.Ledger.Settled(), ItemsPerSecond: s.ItemsPerSecond,
		}})
		if err != nil {
			stop(fmt.Errorf("write progress: %w", err))
		}
	}})
	if err != nil {
		return err
	}
	return lines.Encode(line{Result: result})
}

// ownBinary returns an error unless this process's own binary has that SHA-256, or none is asked for.
func ownBinary(want string) error {
	if want == "" {
		return nil
	}
	path, err := os.Executable()
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != want {
		return errors.New("the task is for a worker of another SHA-256: the binary below emr.s3_uri is not the one that " +
			"the provider has put there")
	}
	return nil
}

// readTask reads the first line. What a task of the worker's own version holds, it knows; the engine refuses one of
// another version.
func readTask(reader *bufio.Reader, userAgent string) (cluster.Task, error) {
	var task cluster.Task
	text, err := reader.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(text, &task)
	}
	if err == nil && task.Version == userAgent {
		strict := json.NewDecoder(bytes.NewReader(text))
		strict.DisallowUnknownFields()
		err = strict.Decode(new(cluster.Task))
	}
	task.Settings.UserAgent = userAgent
	return task, err
}

// work does the task, and waits no longer than grace when ctx ends.
func work(
	ctx context.Context,
	e *engine.Engine,
	task cluster.Task,
	observer engine.Observer,
) (*cluster.TaskResult, error) {
	type outcome struct {
		result *cluster.TaskResult
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		result, err := e.Work(ctx, task, observer)
		done <- outcome{result, err}
	}()
	over := make(chan struct{})
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, func() { close(over) }) })()
	select {
	case end := <-done:
		return end.result, end.err
	case <-over:
		return nil, context.Cause(ctx)
	}
}

// newEngine makes the engine of one task. What the whole run has been checked for, such as protected tables, is not
// checked again.
func newEngine(ctx context.Context, task cluster.Task) (*engine.Engine, error) {
	connections, err := awsconn.New(ctx, task.Settings)
	if err != nil {
		return nil, err
	}
	client, err := connections.S3(ctx, awsconn.Connection{})
	if err != nil {
		return nil, err
	}
	bucket, prefix, err := spark.SplitURI(task.Journal)
	if err != nil {
		return nil, err
	}
	return &engine.Engine{
		Connections: connections,
		Journal:     journal.TakeOver(client, bucket, prefix),
		Directory:   os.TempDir(),
		UserAgent:   task.Settings.UserAgent,
		Now:         time.Now,
	}, nil
}

// Explain is the error as a user reads it: all that went wrong.
func Explain(err error) string {
	var texts []string
	for _, p := range problem.All(err) {
		texts = append(texts, p.Summary+"\n"+p.Detail())
	}
	return strings.Join(texts, "\n\n")
}
