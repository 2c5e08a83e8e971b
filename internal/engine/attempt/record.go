// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package attempt

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// ThisVeryRun is what the holder of a run's record is doing.
const ThisVeryRun = "doing this very run"

// Open takes the journal's record of that name. If another run has it, the problem is busy, and says who has it and is
// doing what.
func Open(
	ctx context.Context,
	e *tables.Env,
	name string,
	busy *problem.Problem,
	doing string,
) (journal.Record, *problem.Problem) {
	record, err := e.Journal.Open(ctx, name)
	if held, ok := errors.AsType[*journal.HeldError](err); ok {
		busy.Cause = held.Holder.Has(doing)
		return nil, busy
	}
	if err != nil {
		return nil, Explain(ctx, err)
	}
	return record, nil
}

// Take takes the journal's record of that name of what is done to the table that is referred to, such as "recreating".
// The error is a *problem.Problem.
func Take(ctx context.Context, e *tables.Env, r job.Ref, name, doing string) (journal.Record, error) {
	busy := r.Problem(r.Attribute, tableInUse)
	busy.Next = DependsOn
	record, p := Open(ctx, e, name, busy, doing+" it")
	if p != nil {
		return nil, p
	}
	return record, nil
}

// Entry is a record of the journal, read without taking it.
type Entry[R any] struct {
	Name   string
	Record R
}

// Entries are the journal's records for whose names empty returns an empty record to read into. One that cannot be read
// comes with a *journal.UnreadableError, and does not keep the others from coming; any other error is the last.
func Entries[R any](
	ctx context.Context,
	j journal.Journal,
	empty func(name string) (record R, ok bool),
) iter.Seq2[Entry[R], error] {
	return func(yield func(Entry[R], error) bool) {
		names, err := j.Names(ctx)
		if err != nil {
			yield(Entry[R]{}, err)
			return
		}
		for _, name := range names {
			record, ok := empty(name)
			if !ok {
				continue
			}
			found, err := j.Peek(ctx, name, record)
			if (found || err != nil) && (!yield(Entry[R]{name, record}, err) || err != nil && !Unreadable(err)) {
				return
			}
		}
	}
}

const (
	KindCopy  = "copy"
	KindPurge = "purge"

	// ResumeWindow is how old progress may be: what was copied longer ago may well have changed since.
	ResumeWindow = 24 * time.Hour
)

const tableInUse = "Table Is In Use By Another Run"

const DependsOn = "Add depends_on to one of the two resources, so that Terraform runs them one after the other."

// InUse begins the problem that another run has the table.
func InUse(table settings.Identity, attribute string) *problem.Problem {
	p := &problem.Problem{Summary: tableInUse, Attribute: attribute, Table: table.Name}
	p.Account, p.Region = table.Where()
	return p
}

// Recent reports whether the time is one from which a run may resume: no more than ResumeWindow ago, and not to come.
func Recent(at, now time.Time) bool {
	age := now.Sub(at)
	return age < ResumeWindow && age > -explain.ClockSkew
}
