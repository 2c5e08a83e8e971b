// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tablecopy"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tablepurge"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// doTask does the task. A segment that an earlier attempt has completed is not done again. Why it failed is put into
// the journal, where the process that waits for the whole run finds it.
func doTask(
	ctx context.Context,
	e *tables.Env,
	task cluster.Task,
	observer attempt.Observer,
) (*cluster.TaskResult, error) {
	result, err := workOn(ctx, e, task, observer)
	if err != nil {
		return nil, errors.Join(err, cluster.SaveFailure(ctx, e, task, err))
	}
	return &cluster.TaskResult{
		Number:    task.Number,
		Attempt:   task.Attempt,
		Ledger:    result.Ledger,
		Throttled: result.Throttled,
	}, nil
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
		Number:   task.Number,
		Count:    task.Tasks,
		Segments: task.ScanSegments,
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
		return tablecopy.RunShare(ctx, e, *task.Copy, share, observer)
	case task.Purge != nil:
		return tablepurge.RunShare(ctx, e, *task.Purge, share, observer)
	}
	return nil, cluster.ErrNoJob
}
