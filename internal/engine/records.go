// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// thisVeryRun is what the holder of a run's record is doing.
const thisVeryRun = "doing this very run"

// openRecord takes the journal's record of that name. If another run has it, the problem is busy, and says who has it and is doing what.
func openRecord(ctx context.Context, e *tables.Env, name string, busy *problem.Problem, doing string) (journal.Record, *problem.Problem) {
	record, err := e.Journal.Open(ctx, name)
	if held, ok := errors.AsType[*journal.HeldError](err); ok {
		busy.Cause = held.Holder.Has(doing)
		return nil, busy
	}
	if err != nil {
		return nil, journalProblem(ctx, err)
	}
	return record, nil
}

// takeRecord takes the journal's record of that name of what is done to the table that is referred to, such as "recreating". The
// error is a *problem.Problem.
func takeRecord(ctx context.Context, e *tables.Env, r job.Ref, name, doing string) (journal.Record, error) {
	busy := r.Problem(r.Attribute, tableInUse)
	busy.Next = dependsOn
	record, p := openRecord(ctx, e, name, busy, doing+" it")
	if p != nil {
		return nil, p
	}
	return record, nil
}

// entry is a record of the journal, read without taking it.
type entry[R any] struct {
	name   string
	record *R
}

// entries are the journal's records of that kind. One that cannot be read comes with a *journal.UnreadableError, and does not
// keep the others from coming; any other error is the last.
func entries[R any](ctx context.Context, j journal.Journal, kind journal.Kind) iter.Seq2[entry[R], error] {
	return func(yield func(entry[R], error) bool) {
		names, err := j.Names(ctx)
		if err != nil {
			yield(entry[R]{}, err)
			return
		}
		for _, name := range names {
			if journal.KindOf(name) != kind {
				continue
			}
			one := entry[R]{name, new(R)}
			found, err := j.Peek(ctx, name, one.record)
			if (found || err != nil) && (!yield(one, err) || err != nil && !unreadable(err)) {
				return
			}
		}
	}
}

// unreadable reports whether a record is there that cannot be read.
func unreadable(err error) bool {
	_, ok := errors.AsType[*journal.UnreadableError](err)
	return ok
}

// unreadableRecord is the problem that a record is there, and is not one that this version of the provider can read.
func unreadableRecord(err *journal.UnreadableError) *problem.Problem {
	p := &problem.Problem{Summary: "Record Of The Journal Cannot Be Read"}
	p.Cause = fmt.Sprintf("%s is in the journal, and is not a record that this version of the provider can read: %v.", err.Place, err.Err)
	switch {
	case errors.Is(err, journal.ErrLater):
		p.Next = "Use the version of the provider that has written it, or a later one."
	case journal.KindOf(err.Name) == journal.KindRecreate:
		p.Next = "It belongs to a table that is being dropped and recreated, and holds the settings of that table. Restore it from a copy, if there is one. " +
			"If no table is missing, look whether deletion protection and auto scaling are as they should be, then delete it."
	default:
		p.Next = "Restore it from a copy, or delete it: the run that it belongs to then begins from the start the next time that it is applied."
	}
	return p
}
