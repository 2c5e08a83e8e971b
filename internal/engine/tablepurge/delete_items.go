// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablepurge

import (
	"cmp"
	"context"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/estimate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// deleteItems reads the keys of the items and deletes them.
type deleteItems struct{}

func (deleteItems) check(ctx context.Context, r *plan) *problem.Problem {
	return recreate.CheckSafety(ctx, r.job, r.table)
}

func (deleteItems) estimate(r *plan, cost *estimate.Estimate) {
	if r.unfinished != nil {
		cost.Seconds += estimate.RecreateSeconds
	}
	if r.table == nil {
		return // It is created empty by then.
	}
	cost.Read(r.table, "", r.job.Scan().ConsistentRead, r.limits.Read)
	deletes := estimate.Demand{Table: estimate.UnitsFor(cost.Items, cost.Bytes), Indexes: map[string]float64{}}
	for name := range r.table.Indexes() {
		deletes.Indexes[name] = estimate.UnitsFor(r.table.Holds(name))
	}
	cost.Write(r.table, deletes, r.limits.Write)
}

func (deleteItems) record(ctx context.Context, r *plan) (string, error) {
	source, err := r.table.NewScan(ctx, r.job.Scan())
	if err != nil {
		return "", err
	}
	m := run.Movement{
		Kind: attempt.KindPurge, Source: source, Writes: r.table, Attribute: "table", Triggers: r.job.Triggers,
		Spread: r.job.Distributed(), To: r.job.Table,
	}
	return m.Name(), source.Close()
}

func (deleteItems) run(ctx context.Context, e *tables.Env, r *plan, observer attempt.Observer) (*run.Result, error) {
	return r.deleteItems(ctx, e, observer, run.Do)
}

func (r *plan) deleteItems(
	ctx context.Context,
	e *tables.Env,
	observer attempt.Observer,
	do run.Mover,
) (*run.Result, error) {
	if r.interrupted != nil {
		if err := recreate.Undo(ctx, e, r.job.Ref(), r.interrupted.State); err != nil {
			return nil, err
		}
	}
	scan := r.job.Scan()
	scan.PageUnits = r.limits.Read // A second's worth.
	source, err := r.table.NewScan(ctx, scan)
	if err != nil {
		return nil, err
	}
	sink, writers, err := r.openSink(ctx)
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	result, err := do(ctx, e, run.Movement{
		Kind:      attempt.KindPurge,
		To:        r.job.Table,
		Source:    r.share.Of(source),
		Sink:      sink,
		Segments:  r.segments(),
		Writers:   r.job.Throughput.Pool(writers),
		Limits:    r.limits,
		Estimate:  optional.Value(r.table.Description.ItemCount),
		Writes:    r.table,
		Attribute: "table",
		Triggers:  r.job.Triggers,
		Advice:    r.job.ItemAdvice(),
		// With a filter, the items that it leaves out would be read and paid for again.
		Rescan: r.job.Filter == nil,
		Share:  r.share,
	}, observer)
	if err != nil {
		return nil, err
	}
	// An item that did not pass the filter any more when it was to be deleted counts as filtered out.
	result.Ledger.Scanned -= result.Ledger.Skipped
	result.Ledger.Filtered += result.Ledger.Skipped
	result.Ledger.Skipped = 0
	result.TableID = optional.Value(r.table.Description.TableId)
	result.StreamARN = optional.Value(r.table.Description.LatestStreamArn)
	result.NewTableID, result.NewStreamARN = result.TableID, result.StreamARN
	return result, nil
}

// openSink returns what deletes the items, and how many requests do so at once.
func (r *plan) openSink(ctx context.Context) (store.Sink, job.Pool, error) {
	if r.job.Rechecks() {
		sink, err := r.table.NewConditionalDeletes(ctx, r.job.Filter)
		return sink, run.ConditionalWriters, err
	}
	sink, err := r.table.NewDeletes()
	return sink, run.Writers, err
}

// segments returns how many segments the table is read in, or how many shares it is divided into.
func (r *plan) segments() int {
	switch {
	case r.share != nil:
		return r.share.Segments
	case r.job.Distributed():
		return cmp.Or(
			r.job.Throughput.Segments,
			cluster.TasksOf(r.table, job.SparkConfig(r.job.EMR, r.job.Throughput).Tasks()),
		)
	}
	return cmp.Or(r.job.Throughput.Segments, r.table.Segments())
}
