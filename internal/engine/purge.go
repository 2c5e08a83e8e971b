// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// MethodDeleteItems purges with Scan and BatchWriteItem, or DeleteItem where the filter is checked again.
const MethodDeleteItems = "delete_items"

// PurgeJob empties a table, wholly or of the items that pass a filter.
type PurgeJob struct {
	// Table is a name or an ARN; empty when it is not known yet, which CheckPurge lets pass.
	Table string
	Side  awsconn.Side
	// Method is MethodAuto, also when empty, or MethodDeleteItems.
	Method string
	// Filter chooses the items to delete; nil means all of them.
	Filter *filter.Filter
	// RecheckFilter makes each delete conditional on the filter still holding.
	RecheckFilter bool
	Throughput    Throughput
	// Triggers tell a run apart from another one of the same definition.
	Triggers map[string]string
}

// scan is what the job reads. The read is strongly consistent: an item written just before would
// otherwise be missed, and next to the deletes the units are few.
func (job PurgeJob) scan() store.Scan {
	return store.Scan{ConsistentRead: true, Filter: job.Filter, KeysOnly: true}
}

// CheckPurge finds what is wrong with the job without changing anything.
func (e *Engine) CheckPurge(ctx context.Context, job PurgeJob) []*problem.Problem {
	_, _, problems := e.preparePurge(ctx, job)
	return problems
}

func (e *Engine) preparePurge(ctx context.Context, job PurgeJob) (*table, limits, []*problem.Problem) {
	var found problems
	var opened *table
	r := reference{job.Table, job.Side, "", "table"}
	if job.Filter != nil {
		found.addFilter(job.Filter.Check())
	}
	if job.Table != "" {
		found.add(e.protected(r))
		opened = found.open(e.open(ctx, r))
	}
	if opened != nil && job.Filter != nil && !found.inFilter {
		found.add(probe(ctx, opened, job.scan()))
	}
	limits, problems := job.Throughput.limits(opened, "", opened)
	found.add(problems...)
	return opened, limits, found.all
}

// Purge runs the job. What CheckPurge finds is an error here too.
func (e *Engine) Purge(ctx context.Context, job PurgeJob, observer Observer) (*Result, error) {
	opened, limits, problems := e.preparePurge(ctx, job)
	if err := firstError(problems); err != nil {
		return nil, err
	}
	scan := job.scan()
	scan.PageUnits = limits.read // A second's worth.
	source, err := opened.NewScan(ctx, scan)
	if err != nil {
		return nil, err
	}
	sink, workers, err := job.sink(ctx, opened)
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	result, err := e.run(ctx, movement{
		kind: kindPurge, to: job.Table, source: source, sink: sink, parts: or(job.Throughput.Segments, opened.segments()), writers: job.Throughput.crew(workers), limits: limits,
		estimate: value(opened.Description.ItemCount),
		writes:   opened, attribute: "table", triggers: job.Triggers,
		// With a filter, what it leaves out would be read and paid for again.
		anew: job.Filter == nil,
	}, observer)
	if err != nil {
		return nil, err
	}
	// An item that no longer passed the filter when its turn came was, in the end, filtered out.
	result.Ledger.Scanned -= result.Ledger.Skipped
	result.Ledger.Filtered += result.Ledger.Skipped
	result.Ledger.Skipped = 0
	result.TableID = value(opened.Description.TableId)
	chosen := job.choose()
	result.Method, result.MethodReason = chosen.method, chosen.reason
	return result, nil
}

// choose says how the job is done.
func (job PurgeJob) choose() choice {
	if job.Method == MethodDeleteItems {
		return choice{MethodDeleteItems, "delete_items is the method asked for"}
	}
	return choice{MethodDeleteItems, "delete_items deletes item by item and leaves the table and its settings as they are"}
}

// rechecks says that each delete is conditional on the filter still holding.
func (job PurgeJob) rechecks() bool { return job.Filter != nil && job.RecheckFilter }

// sink returns what deletes the items, and by how many requests at once.
func (job PurgeJob) sink(ctx context.Context, t *table) (store.Sink, crew, error) {
	if job.rechecks() {
		sink, err := t.NewConditionalDeletes(ctx, job.Filter)
		return sink, conditionalWriters, err
	}
	sink, err := t.NewDeletes()
	return sink, writers, err
}
