// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablepurge

import (
	"context"
	"slices"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// intent is what the purge is about to do.
func (r *plan) intent(ctx context.Context, j job.Purge) (records.Intent, error) {
	if r.Table == nil {
		return records.Intent{}, nil
	}
	// A table that is recreated is another one, in which no run resumes.
	i := records.Intent{Writes: records.UseOf(r.Table, "table"), Change: &records.Change{Table: r.Table, Adds: r.recreation != nil}}
	source, err := r.Table.NewScan(ctx, j.Scan())
	if err != nil {
		return i, err
	}
	m := run.Movement{Kind: attempt.KindPurge, Source: source, Writes: r.Table, Attribute: "table", Triggers: j.Triggers, Spread: j.Method == job.MethodEMR, To: j.Table}
	i.Own = []string{m.Name()}
	if r.recreation != nil {
		i.Own = []string{records.RecreateName(r.Table.Identity())}
	}
	return i, source.Close()
}

// plan is a purge whose table has been looked at.
type plan struct {
	// share is the share of the table that is purged, nil for all of it.
	share *job.Share
	// Table is nil for one that is not known yet, or that an interrupted recreate has dropped.
	Table  *tables.Table
	Limits tables.Limits
	choice job.Choice
	// recreation is what a recreate begins with, nil for another method.
	recreation *recreate.Plan
	// unfinished is a recreate that has dropped the table, and is finished first; nil if there is none. resumes reports whether an
	// earlier attempt at the purge has begun it.
	unfinished *recreate.Plan
	resumes    bool
	// interrupted is a recreate of this very table that did not come to the drop, nil if there is none.
	interrupted *recreate.Interrupted
}

func prepare(ctx context.Context, e *tables.Env, j job.Purge, share *job.Share) (*plan, problem.List) {
	var found problem.List
	ready := &plan{choice: j.Choose(), share: share}
	found.Add(j.CheckDistributed()...)
	inFilter := tables.CheckFilter(j.Filter)
	found.Add(inFilter...)
	if j.Filter != nil && len(inFilter) == 0 {
		found.Add(j.CheckRecheck())
	}
	if j.Filtered() && j.Method == job.MethodRecreate {
		found.Add(filterNeedsItems())
	}
	if slices.Contains(j.Allow, steps.AllowReplicas) {
		found.Add(replicasStay())
	}
	if j.Table != "" {
		if p := tables.CheckProtected(e, j.Ref()); p != nil {
			found.Add(p)
		} else {
			openPurge(ctx, e, j, ready, &found)
		}
	}
	if ready.Table != nil && j.Filter != nil && len(inFilter) == 0 {
		found.Add(tables.Probe(ctx, ready.Table, j.Scan()))
	}
	switch {
	case ready.unfinished != nil:
		found.Add(checkSafetyLater(j, ready.unfinished))
	case ready.Table != nil && ready.choice.Method != job.MethodRecreate:
		found.Add(recreate.CheckSafety(ctx, j, ready.Table))
	}
	limits, problems := tables.LimitsOf(j.Throughput, ready.Table, "", ready.Table)
	ready.Limits = limits
	found.Add(problems...)
	if found.FirstError() == nil {
		found.Add(dropWarning(j, ready))
	}
	return ready, found
}

// openPurge looks at the table, and finds out whether to recreate it.
func openPurge(ctx context.Context, e *tables.Env, j job.Purge, ready *plan, found *problem.List) {
	if ready.share != nil { // Whoever has the whole run has looked at the rest.
		opened, p := tables.Open(ctx, e, j.Ref())
		found.Add(p)
		ready.Table = opened
		return
	}
	unfinished, p := recreate.Unfinished(ctx, e, j.Ref())
	if p != nil {
		found.Add(p)
		return
	}
	if unfinished != nil && unfinished.Dropped() {
		openUnfinished(ctx, e, j, unfinished, ready, found) // The table may be there or not.
		return
	}
	opened, p := tables.Open(ctx, e, j.Ref())
	found.Add(p)
	ready.Table = opened
	if ready.Table == nil {
		return
	}
	if unfinished != nil && unfinished.Snapshot.Table.ID == settings.IdentityOf(ready.Table.Description).ID {
		found.Add(recreate.UnfinishedWarning(ready.Table.About("table", ""), unfinished.State))
		ready.interrupted = unfinished
	}
	if j.Filtered() {
		return
	}
	switch j.Method {
	case job.MethodRecreate:
		ready.recreation = recreate.PlanPurge(ctx, e, j, ready.Table, unfinished, found)
	case job.MethodDeleteItems, job.MethodEMR:
	default:
		var why string
		if ready.recreation, why = recreate.MayPurge(ctx, e, j, ready.Table, unfinished, found); ready.recreation != nil {
			ready.choice = job.Choice{Method: job.MethodRecreate, Reason: "recreate takes the same few requests however large the table is, and nothing speaks against it"}
		} else {
			ready.choice.Reason += "; the table is not recreated since " + why
		}
	}
}
