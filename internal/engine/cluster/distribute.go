// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package cluster

import (
	"context"
	"errors"
	"slices"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/verify"
)

const (
	// taskBytes is about how much of a table one task reads: some minutes' work. SegmentsPerTask is the least number of
	// shares for each task that runs at once, so that none waits long for the last one.
	taskBytes       = 1 << 30
	SegmentsPerTask = 4

	// partsPerSegment is how many Scan segments make a share. A Scan has 1,000,000 at most.
	partsPerSegment = 16
)

// Spread is how a run is spread over the machines of a cluster.
type Spread struct {
	Config spark.Config
	// Task returns what each task does with the given throughput, except for its share of the source.
	Task func(job.Throughput) Task
	// Throughput limits all tasks together.
	Throughput job.Throughput
}

// TasksOf returns how many shares the table is divided into, if that many tasks run at once.
func TasksOf(t *tables.Table, tasks int) int {
	return int(
		min(max(optional.Value(t.Description.TableSizeBytes)/taskBytes, int64(SegmentsPerTask*tasks)), job.MostTasks),
	)
}

// Do has a Spark job do the run: a new job, or the one that an interrupted apply has started. If the job of an earlier
// attempt failed, a new one does the shares that are not done yet.
func (d *Spread) Do(
	ctx context.Context,
	e *tables.Env,
	m run.Movement,
	observer attempt.Observer,
) (_ *run.Result, err error) {
	m.Spread, m.SamePlace = true, d.samePlace
	defer func() { err = errors.Join(err, m.Source.Close()) }()
	log, p := run.OpenLog(ctx, e, m)
	if p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	locks, p := m.Lock(ctx, e, log)
	if p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, locks.Release()) }()
	site, err := openSite(ctx, e, d.Config, log)
	if err != nil {
		return nil, err
	}
	m.BeginTransform(log)
	if err := run.Begin(ctx, e, m, log); err != nil {
		return nil, err
	}
	if err := m.BeginExport(); err != nil {
		return nil, m.Failure(ctx, flow.Ledger{}, err, false)
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	r := &sparkRun{env: e, movement: m, spread: d, log: log, site: site, start: e.Now()}
	r.sum.Store(&sum{})
	defer attempt.Together(observer.Observe(ctx, r.status), run.WatchTables(ctx, m, end))()
	if err := r.do(ctx); err != nil {
		return nil, err
	}
	keeper := attempt.NewKeeper(log.Interval(), func(ctx context.Context) error { return log.Save(ctx, r.record()) }, end)
	keeper.Unsaved = r.last
	stop := keeper.Regularly(ctx)
	ledger := r.sum.Load().ledger
	if err = run.SameTables(ctx, m); err == nil {
		err = m.CompleteExport(r.sum.Load().files)
	}
	if err == nil {
		ledger.ReadUnits, err = run.Conclude(ctx, e, m, log, ledger, "")
	}
	stop()
	if _, differs := errors.AsType[*verify.MismatchError](err); differs {
		r.site.clear(ctx) // Before the record is one for an attempt that is to find nothing done.
	}
	record := r.record()
	if err := m.CloseBooks(ctx, log, record, ledger, err, false); err != nil {
		return nil, err
	}
	record.Ledger = ledger
	r.site.clear(ctx)
	result := m.Result(log, record, "")
	result.EMRJobID = record.Job.Handle.ID
	result.Warnings = slices.Concat(result.Warnings, m.Keys.Warnings(), r.warnings, keeper.Warnings(ctx))
	return result, nil
}
