// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// readyPurge is a purge whose table has been looked at.
type readyPurge struct {
	// share is the share of the table that is purged, nil for all of it.
	share *job.Share
	// table is nil for one that is not known yet, or that an interrupted recreate has dropped.
	table  *tables.Table
	limits tables.Limits
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

// checkPurge finds what is wrong with the job, and remarks on it, without changing anything.
func checkPurge(ctx context.Context, e *tables.Env, j job.Purge) []*problem.Problem {
	ready, problems := preparePurge(ctx, e, j, nil)
	if problems.FirstError() != nil {
		return tables.AnnouncePassing(problems)
	}
	intent, err := ready.intent(ctx, j)
	if err != nil {
		return append(problems, tables.Explain(ctx, err))
	}
	return append(problems, records.WarnOfOthers(ctx, e, intent)...)
}

func preparePurge(ctx context.Context, e *tables.Env, j job.Purge, share *job.Share) (*readyPurge, problem.List) {
	var found problem.List
	ready := &readyPurge{choice: j.Choose(), share: share}
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
	if ready.table != nil && j.Filter != nil && len(inFilter) == 0 {
		found.Add(tables.Probe(ctx, ready.table, j.Scan()))
	}
	switch {
	case ready.unfinished != nil:
		found.Add(checkSafetyLater(j, ready.unfinished))
	case ready.table != nil && ready.choice.Method != job.MethodRecreate:
		found.Add(recreate.CheckSafety(ctx, j, ready.table))
	}
	limits, problems := tables.LimitsOf(j.Throughput, ready.table, "", ready.table)
	ready.limits = limits
	found.Add(problems...)
	if found.FirstError() == nil {
		found.Add(dropWarning(j, ready))
	}
	return ready, found
}

// openPurge looks at the table, and finds out whether to recreate it.
func openPurge(ctx context.Context, e *tables.Env, j job.Purge, ready *readyPurge, found *problem.List) {
	if ready.share != nil { // Whoever has the whole run has looked at the rest.
		opened, p := tables.Open(ctx, e, j.Ref())
		found.Add(p)
		ready.table = opened
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
	ready.table = opened
	if ready.table == nil {
		return
	}
	if unfinished != nil && unfinished.Snapshot.Table.ID == settings.IdentityOf(ready.table.Description).ID {
		found.Add(recreate.UnfinishedWarning(ready.table.About("table", ""), unfinished.State))
		ready.interrupted = unfinished
	}
	if j.Filtered() {
		return
	}
	switch j.Method {
	case job.MethodRecreate:
		ready.recreation = recreate.PlanPurge(ctx, e, j, ready.table, unfinished, found)
	case job.MethodDeleteItems, job.MethodEMR:
	default:
		var why string
		if ready.recreation, why = recreate.MayPurge(ctx, e, j, ready.table, unfinished, found); ready.recreation != nil {
			ready.choice = job.Choice{Method: job.MethodRecreate, Reason: "recreate takes the same few requests however large the table is, and nothing speaks against it"}
		} else {
			ready.choice.Reason += "; the table is not recreated since " + why
		}
	}
}

// runPurge runs the job. What CheckPurge finds is an error here too. If ctx ends, or the run fails, what was deleted stays deleted and the
// progress stays in the journal. The next call with the same job resumes there within GoOnWithin, if the table is still the same one.
// A recreate that has dropped the table continues for up to two minutes to create it, and its record has no age limit.
func runPurge(ctx context.Context, e *tables.Env, j job.Purge, observer attempt.Observer) (*run.Result, error) {
	return purgeShare(ctx, e, j, nil, observer)
}

// purgeShare runs the job, or its share of a table that is spread over machines.
func purgeShare(ctx context.Context, e *tables.Env, j job.Purge, share *job.Share, observer attempt.Observer) (*run.Result, error) {
	ready, err := preparedPurge(ctx, e, j, share, observer)
	if err != nil {
		return nil, err
	}
	if ready.unfinished != nil {
		return finishAndPurge(ctx, e, j, ready, observer)
	}
	return purgeReady(ctx, e, j, ready, observer)
}

// preparedPurge is preparePurge for a job that is run.
func preparedPurge(ctx context.Context, e *tables.Env, j job.Purge, share *job.Share, observer attempt.Observer) (*readyPurge, error) {
	return attempt.Prepare(ctx, e, observer, func() (*readyPurge, problem.List) { return preparePurge(ctx, e, j, share) })
}

// purgeReady purges the table by the method chosen.
func purgeReady(ctx context.Context, e *tables.Env, j job.Purge, ready *readyPurge, observer attempt.Observer) (*run.Result, error) {
	result, err := purgeBy(ctx, e, j, ready, observer)
	if err != nil {
		return nil, err
	}
	result.Method, result.MethodReason = ready.choice.Method, ready.choice.Reason
	return result, nil
}

func purgeBy(ctx context.Context, e *tables.Env, j job.Purge, ready *readyPurge, observer attempt.Observer) (*run.Result, error) {
	if ready.recreation != nil {
		return recreate.Run(ctx, e, j, ready.recreation, observer)
	}
	if ready.interrupted != nil {
		if err := recreate.Undo(ctx, e, j.Ref(), ready.interrupted.State); err != nil {
			return nil, err
		}
	}
	opened := ready.table
	scan := j.Scan()
	scan.PageUnits = ready.limits.Read // A second's worth.
	source, err := opened.NewScan(ctx, scan)
	if err != nil {
		return nil, err
	}
	sink, workers, err := purgeSink(ctx, j, opened)
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	m := run.Movement{
		Kind: attempt.KindPurge, To: j.Table, Source: ready.share.Of(source), Sink: sink, Parts: purgeSegments(j, opened, ready.share), Writers: j.Throughput.Pool(workers), Limits: ready.limits,
		Estimate: optional.Value(opened.Description.ItemCount),
		Writes:   opened, Attribute: "table", Triggers: j.Triggers, Advice: j.ItemAdvice(),
		// With a filter, what it leaves out would be read and paid for again.
		Anew: j.Filter == nil, Segment: ready.share,
	}
	var result *run.Result
	if spread := purgeSpread(j); spread != nil {
		result, err = cluster.Do(ctx, e, m, spread, observer)
	} else {
		result, err = run.Do(ctx, e, m, observer)
	}
	if err != nil {
		return nil, err
	}
	// An item that no longer passed the filter when its turn came was, in the end, filtered out.
	result.Ledger.Scanned -= result.Ledger.Skipped
	result.Ledger.Filtered += result.Ledger.Skipped
	result.Ledger.Skipped = 0
	result.TableID, result.StreamARN = optional.Value(opened.Description.TableId), optional.Value(opened.Description.LatestStreamArn)
	result.NewTableID, result.NewStreamARN = result.TableID, result.StreamARN
	return result, nil
}

// purgeSpread says how the job is spread over machines, nil for this one alone.
func purgeSpread(j job.Purge) *cluster.Spread {
	if j.Method != job.MethodEMR {
		return nil
	}
	return &cluster.Spread{Config: job.SparkConfig(j.EMR, j.Throughput), Throughput: j.Throughput, Task: func(share job.Throughput) cluster.Task {
		j.Method, j.RequirePITR, j.Throughput, j.Triggers = job.MethodDeleteItems, false, share, nil
		return cluster.Task{Purge: &j}
	}}
}

// purgeSegments is how many parts the table is read in, or spread over machines.
func purgeSegments(j job.Purge, t *tables.Table, share *job.Share) int {
	switch {
	case share != nil:
		return share.Segments
	case j.Method == job.MethodEMR:
		return cmp.Or(j.Throughput.Segments, cluster.TasksOf(t, job.SparkConfig(j.EMR, j.Throughput).Tasks()))
	}
	return cmp.Or(j.Throughput.Segments, t.Segments())
}

// purgeSink returns what deletes the items, and by how many requests at once.
func purgeSink(ctx context.Context, j job.Purge, t *tables.Table) (store.Sink, job.Pool, error) {
	if j.Rechecks() {
		sink, err := t.NewConditionalDeletes(ctx, j.Filter)
		return sink, conditionalWriters, err
	}
	sink, err := t.NewDeletes()
	return sink, writers, err
}
