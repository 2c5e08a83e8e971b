// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/deadletters"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/verify"
)

// movement is a run that is ready to start.
type movement struct {
	// kind is "copy" or "purge".
	kind string
	// from and to are the two sides in words; a purge has only the second.
	from, to string
	// inputs is the argument that says what a copy reads, outputs the one that says what it writes where that is no table.
	inputs, outputs string
	// advice says what can be done about an item that cannot be written.
	advice string
	source store.Source
	// transformed is the source too if a transform changes its items.
	transformed *store.Transformed
	sink        store.Sink
	// parts is how many parts the source is read in, writers how many requests write at once.
	parts   int
	writers job.Pool
	limits  tables.Limits
	// estimate is about how many items the source holds.
	estimate int64
	// reads and writes are the tables in use, nil where a file is; attribute names the one written.
	reads, writes *tables.Table
	attribute     string
	// anew reads the source from its beginning also when the run goes on: what has been done is gone from it.
	anew bool
	// skipRefused writes items that DynamoDB refuses for good to a file and goes on; without it they end the run.
	skipRefused bool
	// conflict is what happens to an item whose key is taken, empty where it is replaced, and in a purge.
	conflict string
	// verify looks at the destination once the items are there; nil if nobody asks.
	verify *verify.Verification
	// finish does what is left to do when the items are there and verified; nil for nothing. It may be done again.
	finish func(context.Context) error
	// own are the names of the records of the run that the movement is a part of; none if it is the run.
	own []string
	// triggers are part of what makes two runs the same.
	triggers map[string]string
	// segment is the share of the source that is moved, nil for all of it.
	segment *job.Share
	// keys finds items with one key; nil where none can have one.
	keys *verify.Keys
	// spread reports whether a Spark job does the run. samePlace then reports whether the run's settings still have the place
	// of an earlier job, where what its tasks have done is written down.
	spread    bool
	samePlace func(records.SparkJob) (bool, error)
}

// doRun takes the locks, moves the items, from where an interrupted run has come if there was one, and closes the books.
func doRun(ctx context.Context, e *tables.Env, m movement, observer attempt.Observer) (_ *run.Result, err error) {
	kept := false
	closeSink := sync.OnceValue(func() error { return m.sink.Close(kept) })
	defer func() { err = errors.Join(err, m.source.Close(), closeSink(), m.keys.Close()) }()
	if err := identifyTables(ctx, m); err != nil {
		return nil, m.failure(ctx, flow.Ledger{}, err, false)
	}
	log, p := openLog(ctx, e, m)
	if p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, log.close()) }()
	if log.Done {
		kept = true
		return m.result(log, log.Run, ""), nil
	}
	if m.segment == nil { // Who has the whole run has the tables of its segments.
		locks, p := records.Lock(ctx, e, records.UseOf(m.reads, job.SourceTable), records.UseOf(m.writes, m.attribute), m.records(log)...)
		if p != nil {
			return nil, p
		}
		defer func() { err = errors.Join(err, locks.Release()) }()
	}

	if p := checkShareTables(m.segment, m); p != nil {
		return nil, p
	}
	m.beginTransform(log)
	if err := m.keys.CompareLines(ctx, observer); err != nil {
		return nil, m.failure(ctx, flow.Ledger{}, err, log.resumed)
	}
	if err := beginRun(ctx, e, m, log); err != nil {
		return nil, err
	}
	if err := m.beginExport(); err != nil {
		return nil, m.fail(ctx, log, log.Run, err, closeSink() == nil)
	}
	letters, err := deadletters.Open(e.Directory, log.ID, log.resumed)
	if err != nil {
		return nil, attempt.Explain(ctx, err)
	}
	defer func() { err = errors.Join(err, attempt.InJournal(ctx, letters.Close())) }()

	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	start := e.Now()
	moving := &flow.Run{
		Source: m.source, Sink: m.sink, Parts: log.Parts, Readers: flow.Readers, Writers: m.writers.First, MostWriters: m.writers.Most, Pages: flow.Pages, From: log.from(),
		ReadPace: flow.ReadPacer(m.limits.Read), WritePace: writePacer(ctx, e, m), PaceTable: m.limits.OfTable,
	}
	if m.skipRefused {
		moving.Refused = letters.Add
	}
	keeper := newKeeper(log, func() records.Run { return log.record(moving, m, e.Now().Sub(start)) }, end)
	if m.kind == attempt.KindPurge {
		moving.Announcer = keeper.announcer(m.writes)
	}
	stop := attempt.Together(
		observer.Observe(ctx, func() attempt.Status {
			return attempt.Status{Phase: m.verify.Phase(), Ledger: moving.Ledger(), Throttled: log.Throttled + m.throttled(), EstimatedItems: m.estimate}
		}),
		keeper.regularly(ctx),
		watchTables(ctx, m, end),
	)
	err = moving.Do(ctx)
	if err == nil {
		err = sameTables(ctx, m) // Before there is a file with the items of two tables.
	}
	if err == nil {
		err = m.keys.CompareRead(log.resumed)
	}
	ledger := moving.Ledger()
	if kept = err == nil; kept {
		err = closeSink() // Only then is what was written there.
	}
	if err == nil {
		ledger.ReadUnits, err = concludeRun(ctx, e, m, log, ledger, letters.Written())
	}
	stop()
	record := log.record(moving, m, e.Now().Sub(start))
	if share, ok := m.sink.(*store.S3Sink); ok && err == nil {
		record.Files = share.Files()
	}
	if err := m.closeBooks(ctx, log, record, ledger, err, !kept && closeSink() == nil); err != nil {
		return nil, err
	}
	record.Ledger = ledger
	result := m.result(log, record, letters.Written())
	result.Remarks = slices.Concat(result.Remarks, m.keys.Warnings(), keeper.Warnings(ctx))
	return result, nil
}

// closeBooks ends the record of a run that is complete, or has failed for the reason given. The ledger counts what the verification has
// read too. Removed says that nothing is left of an export.
func (m movement) closeBooks(ctx context.Context, log *runLog, record records.Run, ledger flow.Ledger, reason error, removed bool) error {
	mismatch, differs := errors.AsType[*verify.MismatchError](reason)
	same, isSame := errors.AsType[*compare.SameKeyError](reason)
	switch {
	case differs:
		return errors.Join(mismatch.Problem(m.writes, m.conflict, ledger), attempt.InJournal(ctx, log.mismatch(ctx, record, m.conflict)))
	case isSame: // To go on from here would be to forget it.
		ledger.Written -= same.Items // What is there in the end.
		return errors.Join(m.failure(ctx, ledger, reason, false), attempt.InJournal(ctx, log.mismatch(ctx, record, m.conflict)))
	case reason != nil:
		return m.fail(ctx, log, record, reason, removed)
	}
	return attempt.InJournal(ctx, log.complete(ctx, record))
}

// fail keeps how far the run has come for the next attempt, and says why it failed. Removed says that nothing is left of an export.
func (m movement) fail(ctx context.Context, log *runLog, record records.Run, err error, removed bool) error {
	record.UpdatedAt = log.now()
	if removed {
		record.Export = ""
	}
	saved := attempt.InJournal(ctx, log.stop(ctx, record))
	failure := m.failure(ctx, record.Ledger, err, saved == nil && log.worthwhile(record))
	switch {
	case saved == nil, errors.Is(err, journal.ErrTaken): // Which is why it cannot be saved.
		return failure
	case !tables.IsReplaced(err):
		failure.Next += " The progress could not be saved: the next apply resumes where it was last saved, or begins from the start if it never was."
	}
	return errors.Join(failure, saved)
}

// concludeRun looks at the destination, if that is asked for, and does what is left to do there. It returns the read units consumed
// so far.
func concludeRun(ctx context.Context, e *tables.Env, m movement, log *runLog, ledger flow.Ledger, letters string) (units float64, err error) {
	units = ledger.ReadUnits
	if m.verify != nil {
		compare.Sweep(filepath.Join(e.Directory, "verify-*"))
		units, err = m.verify.Do(ctx, verify.Completed{
			Ledger: ledger, WasEmpty: log.WasEmpty, MayDiffer: log.mayDiffer(ledger), DeadLetters: letters,
		}, filepath.Join(e.Directory, "verify-"+log.ID))
	}
	if err == nil && m.finish != nil {
		err = m.finish(ctx)
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx) // What has ended the run, not which request met that.
	}
	return units, err
}

// result is what the run has done when its record is the last one.
func (m movement) result(log *runLog, record records.Run, letters string) *run.Result {
	return &run.Result{
		ID: record.ID, StartedAt: record.StartedAt, CompletedAt: record.UpdatedAt, Duration: record.Active, Resumed: log.resumed,
		Ledger: record.Ledger, Throttled: record.Throttled, SourceARN: m.reads.ARN(), DestinationARN: m.writes.ARN(),
		DeadLetterPath: letters, Verified: m.verify != nil, Remarks: m.leftBehind(record.Left),
	}
}

// beginTransform tells the transform for which run it is.
func (m movement) beginTransform(log *runLog) {
	if m.transformed == nil {
		return
	}
	m.transformed.Begin(transform.Run{ID: log.ID, StartedAt: log.StartedAt}, m.writes.Keys())
	if m.verify != nil {
		m.verify.Transformed(m.transformed)
	}
	m.keys.Transformed(m.transformed)
}

// beginRun finds out, and keeps in the journal, what is no longer to be seen once items have been written.
func beginRun(ctx context.Context, e *tables.Env, m movement, log *runLog) error {
	if m.writes != nil && m.segment == nil {
		if p := records.ForgetOthers(ctx, e, m.change(), m.attribute, append(slices.Clip(m.own), log.name)); p != nil {
			return p
		}
	}
	if sink, ok := m.sink.(interface{ Repeated() }); ok && log.repeated {
		sink.Repeated()
	}
	_, conditional := m.sink.(*store.ConditionalPuts)
	if m.verify != nil && !log.repeated {
		var err error
		if log.WasEmpty, err = m.verify.Empty(ctx); err != nil {
			return m.failure(ctx, flow.Ledger{}, &verify.ReadBackError{Err: err}, false)
		}
	}
	export := m.export()
	if !conditional && m.verify == nil && export == nil {
		return nil
	}
	if export != nil {
		log.takeExport(ctx, export)
	}
	return attempt.InJournal(ctx, log.begin(ctx))
}

// inUse begins the problem that somebody else does this very run.
func (m movement) inUse() *problem.Problem {
	if m.writes == nil {
		return &problem.Problem{Summary: "Destination Is In Use By Another Run", Attribute: m.outputs}
	}
	return attempt.InUse(m.writes.Identity(), m.attribute)
}

// throttled counts the throttled requests of both sides.
func (m movement) throttled() int64 {
	sum := int64(0)
	for _, t := range []*tables.Table{m.reads, m.writes} {
		if t != nil {
			sum += t.Throttled()
		}
	}
	return sum
}
