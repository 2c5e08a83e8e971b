// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tablecopy/ends"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Check finds what is wrong with the job, and warns of what it will do, without changing anything.
func Check(ctx context.Context, e *tables.Env, j job.Copy) []*problem.Problem {
	if _, err := e.Journal.Names(ctx); err != nil {
		return []*problem.Problem{attempt.Explain(ctx, err)}
	}
	ready, problems := prepare(ctx, e, j, plan{})
	return records.Announce(ctx, e, problems, ready.intent)
}

// Run runs the job. Whatever Check finds is an error here too. If ctx ends or the run fails, what was written stays,
// and so does the progress in the journal, except that of a copy to a file or to S3 by a Scan. Within ResumeWindow, the
// next call with the same job resumes there if the tables are still the same.
func Run(ctx context.Context, e *tables.Env, j job.Copy, observer attempt.Observer) (*run.Result, error) {
	return RunShare(ctx, e, j, nil, observer)
}

// RunShare runs the job, or a task's share of it. A nil share is the whole job.
func RunShare(
	ctx context.Context,
	e *tables.Env,
	j job.Copy,
	share *job.Share,
	observer attempt.Observer,
) (*run.Result, error) {
	ready, err := attempt.Prepare(
		ctx,
		e,
		observer,
		func() (*plan, problem.List) { return prepare(ctx, e, j, plan{Ends: ends.Ends{Share: share}}) },
	)
	if err != nil {
		return nil, err
	}
	if err := ready.refuseUnfinished(); err != nil {
		return nil, err
	}
	if err := ends.CheckObjects(share, ready.Objects); err != nil {
		return nil, err
	}
	return ready.method.run(ctx, e, ready, observer)
}
