// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
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
	// Config is what the job was started with. Its prefix in S3 is that of the whole run: what is done is written down there.
	Config spark.Config
	Handle spark.Handle
	// Open says that the job has been, or is about to be, started and that its end has not been seen. Cancelling says that an
	// interrupted apply has cancelled it.
	Open, Cancelling bool
}

// token is the job's idempotency token and its name.
func (j SparkJob) token(run string) string { return fmt.Sprintf("dynamoops-%s-%d", run, j.Attempt) }

// config is what the run's next job is started with, or what it has been started with while it may run.
func (j *SparkJob) config(given spark.Config) spark.Config {
	switch {
	case j == nil:
		return given
	case j.Open:
		return j.Config
	}
	given.S3URI = j.Config.S3URI
	return given
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
	launcher, err := e.launcher(ctx, other.Job.Config.Launcher)
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
