// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
)

// SparkJob is what the journal keeps of a run's Spark job.
type SparkJob struct {
	// Attempt counts the jobs that the run has had, this one included.
	Attempt int
	// Launcher and S3URI are those of the configuration that the job was started with, Arguments is a hash of all of it. They are compared
	// with the configuration, and never used in its place.
	Launcher, S3URI, Arguments string
	Handle                     spark.Handle
	// Open says that the job has been, or is about to be, started and that its end has not been seen. Cancelling says that an
	// interrupted apply has cancelled it.
	Open, Cancelling bool
}

// token is the job's idempotency token and its name.
func (j SparkJob) token(run string) string { return fmt.Sprintf("dynamoops-%s-%d", run, j.Attempt) }

// newJob is the record of a job that is about to be started.
func (d *distribution) newJob(attempt int) *SparkJob {
	return &SparkJob{Attempt: attempt, Launcher: d.config.Launcher, S3URI: d.config.S3URI, Arguments: d.arguments(), Open: true}
}

// arguments is a hash of what the service is asked for.
func (d *distribution) arguments() string {
	config := d.config
	config.WorkerBinary = ""
	text, err := json.Marshal(config)
	if err != nil {
		panic(err) // Texts and numbers have always a JSON form.
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// samePlace reports whether the configuration still has the place of the job, where what its segments have done is written down. A job
// that has not ended, or not been seen to start, can be found only with what it was started with: without, that is an error.
func (d *distribution) samePlace(job SparkJob) (bool, error) {
	same := job.S3URI == d.config.S3URI
	if !job.Open {
		return same, nil
	}
	same = same && job.Launcher == d.config.Launcher
	if job.Handle.Application != "" { // Either the application of the configuration, or one made for the job.
		same = same && job.Handle.Made == (d.config.ApplicationID == "") && (job.Handle.Made || job.Handle.Application == d.config.ApplicationID)
	}
	if same && (job.Handle.ID != "" || job.Arguments == d.arguments()) {
		return true, nil
	}
	p := &problem.Problem{
		Summary: "Spark Job Was Started With Other Arguments", Attribute: "emr",
		Cause: fmt.Sprintf("An earlier apply of this run has started, or was about to start, a Spark job with emr.launcher = %q and emr.s3_uri = %q. It may be running, and can be found only with the arguments that it was started with.",
			job.Launcher, job.S3URI),
		Next: "Set emr to what it was then and apply: that waits for the job, or ends it when you interrupt it. Then change emr.",
	}
	if same {
		p.Cause = "An earlier apply of this run was interrupted while it started a Spark job. Whether it has started can be found out only with the arguments of emr that it had then, and they have changed since."
	}
	return false, p
}

// jobRecord is what a record says about the Spark job of its run.
type jobRecord struct {
	ID, Kind, Reads, Writes string
	Job                     *SparkJob
}

// shared is the table that both use and one of them writes, with the argument that names it here; zero for none.
func (r jobRecord) shared(reads, writes settings.Identity, attribute string) (settings.Identity, string) {
	same := func(recorded string, table settings.Identity) bool {
		arn, _, _ := strings.Cut(recorded, "#")
		return arn != "" && arn == table.ARN
	}
	switch {
	case same(r.Writes, writes), same(r.Reads, writes):
		return writes, attribute
	case same(r.Writes, reads):
		return reads, sourceTable
	}
	return settings.Identity{}, ""
}

// checkJobs refuses to use tables that the Spark job of another run may be using: a Terraform that is killed leaves its job running,
// and no lock. The run's own job is in the record of the name given, which is empty if it does not go on with it.
func (e *Engine) checkJobs(ctx context.Context, reads, writes settings.Identity, attribute, own string) *problem.Problem {
	isOther := func(name string) bool {
		return name != own && (strings.HasPrefix(name, kindCopy+"-") || strings.HasPrefix(name, kindPurge+"-"))
	}
	for other, err := range entries[jobRecord](ctx, e.Journal, isOther) {
		if err != nil {
			return journalProblem(ctx, err)
		}
		if other.record.Job == nil || !other.record.Job.Open {
			continue
		}
		used, at := other.record.shared(reads, writes, attribute)
		if used.ARN == "" {
			continue
		}
		if why := other.record.foreign(other.name); why != "" {
			return e.refusedRecord(other.name, why)
		}
		if p := e.stillRuns(ctx, inUse(used, at), *other.record); p != nil {
			p.Next += fmt.Sprintf(" If there is no such job any more, delete the record %s from the journal %s.", other.name, e.Journal)
			return p
		}
	}
	return nil
}

// stillRuns completes the problem that the other run's job runs, or may run; nil if it does not.
func (e *Engine) stillRuns(ctx context.Context, p *problem.Problem, other jobRecord) *problem.Problem {
	p.Next = "Wait until that job has ended, or cancel it, then apply again. An apply of the other run, as it was, finds the job and waits for it."
	name := other.Job.token(other.ID)
	if other.Job.Handle.ID == "" {
		p.Cause = fmt.Sprintf("A %s of another run that uses this table may have started the Spark job %s: it was interrupted before AWS answered.", other.Kind, name)
		return p
	}
	launcher, err := e.launcher(ctx, other.Job.Launcher)
	if err != nil {
		return requestProblem(ctx, err)
	}
	p.Cause = fmt.Sprintf("The Spark job %s of another run, a %s that uses this table, is running: %s.", name, other.Kind, launcher.Logs(other.Job.Handle))
	switch status, err := launcher.Poll(ctx, other.Job.Handle); {
	case err != nil:
		p.Cause, p.Err = strings.Replace(p.Cause, "is running", "may be running", 1), err
	case status.State != spark.Running:
		return nil
	}
	return p
}
