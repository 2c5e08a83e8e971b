// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"fmt"
	"regexp"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
)

// SparkJob is the journal's record of a run's Spark job.
type SparkJob struct {
	// Attempt counts the jobs of the run, including this one.
	Attempt int
	// Launcher and S3URI come from the configuration that the job was started with. Arguments is a hash of all of it. They
	// are compared with the configuration, and never used in its place.
	Launcher, S3URI, Arguments string
	// Digest is the SHA-256 of the job's description in S3. The job compares it.
	Digest string
	Handle spark.Handle
	// Open reports whether the job has started, or is about to, and has not been seen to end. Cancelling reports whether
	// an interrupted apply has cancelled it.
	Open, Cancelling bool
}

// Token returns the job's idempotency token, which is also its name.
func (j SparkJob) Token(run string) string { return fmt.Sprintf("dynamoops-%s-%d", run, j.Attempt) }

// Foreign returns what no run can have written about its Spark job, empty if there is nothing.
func (j *SparkJob) Foreign() (why string) {
	id := func(text string) bool { return text == "" || awsID.MatchString(text) }
	if j.Digest != "" && !hexDigest.MatchString(j.Digest) {
		return "the digest of its Spark job is none"
	}
	if j.Attempt < 1 || j.Attempt > mostAttempts || !id(j.Handle.ID) || !id(j.Handle.Application) {
		return "its Spark job is not one that a run has started"
	}
	return ""
}

// foreignJob returns what no run with that record can have written about its Spark job, empty if there is nothing.
func (r *Run) foreignJob(name string) (why string) {
	if !journal.IsID(r.ID, name) {
		return "its id is not one of its run"
	}
	return r.Job.Foreign()
}

// mostAttempts bounds the Spark jobs that a run may have had.
const mostAttempts = 1_000_000

var hexDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// awsID are the ids that EMR and Data Pipeline give.
var awsID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,127}$`)
