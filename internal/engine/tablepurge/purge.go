// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablepurge

import (
	"context"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Check finds what is wrong with the job, and remarks on it, without changing anything.
func Check(ctx context.Context, e *tables.Env, j job.Purge) []*problem.Problem {
	ready, problems := prepare(ctx, e, j, nil)
	if problems.FirstError() != nil {
		return tables.AnnouncePassing(problems)
	}
	intent, err := ready.intent(ctx, j)
	if err != nil {
		return append(problems, tables.Explain(ctx, err))
	}
	return append(problems, records.WarnOfOthers(ctx, e, intent)...)
}

// Run runs the job. What CheckPurge finds is an error here too. If ctx ends, or the run fails, what was deleted stays deleted and the
// progress stays in the journal. The next call with the same job resumes there within GoOnWithin, if the table is still the same one.
// A recreate that has dropped the table continues for up to two minutes to create it, and its record has no age limit.
func Run(ctx context.Context, e *tables.Env, j job.Purge, observer attempt.Observer) (*run.Result, error) {
	return RunShare(ctx, e, j, nil, observer)
}

// RunShare runs the job, or its share of a table that is spread over machines.
func RunShare(ctx context.Context, e *tables.Env, j job.Purge, share *job.Share, observer attempt.Observer) (*run.Result, error) {
	ready, err := prepared(ctx, e, j, share, observer)
	if err != nil {
		return nil, err
	}
	if ready.unfinished != nil {
		return finishAndPurge(ctx, e, j, ready, observer)
	}
	return purgeReady(ctx, e, j, ready, observer)
}

// prepared is preparePurge for a job that is run.
func prepared(ctx context.Context, e *tables.Env, j job.Purge, share *job.Share, observer attempt.Observer) (*plan, error) {
	return attempt.Prepare(ctx, e, observer, func() (*plan, problem.List) { return prepare(ctx, e, j, share) })
}

// purgeReady purges the table by the method chosen.
func purgeReady(ctx context.Context, e *tables.Env, j job.Purge, ready *plan, observer attempt.Observer) (*run.Result, error) {
	result, err := purgeBy(ctx, e, j, ready, observer)
	if err != nil {
		return nil, err
	}
	result.Method, result.MethodReason = ready.choice.Method, ready.choice.Reason
	return result, nil
}

func purgeBy(ctx context.Context, e *tables.Env, j job.Purge, ready *plan, observer attempt.Observer) (*run.Result, error) {
	if ready.recreation != nil {
		return recreate.Run(ctx, e, j, ready.recreation, observer)
	}
	if ready.interrupted != nil {
		if err := recreate.Undo(ctx, e, j.Ref(), ready.interrupted.State); err != nil {
			return nil, err
		}
	}
	opened := ready.Table
	scan := j.Scan()
	scan.PageUnits = ready.Limits.Read // A second's worth.
	source, err := opened.NewScan(ctx, scan)
	if err != nil {
		return nil, err
	}
	sink, workers, err := openSink(ctx, j, opened)
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	m := run.Movement{
		Kind: attempt.KindPurge, To: j.Table, Source: ready.share.Of(source), Sink: sink, Parts: segments(j, opened, ready.share), Writers: j.Throughput.Pool(workers), Limits: ready.Limits,
		Estimate: optional.Value(opened.Description.ItemCount),
		Writes:   opened, Attribute: "table", Triggers: j.Triggers, Advice: j.ItemAdvice(),
		// With a filter, what it leaves out would be read and paid for again.
		Anew: j.Filter == nil, Segment: ready.share,
	}
	var result *run.Result
	if spread := spread(j); spread != nil {
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

// openSink returns what deletes the items, and by how many requests at once.
func openSink(ctx context.Context, j job.Purge, t *tables.Table) (store.Sink, job.Pool, error) {
	if j.Rechecks() {
		sink, err := t.NewConditionalDeletes(ctx, j.Filter)
		return sink, run.ConditionalWriters, err
	}
	sink, err := t.NewDeletes()
	return sink, run.Writers, err
}
