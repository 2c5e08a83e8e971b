// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/deadletters"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// runLog is the progress of one run in the journal.
type runLog struct {
	records.Run
	resumed bool
	// repeated says that an earlier attempt has begun, whether or not this one can go on from where it came.
	repeated bool
	anew     bool // Read everything again, and keep the counts of what has been done, which is gone.
	segment  bool // A share of a run that has a record of its own.
	restarts bool // Begins from the start each time: what an attempt had in memory for S3 is lost with it.

	name     string // That of the record.
	now      func() time.Time
	interval time.Duration  // The least time between two savings.
	journal  journal.Record // Nil for a run that cannot go on: a file is written anew each time.
}

// openLog takes the run's record, and finds out whether an earlier attempt can go on.
func openLog(ctx context.Context, e *tables.Env, m movement) (*runLog, *problem.Problem) {
	log := &runLog{now: e.Now, anew: m.anew, segment: m.segment != nil, restarts: m.writes == nil && !m.spread, Run: records.Run{
		Progress: attempt.Progress{Header: journal.Header{Kind: m.kind, From: m.from, To: m.to}, ID: journal.NewID(m.name()), StartedAt: e.Now(), EstimatedItems: m.estimate},
		Of:       m.of(), Parts: m.parts, Reads: m.reads.Identity().String(), Writes: m.writes.Identity().String(),
	}}
	if m.segment != nil {
		log.ID, log.StartedAt, log.repeated = m.segment.Run.ID, m.segment.Run.StartedAt, m.segment.Repeated
	}
	if _, exports := m.sink.(*store.S3Sink); m.writes == nil && !exports {
		return log, nil
	}
	busy := m.inUse()
	busy.Next = attempt.DependsOn + " If another Terraform is running, wait until it is done, or stop it; the next apply then resumes where it stopped."
	var p *problem.Problem
	log.name = m.name()
	if log.journal, p = attempt.Open(ctx, e, log.name, busy, attempt.ThisVeryRun); p != nil {
		return nil, p
	}
	var earlier records.Run
	found, err := log.journal.Load(ctx, &earlier)
	if err != nil {
		return nil, attempt.Explain(ctx, errors.Join(err, log.close()))
	}
	if found {
		if err := takeOver(ctx, e, log, earlier, m); err != nil {
			return nil, tables.Explain(ctx, errors.Join(err, log.close()))
		}
	}
	log.interval = e.Journal.SaveInterval()
	log.ReadLimit, log.WriteLimit = m.limits.Read, m.limits.Write // Of this attempt.
	return log, nil
}

// takeOver takes over what the record that was found says of an earlier attempt, if it is one of the movement.
func takeOver(ctx context.Context, e *tables.Env, log *runLog, earlier records.Run, m movement) error {
	if why := foreignRecord(&earlier, log, m); why != "" {
		return attempt.Refused(e, log.name, why)
	}
	if log.Left = earlier.Left; earlier.Export != "" {
		log.Left = append(log.Left, earlier.Export)
	}
	if earlier.Reads != log.Reads || earlier.Writes != log.Writes {
		return nil
	}
	whole := deadletters.Holds(e.Directory, earlier.ID, earlier.Checkpoint.Ledger.Failed)
	if earlier.Job != nil {
		same, err := m.samePlace(*earlier.Job)
		if err != nil {
			return err
		}
		whole = whole && same
	}
	if m.spread && earlier.Export != "" { // Its segments go on with what there is of the export.
		complete, err := m.export().Completed(ctx, earlier.Export)
		if err != nil {
			return m.failure(ctx, flow.Ledger{}, err, false)
		}
		if complete {
			return nil // It is not touched again, whatever was left to do.
		}
	}
	log.repeat(earlier, m, whole)
	return nil
}

// repeat takes over what an earlier attempt at the movement has left that is still good. How far it came is good for a day, and where
// all items are that it has set aside. Who it was
// is good as long as no item is replaced: transforms may have put the run's id and its start into the items, by which it knows them for its own.
func (l *runLog) repeat(earlier records.Run, m movement, whole bool) {
	// Whether a segment goes on is decided by the whole run, which may take longer than that.
	fresh := m.segment != nil || attempt.Recent(earlier.UpdatedAt, l.now())
	if !fresh && m.conflict == "" {
		return
	}
	l.repeated, l.WasEmpty, l.MayDiffer = true, earlier.WasEmpty, earlier.MayDiffer
	switch {
	case fresh && whole && l.worthwhile(earlier):
		header := l.Header
		l.Run, l.resumed = earlier, true
		l.Header = header
	// The place in S3 of a run that is spread over machines goes by its id, and still holds how far it came.
	case fresh || !m.spread:
		l.ID, l.StartedAt = earlier.ID, earlier.StartedAt
	}
}

// records are the names of the run's own records. That of an earlier attempt which the run does not go on from may name a Spark job that
// still runs, so it counts as another run's then.
func (m movement) records(log *runLog) []string {
	if !log.resumed {
		return m.own
	}
	return append(slices.Clip(m.own), log.name)
}

// of is the name of the record of the copy by way of an export that the movement is a part of, empty for none.
func (m movement) of() string {
	at := slices.IndexFunc(m.own, func(name string) bool { return journal.KindOf(name) == journal.KindExport })
	if at < 0 {
		return ""
	}
	return m.own[at]
}

// change is what the movement does to the table that it writes.
func (m movement) change() records.Change {
	return records.Change{Table: m.writes, Adds: m.kind == attempt.KindCopy}
}

// name is the same for the same run: what is read, what is written, how, and the triggers.
func (m movement) name() string {
	if m.segment != nil {
		return journal.SegmentName(m.segment.Number)
	}
	parts := []any{m.kind, m.reads.ARN(), string(m.source.Definition()), m.writes.ARN(), m.attribute, m.conflict, m.verify.Level(), m.triggers}
	switch {
	case m.spread:
		parts = append(parts, job.MethodEMR, m.to) // Another method keeps other records.
	case m.writes == nil:
		parts = append(parts, m.to)
	}
	if reads, writes := m.reads.Identity().Region, m.writes.Identity().Region; reads+writes != "" {
		parts = append(parts, reads, writes) // On DynamoDB Local the ARNs do not tell.
	}
	definition, err := json.Marshal(parts)
	if err != nil {
		panic(err) // Texts have always a JSON form.
	}
	if m.kind == attempt.KindPurge {
		return journal.PurgeName(definition)
	}
	return journal.CopyName(definition)
}

// from is where the run goes on, nil at its beginning.
func (l *runLog) from() *flow.Checkpoint {
	switch {
	case !l.resumed:
		return nil
	case l.anew:
		done := l.Checkpoint.Ledger
		done.Scanned, done.Filtered = done.Settled(), 0
		return &flow.Checkpoint{Ledger: done, Announced: l.Checkpoint.Announced}
	}
	return &l.Checkpoint
}

// worthwhile says whether a later attempt will go on from the record.
func (l *runLog) worthwhile(r records.Run) bool {
	begun := r.Job != nil || len(r.Checkpoint.Parts) > 0 || len(r.Checkpoint.Announced) > 0 || r.Kind == attempt.KindPurge && r.Checkpoint.Ledger.Written > 0
	return l.journal != nil && (r.Done || begun && !l.restarts)
}

// record is what the journal is to hold when this attempt has come so far.
func (l *runLog) record(moving *flow.Run, m movement, active time.Duration) records.Run {
	r := l.Run
	r.UpdatedAt, r.Phase = l.now(), m.verify.Phase()
	r.Active += active
	r.Throttled += m.throttled()
	r.Ledger, r.Checkpoint = moving.Ledger(), moving.Checkpoint()
	return r
}

// begin writes the record of an attempt that has done nothing yet.
func (l *runLog) begin(ctx context.Context) error {
	record := l.Run
	record.UpdatedAt = l.now()
	return l.save(ctx, record)
}

// save writes the record, also when the run has been cancelled.
func (l *runLog) save(ctx context.Context, record records.Run) error {
	if l.journal == nil {
		return nil
	}
	return l.journal.Save(context.WithoutCancel(ctx), record)
}

// stop writes the record of an attempt that ends before its run is complete.
func (l *runLog) stop(ctx context.Context, record records.Run) error {
	record.Stopped = true
	return l.save(ctx, record)
}

// complete ends the record of a run. That of a segment stays, for whoever adds the segments up, and for an attempt at the
// segment that does not know of this one's success.
func (l *runLog) complete(ctx context.Context, record records.Run) error {
	if l.segment {
		record.Done = true
		return l.save(ctx, record)
	}
	return l.remove(ctx)
}

// mismatch ends the record of a run whose verification failed: the next attempt reads from the beginning. One that replaces no item
// has to know those that this one has written.
func (l *runLog) mismatch(ctx context.Context, record records.Run, conflict string) error {
	if conflict == "" {
		return l.remove(ctx)
	}
	mayDiffer := l.mayDiffer(record.Ledger)
	record.MayDiffer, record.Ledger, record.Checkpoint = &mayDiffer, flow.Ledger{}, flow.Checkpoint{}
	return l.stop(ctx, record)
}

// mayDiffer is how many items at the destination differ because they were there before the run.
func (l *runLog) mayDiffer(ledger flow.Ledger) int64 {
	if l.MayDiffer != nil {
		return min(*l.MayDiffer, ledger.SkippedDifferent)
	}
	return ledger.SkippedDifferent
}

// remove deletes the record of a run that is complete.
func (l *runLog) remove(ctx context.Context) error {
	if l.journal == nil {
		return nil
	}
	return l.journal.Remove(ctx)
}

func (l *runLog) close() error {
	if l.journal == nil {
		return nil
	}
	return l.journal.Close()
}
