// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// spread says how the job is spread over machines, nil for this one alone. There it is a scan, of each segment; this machine
// verifies.
func (r *plan) spread(j job.Copy) *cluster.Spread {
	if j.Method != job.MethodEMR {
		return nil
	}
	return &cluster.Spread{Config: job.SparkConfig(j.EMR, j.Throughput), Throughput: j.Throughput, Task: func(share job.Throughput) cluster.Task {
		j.Method, j.Verify, j.Throughput, j.Triggers = job.MethodScan, job.VerifyNone, share, nil
		j.Destination.Create, j.Destination.KMSKeyARN = "", "" // The table is there when the job is started.
		return cluster.Task{Copy: &j, Objects: objectsHash(r.objects)}
	}}
}

// partsOf is how many parts the job reads its source in, or spreads over machines.
func (r *plan) partsOf(j job.Copy) int {
	switch {
	case r.share != nil:
		return r.share.Segments
	case j.Method == job.MethodEMR:
		return cmp.Or(j.Throughput.Segments, r.taskSegments(job.SparkConfig(j.EMR, j.Throughput).Tasks()))
	}
	return cmp.Or(j.Throughput.Segments, r.parts())
}

// taskSegments is the same for a copy, whose source in S3 is divided by its objects.
func (r *plan) taskSegments(tasks int) int {
	switch {
	case r.source != nil:
		return cluster.TasksOf(r.source, tasks)
	case r.objects != nil:
		return max(1, min(r.objects.Objects(), cluster.SegmentsPerTask*tasks))
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
		Summary: "Object Replaced", Attribute: "source.s3", Cause: "The objects at the source are not those that were there when the job was started.",
		Next: "Apply again when nothing writes to this place any more.",
	}
}
