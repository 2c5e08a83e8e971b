// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// Task is one segment of a distributed run, as it goes to the machine that does it. It holds no credentials: they are
// those of that machine.
type Task struct {
	// Version is that of the provider whose run it is. A worker of another one does not do it.
	Version string `json:"version"`
	// Failed is why the whole job has failed. Such a task is only to be written down, see [Engine.SaveJobFailure].
	Failed string `json:"failed,omitempty"`
	// Segment counts from 0 to Segments-1. Attempt counts from 0; it is the number of earlier ones that failed.
	Segment  int `json:"segment"`
	Segments int `json:"segments"`
	Attempt  int `json:"attempt"`
	// Parts is how many parts the segment is read in.
	Parts int `json:"parts"`
	// AtOnce is how many tasks run at once.
	AtOnce int `json:"at_once"`
	// WriteCapacity is what is known of the table that all tasks write to.
	WriteCapacity pace.Capacity `json:"write_capacity"`
	// Copy or Purge is the job. Its throughput is this task's share.
	Copy  *job.Copy  `json:"copy,omitempty"`
	Purge *job.Purge `json:"purge,omitempty"`
	// Reads and Writes tell the tables of the run apart from others of their names, empty for no table.
	Reads  string `json:"reads,omitempty"`
	Writes string `json:"writes,omitempty"`
	// Run is the whole run, as transforms read it; Repeated says that an earlier attempt at it may have written the same items.
	Run      transform.Run `json:"run"`
	Repeated bool          `json:"repeated,omitempty"`
	// Objects is the hash of what a source in S3 holds: tasks that see different objects would not do shares of one whole.
	Objects string `json:"objects,omitempty"`
	// Export is the prefix of the export that a copy to S3 makes, empty for another destination.
	Export string `json:"export,omitempty"`
	// Binary is the SHA-256 of the worker's binary, as hexadecimal digits. A binary that differs does not do the task.
	Binary string `json:"binary_sha256,omitempty"`
	// Settings say how to connect.
	Settings awsconn.Settings `json:"settings"`
	// Journal is the S3 URI below which the segments' records are, in the Region of Settings.
	Journal string `json:"journal"`
}

// objectsHash is the hash of what the source in S3 holds, empty for another source.
func objectsHash(source *store.S3Source) string {
	if source == nil {
		return ""
	}
	sum := sha256.Sum256(source.Definition())
	return hex.EncodeToString(sum[:])
}

// checkObjects says that the source is not what the run began with.
func checkObjects(s *job.Share, source *store.S3Source) error {
	if s == nil || s.Objects == objectsHash(source) {
		return nil
	}
	return &problem.Problem{
		Summary: "Object Replaced", Attribute: "source.s3", Cause: "The objects at the source are not those that were there when the job was started.",
		Next: "Apply again when nothing writes to this place any more.",
	}
}

// checkShareTables says that the tables are not those of the run: somebody has made one of the same name while the job ran.
func checkShareTables(s *job.Share, m movement) *problem.Problem {
	switch {
	case s == nil:
		return nil
	case s.Reads != m.reads.Identity().String():
		return (&tables.ReplacedError{Table: m.reads, Attribute: job.SourceTable, Was: s.Reads, Is: m.reads.Identity().String()}).Problem()
	case s.Writes != m.writes.Identity().String():
		return (&tables.ReplacedError{Table: m.writes, Attribute: m.attribute, Was: s.Writes, Is: m.writes.Identity().String()}).Problem()
	}
	return nil
}

// SegmentResult is what one task has done, with what earlier attempts at it did.
type SegmentResult struct {
	Segment   int         `json:"segment"`
	Attempt   int         `json:"attempt"`
	Ledger    flow.Ledger `json:"ledger"`
	Throttled int64       `json:"throttled"`
}

// doTask does the task. A segment that an earlier attempt has completed is not done again. Why it failed is put into the
// journal, for whoever waits for the whole run.
func doTask(ctx context.Context, e *tables.Env, task Task, observer attempt.Observer) (*SegmentResult, error) {
	result, err := workOn(ctx, e, task, observer)
	if err != nil {
		return nil, errors.Join(err, saveFailure(ctx, e, task, err))
	}
	return &SegmentResult{Segment: task.Segment, Attempt: task.Attempt, Ledger: result.Ledger, Throttled: result.Throttled}, nil
}

func workOn(ctx context.Context, e *tables.Env, task Task, observer attempt.Observer) (*run.Result, error) {
	if task.Version != e.UserAgent {
		return nil, otherVersion(task.Version, e.UserAgent)
	}
	if why := task.foreign(); why != "" {
		return nil, &problem.Problem{
			Summary: "Task Refused", Attribute: "emr", Cause: "The task is not one that a provider has written: " + why + ".",
			Next: "Find out what else can write to emr.s3_uri, then apply again.",
		}
	}
	share := &job.Share{
		Number:   task.Segment,
		Count:    task.Segments,
		Segments: task.Parts,
		AtOnce:   task.AtOnce,
		Run:      task.Run,
		Repeated: task.Repeated,
		Reads:    task.Reads,
		Writes:   task.Writes,
		Objects:  task.Objects,
		Export:   task.Export,
		Capacity: task.WriteCapacity,
	}
	switch {
	case task.Copy != nil:
		return copyShare(ctx, e, *task.Copy, share, observer)
	case task.Purge != nil:
		return purgeShare(ctx, e, *task.Purge, share, observer)
	}
	return nil, errNoJob
}

// otherVersion says that provider and worker are not of one version, and may mean different things by the same task.
func otherVersion(provider, worker string) *problem.Problem {
	return &problem.Problem{
		Summary: "Worker Binary Of Another Version", Attribute: "emr.worker_binary",
		Cause: fmt.Sprintf("The provider is %s, and the binary that the tasks run is %s.", provider, worker),
		Next:  "Set emr.worker_binary to the binary of the provider's own release, then apply again.",
	}
}

var errNoJob = errors.New("the task holds no job")
