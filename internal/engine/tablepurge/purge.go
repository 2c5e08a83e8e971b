// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablepurge

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Check finds what is wrong with the job, and warns of what it will do, without changing anything.
func Check(ctx context.Context, e *tables.Env, j job.Purge) []*problem.Problem {
	ready, problems := prepare(ctx, e, j, nil)
	return records.Announce(ctx, e, problems, ready.intent)
}

// Run runs the job. Whatever Check finds is an error here too. If ctx ends or the run fails, what was deleted stays
// deleted, and the progress stays in the journal. Within ResumeWindow, the next call with the same job resumes there if
// the table is still the same. A recreate that has dropped the table goes on for up to two minutes to create it, and
// its record has no age limit.
func Run(ctx context.Context, e *tables.Env, j job.Purge, observer attempt.Observer) (*run.Result, error) {
	return RunShare(ctx, e, j, nil, observer)
}

// RunShare runs the job, or a task's share of it. A nil share is the whole job.
func RunShare(
	ctx context.Context,
	e *tables.Env,
	j job.Purge,
	share *job.Share,
	observer attempt.Observer,
) (*run.Result, error) {
	ready, err := prepared(ctx, e, j, share, observer)
	if err != nil {
		return nil, err
	}
	if ready.unfinished != nil {
		return ready.finishAndPurge(ctx, e, observer)
	}
	return ready.run(ctx, e, observer)
}

// prepared prepares a job that is about to run. It waits for a table that is being created.
func prepared(
	ctx context.Context,
	e *tables.Env,
	j job.Purge,
	share *job.Share,
	observer attempt.Observer,
) (*plan, error) {
	return attempt.Prepare(ctx, e, observer, func() (*plan, problem.List) { return prepare(ctx, e, j, share) })
}

// run purges the table by the method chosen.
func (r *plan) run(ctx context.Context, e *tables.Env, observer attempt.Observer) (*run.Result, error) {
	result, err := r.method.run(ctx, e, r, observer)
	if err != nil {
		return nil, err
	}
	result.Method, result.MethodReason = r.choice.Method, r.choice.Reason
	return result, nil
}
