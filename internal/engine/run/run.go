// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package run

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
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/verify"
)

// Mover does a movement: [Do] on this machine, or a cluster.
type Mover func(context.Context, *tables.Env, Movement, attempt.Observer) (*Result, error)

// Do runs the movement: it takes the locks, resumes an earlier attempt if there was one, moves the items, verifies them
// and ends the record.
func Do(ctx context.Context, e *tables.Env, m Movement, observer attempt.Observer) (_ *Result, err error) {
	kept := false
	closeSink := sync.OnceValue(func() error { return m.Sink.Close(kept) })
	defer func() { err = errors.Join(err, m.Source.Close(), closeSink(), m.Keys.Close()) }()
	log, p := OpenLog(ctx, e, m)
	if p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	if log.Done {
		kept = true
		return m.Result(log, log.Run, ""), nil
	}
	if m.Share == nil { // The machine that has the whole run has the tables of its segments.
		locks, p := m.Lock(ctx, e, log)
		if p != nil {
			return nil, p
		}
		defer func() { err = errors.Join(err, locks.Release()) }()
	}

	if p := checkShareTables(m.Share, m); p != nil {
		return nil, p
	}
	m.BeginTransform(log)
	if err := m.Keys.CompareLines(ctx, observer); err != nil {
		return nil, m.Failure(ctx, flow.Ledger{}, err, log.resumed)
	}
	if err := Begin(ctx, e, m, log); err != nil {
		return nil, err
	}
	if err := m.BeginExport(); err != nil {
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
		Source: m.Source, Sink: m.Sink, Segments: log.Segments, Readers: flow.Readers, Writers: m.Writers.First,
		MostWriters: m.Writers.Most, Pages: flow.Pages, From: log.from(),
		ReadPace: flow.ReadPacer(m.Limits.Read), WritePace: writePacer(ctx, e, m), PaceTable: m.Limits.OfTable,
	}
	if m.SkipRefused {
		moving.Refused = letters.Add
	}
	keeper := attempt.NewKeeper(log.interval, func(ctx context.Context) error {
		return log.Save(ctx, log.record(moving, m, e.Now().Sub(start)))
	}, end)
	if m.Kind == attempt.KindPurge {
		moving.Announcer = keeper.Announcer(m.Writes)
	}
	stop := attempt.Together(
		observer.Observe(ctx, func() attempt.Status {
			return attempt.Status{
				Phase:          m.Verify.Phase(),
				Ledger:         moving.Ledger(),
				Throttled:      log.Throttled + m.throttled(),
				EstimatedItems: m.Estimate,
			}
		}),
		keeper.Regularly(ctx),
		WatchTables(ctx, m, end),
	)
	err = moving.Do(ctx)
	if err == nil {
		err = SameTables(ctx, m) // Before there is a file with the items of two tables.
	}
	if err == nil {
		err = m.Keys.CompareRead(log.resumed)
	}
	ledger := moving.Ledger()
	if kept = err == nil; kept {
		err = closeSink() // Only then is what was written there.
	}
	if err == nil {
		ledger.ReadUnits, err = Conclude(ctx, e, m, log, ledger, letters.Written())
	}
	stop()
	record := log.record(moving, m, e.Now().Sub(start))
	if share, ok := m.Sink.(*store.S3Sink); ok && err == nil {
		record.Files = share.Files()
	}
	if err := m.CloseBooks(ctx, log, record, ledger, err, !kept && closeSink() == nil); err != nil {
		return nil, err
	}
	record.Ledger = ledger
	result := m.Result(log, record, letters.Written())
	result.Warnings = slices.Concat(result.Warnings, m.Keys.Warnings(), keeper.Warnings(ctx))
	return result, nil
}

// CloseBooks ends the record of a run that is complete, or that failed for the given reason. The ledger includes what
// the verification has read. Removed reports whether the export of a failed run was removed.
func (m Movement) CloseBooks(
	ctx context.Context,
	log *Log,
	record records.Run,
	ledger flow.Ledger,
	reason error,
	removed bool,
) error {
	mismatch, differs := errors.AsType[*verify.MismatchError](reason)
	same, isSame := errors.AsType[*compare.SameKeyError](reason)
	switch {
	case differs:
		return errors.Join(
			mismatch.Problem(m.Writes, m.Conflict, ledger),
			attempt.InJournal(ctx, log.mismatch(ctx, record, m.Conflict)),
		)
	case store.SameKeys(reason) && m.Share == nil:
		if isSame {
			ledger.Written -= same.Items // What is there in the end.
		}
		// An attempt that resumes here would not compare the keys of all items, and might overwrite one of these.
		return errors.Join(
			m.Failure(ctx, ledger, reason, false),
			attempt.InJournal(ctx, log.mismatch(ctx, record, m.Conflict)),
		)
	case reason != nil:
		return m.fail(ctx, log, record, reason, removed)
	}
	return attempt.InJournal(ctx, log.complete(ctx, record))
}

// fail saves the progress for the next attempt, and explains why the run failed. Removed reports whether the export was
// removed.
func (m Movement) fail(ctx context.Context, log *Log, record records.Run, err error, removed bool) error {
	record.UpdatedAt = log.now()
	if removed {
		record.Export = ""
	}
	saved := attempt.InJournal(ctx, log.Stop(ctx, record))
	failure := m.Failure(ctx, record.Ledger, err, saved == nil && log.Resumable(record))
	switch {
	case saved == nil, errors.Is(err, journal.ErrTaken): // Which is why it cannot be saved.
		return failure
	case !tables.IsReplaced(err):
		failure.Next += " The progress could not be saved: the next apply resumes where it was last saved, or begins from " +
			"the start if it never was."
	}
	return errors.Join(failure, saved)
}

// Conclude verifies the destination, if the run asks for it, and does what is left to do. It returns the read units
// consumed so far.
func Conclude(
	ctx context.Context,
	e *tables.Env,
	m Movement,
	log *Log,
	ledger flow.Ledger,
	letters string,
) (units float64, err error) {
	units = ledger.ReadUnits
	if m.Verify != nil {
		compare.Sweep(filepath.Join(e.Directory, "verify-*"))
		units, err = m.Verify.Do(ctx, verify.Completed{
			Ledger: ledger, WasEmpty: log.WasEmpty, MayDiffer: log.mayDiffer(ledger), DeadLetters: letters,
		}, filepath.Join(e.Directory, "verify-"+log.ID))
	}
	if err == nil && m.Finish != nil {
		err = m.Finish(ctx)
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx) // What has ended the run, not which request met that.
	}
	return units, err
}

// Result returns the result of a run that ends with that record.
func (m Movement) Result(log *Log, record records.Run, letters string) *Result {
	return &Result{
		ID: record.ID, StartedAt: record.StartedAt, CompletedAt: record.UpdatedAt, Duration: record.Active,
		Resumed: log.resumed,
		Ledger:  record.Ledger, Throttled: record.Throttled, SourceARN: m.Reads.ARN(), DestinationARN: m.Writes.ARN(),
		DeadLetterPath: letters, Verified: m.Verify != nil, Warnings: m.leftBehind(record.Left),
	}
}

// BeginTransform tells the transform which run it works for.
func (m Movement) BeginTransform(log *Log) {
	if m.Transformed == nil {
		return
	}
	m.Transformed.Begin(transform.Run{ID: log.ID, StartedAt: log.StartedAt}, m.Writes.Keys())
	if m.Verify != nil {
		m.Verify.Transformed(m.Transformed)
	}
	m.Keys.Transformed(m.Transformed)
}

// Begin records what cannot be seen any more once items are written, such as whether the destination was empty.
func Begin(ctx context.Context, e *tables.Env, m Movement, log *Log) error {
	if m.Writes != nil && m.Share == nil {
		if p := records.ForgetOthers(ctx, e, m.change(), m.Attribute, append(slices.Clip(m.Own), log.Name)); p != nil {
			return p
		}
	}
	if sink, ok := m.Sink.(interface{ Repeated() }); ok && log.Repeated {
		sink.Repeated()
	}
	_, conditional := m.Sink.(*store.ConditionalPuts)
	if m.Verify != nil && !log.Repeated {
		var err error
		if log.WasEmpty, err = m.Verify.Empty(ctx); err != nil {
			return m.Failure(ctx, flow.Ledger{}, &verify.ReadBackError{Err: err}, false)
		}
	}
	export := m.export()
	if !conditional && m.Verify == nil && export == nil {
		return nil
	}
	if export != nil {
		log.takeExport(ctx, export)
	}
	return attempt.InJournal(ctx, log.begin(ctx))
}
