// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package cluster

import (
	"context"
	"errors"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Failure is the journal's record of why a task, or the whole job, failed.
type Failure struct {
	// Segment is the number of the task, or wholeJob.
	Segment, Attempt int
	// Cancelled reports whether the task was stopped from outside, which is never the cause of a job's failure.
	Cancelled bool
	Problem   *problem.Problem
}

const wholeJob = -1

func (f Failure) name() string {
	if f.Segment == wholeJob {
		return journal.JobFailureName()
	}
	return journal.FailureName(f.Segment)
}

// weight orders failures by how well they explain the job's failure: first a task that used up its attempts, then what
// Spark says about the job, such as that a machine ran out of memory, then the task with the most attempts.
func (f Failure) weight() int {
	const last = 2*(spark.MaxFailures-1) + 1
	weight := 2 * f.Attempt
	if !f.Cancelled {
		weight++
	}
	switch {
	case f.Segment == wholeJob:
		return last - 1
	case weight == last:
		return last
	}
	return min(weight, last-2)
}

// SaveFailure records why a task failed, even if the task was cancelled.
func SaveFailure(ctx context.Context, e *tables.Env, task Task, err error) error {
	if errors.Is(err, journal.ErrTaken) {
		return nil // The process that has the segment now records what becomes of it.
	}
	failure := Failure{Segment: task.Number, Attempt: task.Attempt, Cancelled: ctx.Err() != nil}
	if !errors.As(err, &failure.Problem) {
		failure.Problem = &problem.Problem{Summary: "Task Failed", Err: err}
	}
	return keepFailure(ctx, e, failure)
}

// SaveJobFailure records why the whole job failed, as Spark reports it.
func SaveJobFailure(ctx context.Context, e *tables.Env, reason string) error {
	return keepFailure(ctx, e, Failure{Segment: wholeJob, Problem: &problem.Problem{
		Summary: "Spark Job Failed", Attribute: "emr", Cause: "Spark says: " + strings.TrimSpace(reason),
		Next: "Look into the job's logs, then apply again.",
	}})
}

func keepFailure(ctx context.Context, e *tables.Env, failure Failure) error {
	ctx = context.WithoutCancel(ctx)
	record, err := e.Journal.Open(ctx, failure.name())
	if err != nil {
		return err
	}
	return errors.Join(record.Save(ctx, failure), record.Close())
}
