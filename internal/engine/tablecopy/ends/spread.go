// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package ends

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// Spread returns what the tasks of a cluster do: each scans its share.
func (r *Ends) Spread() *cluster.Spread {
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

// Segments returns how many segments the source is read in, or how many shares it is divided into.
func (r *Ends) Segments() int {
	switch {
	case r.Share != nil:
		return r.Share.Segments
	case r.Job.Distributed():
		return cmp.Or(r.Job.Throughput.Segments, r.taskSegments(job.SparkConfig(r.Job.EMR, r.Job.Throughput).Tasks()))
	}
	return cmp.Or(r.Job.Throughput.Segments, r.SourceSegments())
}

// taskSegments returns how many shares the source is divided into. A source in S3 is divided by its objects.
func (r *Ends) taskSegments(tasks int) int {
	switch {
	case r.Source != nil:
		return cluster.TasksOf(r.Source, tasks)
	case r.Objects != nil:
		return max(1, min(r.Objects.Objects(), cluster.SegmentsPerTask*tasks))
	}
	return 1
}

// objectsHash returns a hash of what the source in S3 holds, empty for another source.
func objectsHash(source *store.S3Source) string {
	if source == nil {
		return ""
	}
	sum := sha256.Sum256(source.Definition())
	return hex.EncodeToString(sum[:])
}

// CheckObjects returns an error if the source in S3 has changed since the run began.
func CheckObjects(s *job.Share, source *store.S3Source) error {
	if s == nil || s.Objects == objectsHash(source) {
		return nil
	}
	return &problem.Problem{
		Summary: "Object Replaced", Attribute: "source.s3", Cause: "The objects at the source are not those that were " +
			"there when the job was started.",
		Next: "Apply again when nothing writes to this place any more.",
	}
}
