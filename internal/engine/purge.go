// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// MethodDeleteItems purges with Scan and BatchWriteItem, or DeleteItem where the filter is checked again; MethodRecreate
// drops and recreates the table.
const (
	MethodDeleteItems = "delete_items"
	MethodRecreate    = "recreate"
)

// PurgeJob empties a table, wholly or of the items that pass a filter.
type PurgeJob struct {
	// Table is a name or an ARN; empty when it is not known yet, which CheckPurge lets pass.
	Table string
	Side  awsconn.Side
	// Method is MethodAuto, also when empty, MethodDeleteItems, MethodRecreate or MethodEMR.
	Method string
	// EMR says how MethodEMR runs. Nil is not known yet, which CheckPurge lets pass.
	EMR *spark.Config `json:"-"`
	// Allow are the things over which a recreate is not to be refused, such as "stream".
	Allow []string
	// BackupBefore makes an on-demand backup first; RequirePITR refuses a table without point-in-time recovery.
	BackupBefore, RequirePITR bool
	// Filter chooses the items to delete; nil means all of them.
	Filter *filter.Filter
	// FilterLater says that there is a filter which is not known yet, and MethodLater that the method, or what decides it, is not. CheckPurge
	// lets both pass; such a job must not be run.
	FilterLater, MethodLater bool `json:"-"`
	// RecheckFilter makes each delete conditional on the filter still holding.
	RecheckFilter bool
	Throughput    Throughput
	// Triggers distinguish a run from another one of the same definition.
	Triggers map[string]string
}

// scan is what the job reads. The read is strongly consistent: an item written just before would
// otherwise be missed, and next to the deletes the units are few.
func (job PurgeJob) scan() store.Scan {
	return store.Scan{ConsistentRead: true, Filter: job.Filter, KeysOnly: true}
}

// readyPurge is a purge whose table has been looked at.
type readyPurge struct {
	// share is the share of the table that is purged, nil for all of it.
	share *segment
	// table is nil for one that is not known yet, or that an interrupted recreate has dropped.
	table  *table
	limits limits
	choice choice
	// recreation is what a recreate begins with, nil for another method.
	recreation *recreation
	// unfinished is a recreate that has dropped the table, and is finished first; nil if there is none. resumes reports whether an
	// earlier attempt at the purge has begun it.
	unfinished *recreation
	resumes    bool
	// interrupted is a recreate of this very table that did not come to the drop, nil if there is none.
	interrupted *interrupted
}

// CheckPurge finds what is wrong with the job, and remarks on it, without changing anything.
func (e *Engine) CheckPurge(ctx context.Context, job PurgeJob) []*problem.Problem {
	ready, problems := e.preparePurge(ctx, job, nil)
	if problems.FirstError() != nil {
		return announcePassing(problems)
	}
	intent, err := ready.intent(ctx, job)
	if err != nil {
		return append(problems, requestProblem(ctx, err))
	}
	return append(problems, e.remarkOnOthers(ctx, intent)...)
}

func (e *Engine) preparePurge(ctx context.Context, job PurgeJob, share *segment) (*readyPurge, problem.List) {
	var found problem.List
	ready := &readyPurge{choice: job.choose(), share: share}
	found.Add(job.checkDistributed()...)
	inFilter := checkFilter(job.Filter)
	found.Add(inFilter...)
	if job.Filter != nil && len(inFilter) == 0 {
		found.Add(job.checkRecheck())
	}
	if job.filtered() && job.Method == MethodRecreate {
		found.Add(filterNeedsItems())
	}
	if slices.Contains(job.Allow, recreate.AllowReplicas) {
		found.Add(replicasStay())
	}
	if job.Table != "" {
		if p := e.protected(job.reference()); p != nil {
			found.Add(p)
		} else {
			e.openPurge(ctx, job, ready, &found)
		}
	}
	if ready.table != nil && job.Filter != nil && len(inFilter) == 0 {
		found.Add(probe(ctx, ready.table, job.scan()))
	}
	switch {
	case ready.unfinished != nil:
		found.Add(job.checkSafetyLater(ready.unfinished))
	case ready.table != nil && ready.choice.method != MethodRecreate:
		found.Add(job.checkSafety(ctx, ready.table))
	}
	limits, problems := job.Throughput.limits(ready.table, "", ready.table)
	ready.limits = limits
	found.Add(problems...)
	if found.FirstError() == nil {
		found.Add(job.dropRemark(ready))
	}
	return ready, found
}

// filtered says that the job deletes some items and leaves others, which a recreate cannot.
func (job PurgeJob) filtered() bool { return job.Filter != nil || job.FilterLater }

func (job PurgeJob) reference() reference { return reference{job.Table, job.Side, "", "table"} }

// openPurge looks at the table, and finds out whether to recreate it.
func (e *Engine) openPurge(ctx context.Context, job PurgeJob, ready *readyPurge, found *problem.List) {
	if ready.share != nil { // Whoever has the whole run has looked at the rest.
		opened, p := e.open(ctx, job.reference())
		found.Add(p)
		ready.table = opened
		return
	}
	unfinished, p := e.unfinishedRecreate(ctx, job.reference())
	if p != nil {
		found.Add(p)
		return
	}
	if unfinished != nil && unfinished.Dropped() {
		e.openUnfinished(ctx, job, unfinished, ready, found) // The table may be there or not.
		return
	}
	opened, p := e.open(ctx, job.reference())
	found.Add(p)
	ready.table = opened
	if ready.table == nil {
		return
	}
	if unfinished != nil && unfinished.Snapshot.Table.ID == settings.IdentityOf(ready.table.Description).ID {
		found.Add(unfinishedRemark(ready.table.about("table", ""), unfinished.State))
		ready.interrupted = unfinished
	}
	if job.filtered() {
		return
	}
	switch job.Method {
	case MethodRecreate:
		ready.recreation = e.planRecreate(ctx, job, ready.table, unfinished, found)
	case MethodDeleteItems, MethodEMR:
	default:
		var why string
		if ready.recreation, why = e.mayRecreate(ctx, job, ready.table, unfinished, found); ready.recreation != nil {
			ready.choice = choice{MethodRecreate, "recreate takes the same few requests however large the table is, and nothing speaks against it"}
		} else {
			ready.choice.reason += "; the table is not recreated since " + why
		}
	}
}

// Purge runs the job. What CheckPurge finds is an error here too. If ctx ends, or the run fails, what was deleted stays deleted and the
// progress stays in the journal. The next call with the same job resumes there within GoOnWithin, if the table is still the same one.
// A recreate that has dropped the table continues for up to two minutes to create it, and its record has no age limit.
func (e *Engine) Purge(ctx context.Context, job PurgeJob, observer Observer) (*Result, error) {
	return e.purgeShare(ctx, job, nil, observer)
}

// purgeShare runs the job, or its share of a table that is spread over machines.
func (e *Engine) purgeShare(ctx context.Context, job PurgeJob, share *segment, observer Observer) (*Result, error) {
	ready, err := e.preparedPurge(ctx, job, share, observer)
	if err != nil {
		return nil, err
	}
	if ready.unfinished != nil {
		return e.finishAndPurge(ctx, job, ready, observer)
	}
	return e.purgeReady(ctx, job, ready, observer)
}

// preparedPurge is preparePurge for a job that is run.
func (e *Engine) preparedPurge(ctx context.Context, job PurgeJob, share *segment, observer Observer) (*readyPurge, error) {
	return prepared(ctx, e, observer, func() (*readyPurge, problem.List) { return e.preparePurge(ctx, job, share) })
}

// purgeReady purges the table by the method chosen.
func (e *Engine) purgeReady(ctx context.Context, job PurgeJob, ready *readyPurge, observer Observer) (*Result, error) {
	result, err := e.purge(ctx, job, ready, observer)
	if err != nil {
		return nil, err
	}
	result.Method, result.MethodReason = ready.choice.method, ready.choice.reason
	return result, nil
}

func (e *Engine) purge(ctx context.Context, job PurgeJob, ready *readyPurge, observer Observer) (*Result, error) {
	if ready.recreation != nil {
		return e.recreate(ctx, job, ready.recreation, observer)
	}
	if ready.interrupted != nil {
		if err := e.giveBack(ctx, job.reference(), ready.interrupted.State); err != nil {
			return nil, err
		}
	}
	opened := ready.table
	scan := job.scan()
	scan.PageUnits = ready.limits.read // A second's worth.
	source, err := opened.NewScan(ctx, scan)
	if err != nil {
		return nil, err
	}
	sink, workers, err := job.sink(ctx, opened)
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	result, err := e.run(ctx, movement{
		kind: kindPurge, to: job.Table, source: ready.share.of(source), sink: sink, parts: job.parts(opened, ready.share), writers: job.Throughput.crew(workers), limits: ready.limits,
		estimate: value(opened.Description.ItemCount),
		writes:   opened, attribute: "table", triggers: job.Triggers, advice: job.itemAdvice(),
		// With a filter, what it leaves out would be read and paid for again.
		anew: job.Filter == nil, segment: ready.share, spread: job.spread(),
	}, observer)
	if err != nil {
		return nil, err
	}
	// An item that no longer passed the filter when its turn came was, in the end, filtered out.
	result.Ledger.Scanned -= result.Ledger.Skipped
	result.Ledger.Filtered += result.Ledger.Skipped
	result.Ledger.Skipped = 0
	result.TableID, result.StreamARN = value(opened.Description.TableId), value(opened.Description.LatestStreamArn)
	result.NewTableID, result.NewStreamARN = result.TableID, result.StreamARN
	return result, nil
}

// choose says how the job is done, as far as the job itself tells.
func (job PurgeJob) choose() choice {
	switch {
	case job.Method == MethodRecreate:
		return choice{MethodRecreate, "recreate is the method asked for"}
	case job.Method == MethodDeleteItems, job.Method == MethodEMR:
		return choice{job.Method, job.Method + " is the method asked for"}
	case job.filtered():
		return choice{MethodDeleteItems, "a filter chooses items, and only delete_items deletes some and leaves others"}
	}
	return choice{MethodDeleteItems, "delete_items deletes item by item and leaves the table and its settings as they are"}
}

// spread says how the job is spread over machines, nil for this one alone.
func (job PurgeJob) spread() *distribution {
	if job.Method != MethodEMR {
		return nil
	}
	return &distribution{config: sparkConfig(job.EMR, job.Throughput), throughput: job.Throughput, task: func(share Throughput) Task {
		job.Method, job.RequirePITR, job.Throughput, job.Triggers = MethodDeleteItems, false, share, nil
		return Task{Purge: &job}
	}}
}

// parts is how many parts the table is read in, or spread over machines.
func (job PurgeJob) parts(t *table, share *segment) int {
	switch {
	case share != nil:
		return share.size
	case job.Method == MethodEMR:
		return cmp.Or(job.Throughput.Segments, t.taskSegments(sparkConfig(job.EMR, job.Throughput).Tasks()))
	}
	return cmp.Or(job.Throughput.Segments, t.segments())
}

// rechecks says that each delete is conditional on the filter still holding.
func (job PurgeJob) rechecks() bool { return job.Filter != nil && job.RecheckFilter }

// checkRecheck looks at the filter as it is sent with each delete, where it has more to say than in a Scan.
func (job PurgeJob) checkRecheck() *problem.Problem {
	if !job.rechecks() {
		return nil
	}
	sent := store.DeleteCondition(job.Filter, "")
	bytes, operators := len(sent.Expression), sent.Operators()
	added, more := bytes-len(job.Filter.Expression), operators-job.Filter.Operators()
	p := &problem.Problem{Summary: "Filter Cannot Be Rechecked", Attribute: "filter.expression"}
	switch {
	case bytes > filter.MaxBytes:
		p.Cause = fmt.Sprintf("With recheck_filter each delete is sent on condition that the item is there and the filter holds for it, which makes the expression %d bytes long. DynamoDB takes at most %d.", bytes, filter.MaxBytes)
		p.Next = fmt.Sprintf("Shorten the expression to %d bytes, for example with shorter placeholders", filter.MaxBytes-added)
	case operators > filter.MaxOperators:
		p.Cause = fmt.Sprintf("With recheck_filter each delete is sent on condition that the item is there and the filter holds for it, which takes %d operators and functions. DynamoDB takes at most %d.", operators, filter.MaxOperators)
		p.Next = fmt.Sprintf("Use %d operators and functions at most, for example IN in place of many comparisons", filter.MaxOperators-more)
	default:
		return nil
	}
	p.Next += "; or set recheck_filter = false, if an item that no longer passes the filter when its turn comes may be deleted too."
	return p
}

// sink returns what deletes the items, and by how many requests at once.
func (job PurgeJob) sink(ctx context.Context, t *table) (store.Sink, crew, error) {
	if job.rechecks() {
		sink, err := t.NewConditionalDeletes(ctx, job.Filter)
		return sink, conditionalWriters, err
	}
	sink, err := t.NewDeletes()
	return sink, writers, err
}
