// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"context"
	"errors"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// ForgetOthers has interrupted runs begin from the start that the change outdates, before the change is made. They
// would otherwise resume behind items that have changed, which the table's ID does not show. An unreadable record is
// left alone: no run resumes from it.
func ForgetOthers(ctx context.Context, e *tables.Env, c Change, attribute string, own []string) *problem.Problem {
	for other, err := range eachOther(ctx, e, own) {
		if attempt.Unreadable(err) {
			continue
		}
		if err != nil {
			return attempt.Explain(ctx, err)
		}
		if _, _, ok := other.Record.outdated(other.Name, c); !ok {
			continue
		}
		if p := forgetOther(ctx, e, c, attribute, other.Name); p != nil {
			return p
		}
	}
	return nil
}

// forgetOther changes the record to what it has to be after the change. The record is read again once it is taken:
// until then its run may have continued, or another run may have forgotten it.
func forgetOther(ctx context.Context, e *tables.Env, c Change, attribute, name string) *problem.Problem {
	record, p := takeLeftover(ctx, e, c, attribute, name)
	if p != nil {
		return p
	}
	is := newLeftover(name)
	found, err := record.Load(ctx, is)
	if found && err == nil {
		rest, _, ok := is.outdated(name, c)
		switch {
		case ok && rest == nil:
			err = record.Remove(ctx)
		case ok:
			err = record.Save(ctx, rest)
		}
	}
	if err := errors.Join(err, record.Close()); err != nil {
		return attempt.Explain(ctx, err)
	}
	return nil
}

const (
	// forgetting is how long a record is awaited that another process holds. Several runs of one apply may outdate the
	// same record, and each holds it for a moment; a run that works on it holds it for longer.
	forgetting = 10 * time.Second
	// forgettingPause is the time between two attempts.
	forgettingPause = 50 * time.Millisecond
)

// takeLeftover takes the record that the change outdates.
func takeLeftover(
	ctx context.Context,
	e *tables.Env,
	c Change,
	attribute, name string,
) (journal.Record, *problem.Problem) {
	for begun := e.Now(); ; {
		record, err := e.Journal.Open(ctx, name)
		held, busy := errors.AsType[*journal.HeldError](err)
		switch {
		case err == nil:
			return record, nil
		case !busy:
			return nil, attempt.Explain(ctx, err)
		case e.Now().Sub(begun) > forgetting:
			p := attempt.InUse(c.Table.Identity(), attribute)
			p.Cause, p.Next = held.Holder.Has("using it"), attempt.DependsOn
			return nil, p
		}
		if err := pause.Sleep(ctx, forgettingPause); err != nil {
			return nil, attempt.Explain(ctx, err)
		}
	}
}
