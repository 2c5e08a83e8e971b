// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"context"
	"iter"
	"slices"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// leftover is a record of the journal as runs other than its own see it. Every kind of record is one. The name is that
// of the record.
type leftover interface {
	Head() journal.Header
	// outdated returns what the record is to be once the change is made, nil if it is to be removed, and what that means
	// for its run. ok is false for a change that does not concern the run.
	outdated(name string, c Change) (rest any, means string, ok bool)
	// inTheWay is the problem that AWS works, or may work, for the run on a table that another run is to use; nil if it
	// does not.
	inTheWay(ctx context.Context, e *tables.Env, name string, reads, writes Use) *problem.Problem
}

// Change is what a run does to a table: it adds or replaces items, or only deletes some.
type Change struct {
	Table *tables.Table
	Adds  bool
}

// concerns reports whether it is the table of that identity that changes.
func (c Change) concerns(identity string) bool {
	return identity != "" && identity == c.Table.Identity().String()
}

// newLeftover returns an empty record of the kind that the name says, nil for a name that no kind of record has.
func newLeftover(name string) leftover {
	switch journal.KindOf(name) {
	case journal.KindCopy, journal.KindPurge:
		return &Run{}
	case journal.KindExport:
		return &ExportRun{}
	case journal.KindCreate:
		return &Creation{}
	case journal.KindRecreate:
		return &recreateLeftover{}
	}
	return nil
}

// other is the record of another run.
type other struct {
	leftover
	name string
}

// eachOther are the journal's records but those of the names, which are the run's own. One that cannot be read comes
// with a *journal.UnreadableError, and does not keep the others from coming; any other error is the last.
func eachOther(ctx context.Context, e *tables.Env, own []string) iter.Seq2[other, error] {
	return func(yield func(other, error) bool) {
		names, err := e.Journal.Names(ctx)
		if err != nil {
			yield(other{}, err)
			return
		}
		for _, name := range names {
			record := newLeftover(name)
			if record == nil || slices.Contains(own, name) {
				continue
			}
			found, err := e.Journal.Peek(ctx, name, record)
			if (found || err != nil) && (!yield(other{record, name}, err) || err != nil && !attempt.Unreadable(err)) {
				return
			}
		}
	}
}
