// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// leftover is a record of the journal as runs other than its own see it. Every kind of record is one. The name is that of the record.
type leftover interface {
	Head() journal.Header
	// outdated returns what the record is to be once the change is made, nil if it is to be removed, and what that means for its run.
	// ok is false for a change that does not concern the run.
	outdated(name string, c change) (rest any, means string, ok bool)
	// inTheWay is the problem that AWS works, or may work, for the run on a table that another run is to use; nil if it does not.
	inTheWay(ctx context.Context, e *tables.Env, name string, reads, writes used) *problem.Problem
}

// change is what a run does to a table: it adds or replaces items, or only deletes some.
type change struct {
	table *tables.Table
	adds  bool
}

// concerns reports whether it is the table of that identity that changes.
func (c change) concerns(identity string) bool {
	return identity != "" && identity == c.table.Identity().String()
}

// newLeftover returns an empty record of the kind that the name says, nil for a name that no kind of record has.
func newLeftover(name string) leftover {
	switch journal.KindOf(name) {
	case journal.KindCopy, journal.KindPurge:
		return &Record{}
	case journal.KindExport:
		return &exportRecord{}
	case journal.KindCreate:
		return &creationState{}
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

// eachOther are the journal's records but those of the names, which are the run's own. One that cannot be read comes with a
// *journal.UnreadableError, and does not keep the others from coming; any other error is the last.
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
			if (found || err != nil) && (!yield(other{record, name}, err) || err != nil && !unreadable(err)) {
				return
			}
		}
	}
}

// forgetOthers has the interrupted runs of others begin from the start that the change makes outdated, before it is made: they would
// otherwise resume behind items that have changed since, and the table's id does not say so. A record that cannot be read is left as it
// is: no run resumes from it.
func forgetOthers(ctx context.Context, e *tables.Env, c change, attribute string, own []string) *problem.Problem {
	for other, err := range eachOther(ctx, e, own) {
		if unreadable(err) {
			continue
		}
		if err != nil {
			return journalProblem(ctx, err)
		}
		if _, _, ok := other.outdated(other.name, c); !ok {
			continue
		}
		if p := forgetOther(ctx, e, c, attribute, other.name); p != nil {
			return p
		}
	}
	return nil
}

// forgetOther makes the record of that name what it is to be once the change is made. What it says is read once more: until it is taken, a
// run of its own may have gone on, or another one may have forgotten it.
func forgetOther(ctx context.Context, e *tables.Env, c change, attribute, name string) *problem.Problem {
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
		return journalProblem(ctx, err)
	}
	return nil
}

const (
	// forgetting is how long a record is waited for that another process holds: several runs of one apply may make the same record outdated,
	// and each holds it for a moment. A run that works on the record holds it for longer.
	forgetting = 10 * time.Second
	// forgettingPause is the time between two tries.
	forgettingPause = 50 * time.Millisecond
)

// takeLeftover takes the record of that name, which the change makes outdated.
func takeLeftover(ctx context.Context, e *tables.Env, c change, attribute, name string) (journal.Record, *problem.Problem) {
	for begun := e.Now(); ; {
		record, err := e.Journal.Open(ctx, name)
		held, busy := errors.AsType[*journal.HeldError](err)
		switch {
		case err == nil:
			return record, nil
		case !busy:
			return nil, journalProblem(ctx, err)
		case e.Now().Sub(begun) > forgetting:
			p := inUse(c.table.Identity(), attribute)
			p.Cause, p.Next = held.Holder.Has("using it"), dependsOn
			return nil, p
		}
		if err := wire.Sleep(ctx, forgettingPause); err != nil {
			return nil, journalProblem(ctx, err)
		}
	}
}

// outdated has a run that moves items begin from the start. A purge adds no item that another purge would have to find.
func (r *Record) outdated(name string, c change) (rest any, means string, ok bool) {
	if !c.concerns(r.Reads) && !c.concerns(r.Writes) || !c.adds && r.Kind != kindCopy {
		return nil, "", false
	}
	if r.Writes == "" {
		rest = r.fromTheStart(name)
	}
	return rest, "It begins from the start the next time that it is applied.", true
}

// fromTheStart is the record of a copy to S3 that begins from the start, which still has to remove what it has written so far. Its tasks
// on a cluster keep their progress under its id.
func (r *Record) fromTheStart(name string) Record {
	left := r.Left
	if r.Export != "" {
		left = append(left, r.Export)
	}
	header := r.Header
	header.Phase = ""
	return Record{Progress: Progress{Header: header, ID: journal.NewID(name), StartedAt: r.StartedAt}, Reads: r.Reads, Left: left}
}

// outdated has a copy by way of an export export again what has changed at its source, unless it is of a time in the past, and load
// again what has changed at its destination.
func (r *exportRecord) outdated(_ string, c change) (rest any, means string, ok bool) {
	switch {
	case c.concerns(r.Reads) && r.At.IsZero():
		means = "It exports once more the next time that it is applied."
		if r.Export.ARN != "" {
			means += " Its export " + r.Export.ARN + " stays in S3: delete it if it is not needed."
		}
		return nil, means, true
	case r.Load.begun() && (c.concerns(r.Writes) || r.imports() && r.Writes == c.table.ARN()):
		again := *r
		again.Load = operation{}
		return again, "It loads its export once more the next time that it is applied.", true
	}
	return nil, "", false
}

// outdated has a copy not take its table for what AWS has made of it any more. Of a table that was made empty, the items have a record
// of their own.
func (s *creationState) outdated(_ string, c change) (rest any, means string, ok bool) {
	switch {
	case s.TableARN != c.table.ARN() || !s.made(c.table.Description):
		return nil, "", false
	case s.Restore != nil:
		means = "AWS has restored the table for it, and the copy is not completed any more: settings that it had still to put back stay as they are. To apply it again, delete the table first, or name another one."
		if s.Restore.own() {
			means += " The backup that it has made stays: " + s.Restore.BackupARN + "."
		}
		return nil, means, true
	case s.Import: // What that means for the run is said of its export.
		loaded := *s
		loaded.Import = false
		return loaded, "", true
	}
	return nil, "", false
}

// recreateLeftover is the record of a recreate. Runs of its table find it by the table, and finish it or give it up.
type recreateLeftover struct{ recreate.State }

func (*recreateLeftover) outdated(string, change) (rest any, means string, ok bool) {
	return nil, "", false
}
