// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// meetsUnfinished looks for a recreate of the table that was interrupted after the drop. It reports whether the copy
// must leave the table alone. p is why the table cannot be opened, nil if it can. The plan does not fail: the purge
// that finishes the recreate may be in the same apply as the copy.
func (r *plan) meetsUnfinished(
	ctx context.Context,
	e *tables.Env,
	table job.Ref,
	p *problem.Problem,
	found *problem.List,
) bool {
	if r.Share != nil || p != nil && !explain.Gone(p.Err) && !errors.Is(p.Err, store.ErrNotActive) {
		return false
	}
	unfinished, unknown := recreate.Unfinished(ctx, e, table)
	if unknown != nil || unfinished == nil || !unfinished.Dropped() {
		return false // Of a recreate that is not known to be one of this table, no copy has to know.
	}
	if p != nil {
		found.Add(r.waitFor(table, unfinished.State))
		return true
	}
	remark := recreate.UnfinishedWarning(table.Problem(table.Attribute, ""), unfinished.State)
	remark.Cause = "A recreate of this table was interrupted after it was created again: it has not all of its " +
		"settings yet."
	remark.Next = finishFirst
	found.Add(remark)
	return false
}

const finishFirst = "Apply the purge or the copy that has begun the recreate, which finishes it, or any purge of " +
	"the table. " +
	"Give this copy depends_on to run after it in the same apply."

// waitFor warns that the copy cannot run before the recreate is finished, and keeps it from running until then.
func (r *plan) waitFor(table job.Ref, unfinished *steps.State) *problem.Problem {
	r.unfinished = recreate.UnfinishedWarning(table.Problem(table.Attribute, ""), unfinished)
	r.unfinished.Next = finishFirst
	return r.unfinished
}

// refuseUnfinished is the error of a copy that runs while a recreate is unfinished, nil if there is none.
func (r *plan) refuseUnfinished() error {
	if r.unfinished == nil {
		return nil
	}
	p := *r.unfinished
	p.Warning = false
	return &p
}
