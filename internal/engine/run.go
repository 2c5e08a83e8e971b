// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/lock"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// movement is a run that is ready to start.
type movement struct {
	source  store.Source
	sink    store.Sink
	writers int
	// estimate is about how many items the source holds.
	estimate int64
	// reads and writes are the tables in use, nil where a file is; attribute names the one written.
	reads, writes *table
	attribute     string
}

// WithDeadline returns a context that ends after d, with the cause that a run reports as its time-out.
func WithDeadline(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, errDeadline)
}

// run takes the locks, moves the items and closes the books.
func (e *Engine) run(ctx context.Context, m movement, observer Observer) (_ *Result, err error) {
	defer func() { err = errors.Join(err, m.source.Close()) }()
	locks, p := e.lock(m)
	if p != nil {
		return nil, errors.Join(p, m.sink.Close(false))
	}
	defer func() { err = errors.Join(err, locks.Release()) }()
	result := &Result{ID: uuid.NewString(), StartedAt: e.Now()}
	moving := &flow.Run{Source: m.source, Sink: m.sink, Readers: readers, Writers: m.writers, Pages: pages}
	stop := observer.observe(ctx, func() Status {
		return Status{Ledger: moving.Ledger(), Throttled: m.throttled(moving.Ledger()), EstimatedItems: m.estimate}
	})
	err = moving.Do(ctx)
	stop()
	if closing := m.sink.Close(err == nil); err == nil {
		err = closing
	}
	result.CompletedAt = e.Now()
	result.Ledger = moving.Ledger()
	if err != nil {
		return nil, m.failure(ctx, result.Ledger, err)
	}
	result.Throttled = m.throttled(result.Ledger)
	result.SourceARN, result.DestinationARN = m.reads.arn(), m.writes.arn()
	return result, nil
}

// lock takes the tables of the movement, so that no other run of this apply uses them against it.
func (e *Engine) lock(m movement) (*lock.Locks, *problem.Problem) {
	locks, err := lock.In(e.Directory)
	if err != nil {
		return nil, &problem.Problem{
			Summary: "Journal Cannot Be Written", Err: err,
			Cause: "The folder for locks and progress cannot be made.",
			Next:  "Set journal.path in the provider block to a folder that this user can write to.",
		}
	}
	if m.reads != nil {
		err = locks.Read(m.reads.Identity())
	}
	if err == nil && m.writes != nil {
		err = locks.Write(m.writes.Identity())
	}
	if err == nil {
		return locks, nil
	}
	busy := m.writes
	if busy == nil {
		busy = m.reads
	}
	p := busy.about(m.attribute, "Table Is In Use By Another Run")
	p.Err = errors.Join(err, locks.Release())
	if errors.Is(err, lock.ErrHeld) {
		p.Err = nil
		p.Cause = "Another run that is going on reads or writes a table that this one would write, or writes one that it would read. The result would depend on which is faster."
		p.Next = "Add depends_on to one of the two resources, so that Terraform runs them one after the other."
	}
	return nil, p
}

// throttled counts the throttled requests of both sides.
func (m movement) throttled(ledger flow.Ledger) int64 {
	sum := ledger.SentBack
	for _, t := range []*table{m.reads, m.writes} {
		if t != nil {
			sum += t.Throttled()
		}
	}
	return sum
}

// failure says why the run failed and how far it came.
func (m movement) failure(ctx context.Context, ledger flow.Ledger, err error) *problem.Problem {
	var p *problem.Problem
	var line *store.LineError
	switch {
	case errors.As(err, &line):
		p = fileProblem("source.file", line.File, err)
	default:
		p = requestProblem(ctx, err)
	}
	about := m.writes
	if about == nil {
		about = m.reads
	}
	if about != nil {
		account, region := about.Where()
		p.Table, p.Account, p.Region = about.Name, account, region
	}
	p.Counts = fmt.Sprintf("So far: %d items read, %d filtered out, %d written or deleted, %d skipped; %.0f read units and %.0f write units consumed.",
		ledger.Scanned, ledger.Filtered, ledger.Written, ledger.Skipped, ledger.ReadUnits, ledger.WriteUnits)
	return p
}

// arn is the table's ARN, empty for no table.
func (t *table) arn() string {
	if t == nil {
		return ""
	}
	return t.ARN()
}
