// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// spark has a Spark job on Amazon EMR do what scan does. This machine verifies.
type spark struct{ scan }

func (spark) run(ctx context.Context, e *tables.Env, r *plan, observer attempt.Observer) (*run.Result, error) {
	move := func(ctx context.Context, e *tables.Env, observer attempt.Observer) (*run.Result, error) {
		return r.move(
			ctx,
			e,
			observer,
			func(ctx context.Context, e *tables.Env, m run.Movement, observer attempt.Observer) (*run.Result, error) {
				return cluster.Do(ctx, e, m, r.spread(), observer)
			},
		)
	}
	if r.creation != nil {
		return r.copyToNew(ctx, e, observer, move)
	}
	return move(ctx, e, observer)
}

// spread says what the tasks do: each scans its share.
func (r *plan) spread() *cluster.Spread {
	return &cluster.Spread{
		Config: job.SparkConfig(r.Job.EMR, r.Job.Throughput), Throughput: r.Job.Throughput,
		Task: func(share job.Throughput) cluster.Task {
			j := r.Job
			j.Method, j.Verify, j.Throughput, j.Triggers = job.MethodScan, job.VerifyNone, share, nil
			j.Destination.Create, j.Destination.KMSKeyARN = "", "" // The table is there when the job is started.
			return cluster.Task{Copy: &j, Objects: objectsHash(r.Objects)}
		},
	}
}

// segments returns how many segments the source is read in, or how many tasks it is spread over.
func (r *plan) segments() int {
	switch {
	case r.Share != nil:
		return r.Share.Segments
	case r.Job.Distributed():
		return cmp.Or(r.Job.Throughput.Segments, r.taskSegments(job.SparkConfig(r.Job.EMR, r.Job.Throughput).Tasks()))
	}
	return cmp.Or(r.Job.Throughput.Segments, r.SourceSegments())
}

// taskSegments is the same for a copy, whose source in S3 is divided by its objects.
func (r *plan) taskSegments(tasks int) int {
	switch {
	case r.Source != nil:
		return cluster.TasksOf(r.Source, tasks)
	case r.Objects != nil:
		return max(1, min(r.Objects.Objects(), cluster.SegmentsPerTask*tasks))
	}
	return 1
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
		Summary: "Object Replaced", Attribute: "source.s3", Cause: "The objects at the source are not those that were " +
			"there when the job was started.",
		Next: "Apply again when nothing writes to this place any more.",
	}
}
