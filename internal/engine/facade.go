// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/estimate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tablecopy"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tablepurge"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Connections makes the clients for one end of a run.
type Connections = tables.Connections

// Result is what a run did.
type Result = run.Result

// Observer is told how a run comes along, by a Status at intervals.
type (
	Observer = attempt.Observer
	Status   = attempt.Status
)

// Progress is what can be read of any record of the journal.
type Progress = attempt.Progress

// ResumeWindow is how old the progress may be from which a run resumes.
const ResumeWindow = attempt.ResumeWindow

// Counts puts a ledger into words. Done says what has been done to the items that count as written.
func Counts(ledger flow.Ledger, done string) string { return attempt.Counts(ledger, done) }

// TableSettings is a table with all of its settings.
type TableSettings = tables.Settings

// WithDeadline returns a context that ends after d, with the cause that a run reports as its time-out.
func WithDeadline(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return explain.WithDeadline(ctx, d)
}

// Engine runs jobs. It is safe for concurrent use.
type Engine tables.Env

func (e *Engine) env() *tables.Env { return (*tables.Env)(e) }

// CheckCopy finds what is wrong with the job, and warns of what it will do, without changing anything.
func (e *Engine) CheckCopy(ctx context.Context, j job.Copy) []*problem.Problem {
	return tablecopy.Check(ctx, e.env(), j)
}

// Copy runs the job. What CheckCopy finds is an error here too. If ctx ends, or the run fails, what was written stays
// and the progress stays in the journal, except that of a copy to a file or to S3 by a Scan. The next call with the
// same job resumes there within ResumeWindow, if the tables are still the same ones.
func (e *Engine) Copy(ctx context.Context, j job.Copy, observer Observer) (*Result, error) {
	return tablecopy.Run(ctx, e.env(), j, observer)
}

// EstimateCopy estimates the job. What CheckCopy finds is an error here too.
func (e *Engine) EstimateCopy(ctx context.Context, j job.Copy) (*estimate.Estimate, error) {
	return tablecopy.Estimate(ctx, e.env(), j)
}

// CheckPurge finds what is wrong with the job, and warns of what it will do, without changing anything.
func (e *Engine) CheckPurge(ctx context.Context, j job.Purge) []*problem.Problem {
	return tablepurge.Check(ctx, e.env(), j)
}

// Purge runs the job. What CheckPurge finds is an error here too. If ctx ends, or the run fails, what was deleted stays
// deleted and the progress stays in the journal. The next call with the same job resumes there within ResumeWindow, if
// the table is still the same one. A recreate that has dropped the table continues for up to two minutes to create it,
// and its record has no age limit.
func (e *Engine) Purge(ctx context.Context, j job.Purge, observer Observer) (*Result, error) {
	return tablepurge.Run(ctx, e.env(), j, observer)
}

// EstimatePurge estimates the job. What CheckPurge finds is an error here too.
func (e *Engine) EstimatePurge(ctx context.Context, j job.Purge) (*estimate.Estimate, error) {
	return tablepurge.Estimate(ctx, e.env(), j)
}

// CheckCredentials warns of credentials that cannot be renewed and may end before a run that takes so long. All its
// problems are warnings; what else is wrong with the job it leaves to CheckCopy and CheckPurge.
func (e *Engine) CheckCredentials(ctx context.Context, j job.Job, timeout time.Duration) []*problem.Problem {
	return tables.CheckCredentials(ctx, e.env(), j, timeout)
}

// TableSettings reads the settings of a table, given by its name or its ARN. It returns nil for a table that does not
// exist, or is being deleted. The error is a *problem.Problem.
func (e *Engine) TableSettings(ctx context.Context, table string, side awsconn.Connection) (*TableSettings, error) {
	return tables.ReadSettings(ctx, e.env(), table, side)
}

// Waiting warns that the table waits for its recreate to be finished. It returns nil for a table that does not, and
// where the journal does not tell.
func (e *Engine) Waiting(ctx context.Context, table string, side awsconn.Connection) *problem.Problem {
	return recreate.Waiting(ctx, e.env(), table, side)
}

// WaitingARN is Waiting for the table of that ARN, of which the journal alone is asked.
func (e *Engine) WaitingARN(ctx context.Context, arn string) *problem.Problem {
	return recreate.WaitingARN(ctx, e.env(), arn)
}

// Work does the task. A segment that an earlier attempt has completed is not done again. Why it failed is put into the
// journal, where the process that waits for the whole run finds it.
func (e *Engine) Work(ctx context.Context, task cluster.Task, observer Observer) (*cluster.TaskResult, error) {
	return doTask(ctx, e.env(), task, observer)
}

// SaveJobFailure puts into the journal why the whole Spark job has failed.
func (e *Engine) SaveJobFailure(ctx context.Context, reason string) error {
	return cluster.SaveJobFailure(ctx, e.env(), reason)
}
