// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablepurge

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// plan is a purge that is ready to run.
type plan struct {
	job job.Purge
	// share is the share of the table that a task purges; nil for the whole table.
	share *job.Share
	// table is nil if it is not known yet, or if an interrupted recreate has dropped it.
	table  *tables.Table
	limits tables.Limits
	// choice is the method and the reason for it.
	choice job.Choice
	method method
	// recreation is the planned recreate, nil for another method.
	recreation *recreate.Plan
	// unfinished is a recreate that has dropped the table and has to be finished first; nil if there is none. resumes
	// reports whether an earlier attempt at this purge began it.
	unfinished *recreate.Plan
	resumes    bool
	// interrupted is a recreate of this table that was interrupted before the drop, nil if there is none.
	interrupted *recreate.Interrupted
}

// prepare opens the table and finds what is wrong.
func prepare(ctx context.Context, e *tables.Env, j job.Purge, share *job.Share) (*plan, problem.List) {
	var found problem.List
	r := &plan{job: j, choice: j.Choose(), share: share}
	found.Add(j.CheckDistributed()...)
	inFilter := tables.CheckFilter(j.Filter)
	found.Add(inFilter...)
	if j.Filter != nil && len(inFilter) == 0 {
		found.Add(j.CheckRecheck())
	}
	found.Add(j.Refuse()...)
	found.Add(r.refuseReplicas())
	if j.Table != "" {
		if p := tables.CheckProtected(e, j.Ref()); p != nil {
			found.Add(p)
		} else {
			r.open(ctx, e, &found)
		}
	}
	if r.method = methods[r.choice.Method]; r.method == nil {
		found.Add(job.UnknownMethod(r.choice.Method))
		return r, found
	}
	if r.table != nil && j.Filter != nil && len(inFilter) == 0 {
		found.Add(tables.Probe(ctx, r.table, j.Scan()))
	}
	switch {
	case r.unfinished != nil:
		found.Add(checkSafetyLater(j, r.unfinished))
	case r.table != nil:
		found.Add(r.method.check(ctx, r))
	}
	limits, wrong := tables.LimitsOf(j.Throughput, r.table, "", r.table)
	r.limits = limits
	found.Add(wrong...)
	if found.FirstError() == nil {
		found.Add(r.dropWarning())
	}
	return r, found
}

// open opens the table, and finds out whether to recreate it.
func (r *plan) open(ctx context.Context, e *tables.Env, found *problem.List) {
	if r.share != nil { // The machine that has the whole run has looked at the rest.
		opened, p := tables.Open(ctx, e, r.job.Ref())
		found.Add(p)
		r.table = opened
		return
	}
	unfinished, p := recreate.Unfinished(ctx, e, r.job.Ref())
	if p != nil {
		found.Add(p)
		return
	}
	if unfinished != nil && unfinished.Dropped() {
		r.openUnfinished(ctx, e, unfinished, found) // The table may be there or not.
		return
	}
	opened, p := tables.Open(ctx, e, r.job.Ref())
	found.Add(p)
	if r.table = opened; opened == nil {
		return
	}
	if unfinished != nil && unfinished.Snapshot.Table.ID == settings.IdentityOf(opened.Description).ID {
		found.Add(recreate.UnfinishedWarning(opened.About("table", ""), unfinished.State))
		r.interrupted = unfinished
	}
	switch {
	case r.job.Filtered():
	case r.job.Recreates():
		r.recreation = recreate.PlanPurge(ctx, e, r.job, opened, unfinished, found)
	case r.job.ChoosesItself():
		var why string
		if r.recreation, why = recreate.MayPurge(ctx, e, r.job, opened, unfinished, found); r.recreation == nil {
			r.choice.Reason += "; the table is not recreated since " + why
			return
		}
		r.choice = job.Recreating("recreate takes the same few requests however large the table is, and nothing speaks " +
			"against it")
	}
}

// intent returns what the purge is about to do.
func (r *plan) intent(ctx context.Context) (records.Intent, error) {
	if r.table == nil {
		return records.Intent{}, nil
	}
	name, err := r.method.record(ctx, r)
	return records.Intent{
		Writes: records.UseOf(r.table, "table"),
		// A recreated table is another table, in which no run resumes.
		Change: &records.Change{Table: r.table, Adds: r.recreation != nil},
		Own:    []string{name},
	}, err
}
