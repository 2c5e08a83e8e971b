// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

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

// doTask does the task. A segment that an earlier attempt has completed is not done again. Why it failed is put into the
// journal, for whoever waits for the whole run.
func doTask(ctx context.Context, e *tables.Env, task cluster.Task, observer attempt.Observer) (*cluster.TaskResult, error) {
	result, err := workOn(ctx, e, task, observer)
	if err != nil {
		return nil, errors.Join(err, cluster.SaveFailure(ctx, e, task, err))
	}
	return &cluster.TaskResult{Segment: task.Segment, Attempt: task.Attempt, Ledger: result.Ledger, Throttled: result.Throttled}, nil
}

func workOn(ctx context.Context, e *tables.Env, task cluster.Task, observer attempt.Observer) (*run.Result, error) {
	if task.Version != e.UserAgent {
		return nil, cluster.OtherVersion(task.Version, e.UserAgent)
	}
	if why := task.Foreign(); why != "" {
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
	return nil, cluster.ErrNoJob
}
