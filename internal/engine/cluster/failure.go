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

// Failure is what the journal keeps of a task that failed, or of the whole job.
type Failure struct {
	// Segment is wholeJob for the job.
	Segment, Attempt int
	// Cancelled reports whether the task was stopped from outside, which is never the reason why a job failed.
	Cancelled bool
	Problem   *problem.Problem
}

// wholeJob is the segment of a failure that is that of the job.
const wholeJob = -1

func (f Failure) name() string {
	if f.Segment == wholeJob {
		return journal.JobFailureName()
	}
	return journal.FailureName(f.Segment)
}

// weight orders failures by how much they say of why the job failed: a task that failed for the last time, then what
// Spark says of the job, such as that a machine's memory was not enough, then what was tried most often.
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

// SaveFailure puts the reason of a task's failure into the journal, also when the task has been cancelled.
func SaveFailure(ctx context.Context, e *tables.Env, task Task, err error) error {
	if errors.Is(err, journal.ErrTaken) {
		return nil // Whoever has the segment now says what becomes of it.
	}
	failure := Failure{Segment: task.Number, Attempt: task.Attempt, Cancelled: ctx.Err() != nil}
	if !errors.As(err, &failure.Problem) {
		failure.Problem = &problem.Problem{Summary: "Task Failed", Err: err}
	}
	return keepFailure(ctx, e, failure)
}

// SaveJobFailure puts into the journal why the whole job has failed, by what Spark says of it.
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
