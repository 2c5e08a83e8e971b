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

// leftover is a record as other runs see it. Every kind of record implements it; the name is the record's.
type leftover interface {
	Head() journal.Header
	// outdated returns what the record has to be once the change is made, nil if it is removed, and what that means for
	// its run. ok is false if the change does not concern the run.
	outdated(name string, c Change) (rest any, means string, ok bool)
	// inTheWay returns the problem that AWS works, or may work, for the record's run on a table that another run is about
	// to use; nil if it does not.
	inTheWay(ctx context.Context, e *tables.Env, name string, reads, writes Use) *problem.Problem
}

// Change is what a run does to a table: it adds or replaces items, or it only deletes some.
type Change struct {
	Table *tables.Table
	Adds  bool
}

// concerns reports whether the table with that identity changes.
func (c Change) concerns(identity string) bool {
	return identity != "" && identity == c.Table.Identity().String()
}

// newLeftover returns an empty record of the kind that the name tells, nil for any other name.
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

// other is another run's record.
type other = attempt.Entry[leftover]

// eachOther yields the journal's records except the run's own. An unreadable one comes with a *journal.UnreadableError
// and does not end the sequence; any other error does.
func eachOther(ctx context.Context, e *tables.Env, own []string) iter.Seq2[other, error] {
	return attempt.Entries(ctx, e.Journal, func(name string) (leftover, bool) {
		record := newLeftover(name)
		return record, record != nil && !slices.Contains(own, name)
	})
}
