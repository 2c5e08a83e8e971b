// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/verify"
)

const (
	// taskBytes is about how much of a table one task reads: some minutes' work. segmentsPerTask is the least number of
	// segments for each task that runs at once, so that none waits long for the last one, and mostSegments the most there are.
	taskBytes       = 1 << 30
	segmentsPerTask = 4

	// partsPerSegment is how many parts of the Scan make a segment. A Scan has 1,000,000 at most.
	partsPerSegment = 16
)

// distribution says how a movement is spread over machines.
type distribution struct {
	config spark.Config
	// task is what each of them does, with that throughput, less its segment.
	task func(job.Throughput) Task
	// throughput is that of all tasks together.
	throughput job.Throughput
}

// tasksOfTable returns how many segments a run of this table has, of which the tasks do so many at once.
func tasksOfTable(t *tables.Table, tasks int) int {
	return int(min(max(optional.Value(t.Description.TableSizeBytes)/taskBytes, int64(segmentsPerTask*tasks)), job.MostTasks))
}

// taskSegments is the same for a copy, whose source in S3 is divided by its objects.
func (r *readyCopy) taskSegments(tasks int) int {
	switch {
	case r.source != nil:
		return tasksOfTable(r.source, tasks)
	case r.objects != nil:
		return max(1, min(r.objects.Objects(), segmentsPerTask*tasks))
	}
	return 1
}

// distribute has a Spark job do the movement: a new one, or the one that an interrupted apply has started. A run whose job
// failed goes on with another job, in which the segments that are done are not done again.
func distribute(ctx context.Context, e *tables.Env, m movement, spread *distribution, observer attempt.Observer) (_ *run.Result, err error) {
	m.spread, m.samePlace = true, spread.samePlace
	defer func() { err = errors.Join(err, m.source.Close()) }()
	if err := identifyTables(ctx, m); err != nil {
		return nil, m.failure(ctx, flow.Ledger{}, err, false)
	}
	log, p := openLog(ctx, e, m)
	if p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, log.close()) }()
	locks, p := records.Lock(ctx, e, records.UseOf(m.reads, job.SourceTable), records.UseOf(m.writes, m.attribute), m.records(log)...)
	if p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, locks.Release()) }()
	site, err := openSite(ctx, e, spread.config, log)
	if err != nil {
		return nil, err
	}
	m.beginTransform(log)
	if err := beginRun(ctx, e, m, log); err != nil {
		return nil, err
	}
	if err := m.beginExport(); err != nil {
		return nil, m.failure(ctx, flow.Ledger{}, err, false)
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	run := &sparkRun{env: e, movement: m, spread: spread, log: log, site: site, start: e.Now()}
	run.sum.Store(&sum{})
	defer attempt.Together(observer.Observe(ctx, run.status), watchTables(ctx, m, end))()
	if err := run.do(ctx); err != nil {
		return nil, err
	}
	keeper := newKeeper(log, run.record, end)
	keeper.Unsaved = run.last
	stop := keeper.regularly(ctx)
	ledger := run.sum.Load().ledger
	if err = sameTables(ctx, m); err == nil {
		err = m.completeExport(run.sum.Load().files)
	}
	if err == nil {
		ledger.ReadUnits, err = concludeRun(ctx, e, m, log, ledger, "")
	}
	stop()
	if _, differs := errors.AsType[*verify.MismatchError](err); differs {
		run.site.clear(ctx) // Before the record is one for an attempt that is to find nothing done.
	}
	record := run.record()
	if err := m.closeBooks(ctx, log, record, ledger, err, false); err != nil {
		return nil, err
	}
	record.Ledger = ledger
	run.site.clear(ctx)
	result := m.result(log, record, "")
	result.EMRJobID, result.Remarks = record.Job.Handle.ID, slices.Concat(result.Remarks, m.keys.Warnings(), run.remarks, keeper.Warnings(ctx))
	return result, nil
}
