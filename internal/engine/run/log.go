// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/deadletters"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Log is the journal's record of one run, as one attempt at it sees and writes it.
type Log struct {
	records.Run
	resumed bool
	// Repeated reports whether an earlier attempt has begun, even if this one cannot resume it.
	Repeated bool
	rescan   bool // Read everything again, and keep the counts of what has been done, which is gone.
	segment  bool // A share of a run that has a record of its own.
	restarts bool // Begins from the start each time: what an attempt had in memory for S3 is lost with it.

	Name     string // That of the record.
	now      func() time.Time
	interval time.Duration  // The least time between two savings.
	journal  journal.Record // Nil for a run that cannot go on: a file is written anew each time.
}

// OpenLog identifies the tables, takes the run's record, and decides whether an earlier attempt can be resumed.
func OpenLog(ctx context.Context, e *tables.Env, m Movement) (*Log, *problem.Problem) {
	if err := identify(ctx, m); err != nil {
		return nil, m.Failure(ctx, flow.Ledger{}, err, false)
	}
	log := &Log{
		now:      e.Now,
		rescan:   m.Rescan,
		segment:  m.Share != nil,
		restarts: m.Writes == nil && !m.Spread,
		Run: records.Run{
			Progress: attempt.Progress{
				Header:         journal.Header{Kind: m.Kind, From: m.From, To: m.To},
				ID:             journal.NewID(m.Name()),
				StartedAt:      e.Now(),
				EstimatedItems: m.Estimate,
			},
			Of: m.of(), Segments: m.Segments, Reads: m.Reads.Identity().String(), Writes: m.Writes.Identity().String(),
		},
	}
	if m.Share != nil {
		log.ID, log.StartedAt, log.Repeated = m.Share.Run.ID, m.Share.Run.StartedAt, m.Share.Repeated
	}
	if _, exports := m.Sink.(*store.S3Sink); m.Writes == nil && !exports {
		return log, nil
	}
	busy := m.inUse()
	busy.Next = attempt.DependsOn + " If another Terraform is running, wait until it is done, or stop it; the next " +
		"apply then resumes where it stopped."
	var p *problem.Problem
	log.Name = m.Name()
	if log.journal, p = attempt.Open(ctx, e, log.Name, busy, attempt.ThisVeryRun); p != nil {
		return nil, p
	}
	var earlier records.Run
	found, err := log.journal.Load(ctx, &earlier)
	if err != nil {
		return nil, attempt.Explain(ctx, errors.Join(err, log.Close()))
	}
	if found {
		if err := takeOver(ctx, e, log, earlier, m); err != nil {
			return nil, explain.Error(ctx, errors.Join(err, log.Close()))
		}
	}
	log.interval = e.Journal.SaveInterval()
	log.ReadLimit, log.WriteLimit = m.Limits.Read, m.Limits.Write // Of this attempt.
	return log, nil
}

// takeOver resumes the earlier attempt that the record tells of, if it is an attempt at this run.
func takeOver(ctx context.Context, e *tables.Env, log *Log, earlier records.Run, m Movement) error {
	if why := foreignRecord(&earlier, log, m); why != "" {
		return attempt.Refused(e, log.Name, why)
	}
	if log.Left = earlier.Left; earlier.Export != "" {
		log.Left = append(log.Left, earlier.Export)
	}
	if earlier.Reads != log.Reads || earlier.Writes != log.Writes {
		return nil
	}
	whole := deadletters.Holds(e.Directory, earlier.ID, earlier.Checkpoint.Ledger.Failed)
	if earlier.Job != nil {
		same, err := m.SamePlace(*earlier.Job)
		if err != nil {
			return err
		}
		whole = whole && same
	}
	if m.Spread && earlier.Export != "" { // Its segments go on with what there is of the export.
		complete, err := m.export().Completed(ctx, earlier.Export)
		if err != nil {
			return m.Failure(ctx, flow.Ledger{}, err, false)
		}
		if complete {
			return nil // It is not touched again, whatever was left to do.
		}
	}
	log.repeat(earlier, m, whole)
	return nil
}

// repeat keeps what is still valid of an earlier attempt. Its progress is valid within the resume window, and where the
// file of its dead letters is. Its ID and start are valid as long as the run replaces no item: a transform may have put
// both into the items, and the run recognizes its own items by them.
func (l *Log) repeat(earlier records.Run, m Movement, whole bool) {
	// The whole run decides whether a task resumes, and it may take longer than the window.
	fresh := m.Share != nil || attempt.Recent(earlier.UpdatedAt, l.now())
	if !fresh && m.Conflict == "" {
		return
	}
	l.Repeated, l.WasEmpty, l.MayDiffer = true, earlier.WasEmpty, earlier.MayDiffer
	switch {
	case fresh && whole && l.Resumable(earlier):
		header := l.Header
		l.Run, l.resumed = earlier, true
		l.Header = header
	// The folder in S3 of a run on a cluster is named after its ID, and still holds its progress.
	case fresh || !m.Spread:
		l.ID, l.StartedAt = earlier.ID, earlier.StartedAt
	}
}

// from returns where the run resumes, nil for its beginning.
func (l *Log) from() *flow.Checkpoint {
	switch {
	case !l.resumed:
		return nil
	case l.rescan:
		done := l.Checkpoint.Ledger
		done.Scanned, done.Filtered = done.Settled(), 0
		return &flow.Checkpoint{Ledger: done, Announced: l.Checkpoint.Announced}
	}
	return &l.Checkpoint
}

// Resumable reports whether a later attempt can resume from the record.
func (l *Log) Resumable(r records.Run) bool {
	begun := r.Job != nil || len(r.Checkpoint.Segments) > 0 || len(r.Checkpoint.Announced) > 0 ||
		r.Kind == attempt.KindPurge && r.Checkpoint.Ledger.Written > 0
	return l.journal != nil && (r.Done || begun && !l.restarts)
}

// Interval is the least time between two saves, 0 for a run that keeps no record.
func (l *Log) Interval() time.Duration { return l.interval }

// record returns what the journal should hold at this moment.
func (l *Log) record(moving *flow.Run, m Movement, active time.Duration) records.Run {
	r := l.Run
	r.UpdatedAt, r.Phase = l.now(), m.Verify.Phase()
	r.Active += active
	r.Throttled += m.throttled()
	r.Ledger, r.Checkpoint = moving.Ledger(), moving.Checkpoint()
	return r
}

// begin writes the record of an attempt that has not done anything yet.
func (l *Log) begin(ctx context.Context) error {
	record := l.Run
	record.UpdatedAt = l.now()
	return l.Save(ctx, record)
}

// Save writes the record, even if the run has been cancelled.
func (l *Log) Save(ctx context.Context, record records.Run) error {
	if l.journal == nil {
		return nil
	}
	return l.journal.Save(context.WithoutCancel(ctx), record)
}

// Stop writes the last record of an attempt that did not complete its run.
func (l *Log) Stop(ctx context.Context, record records.Run) error {
	record.Stopped = true
	return l.Save(ctx, record)
}

// complete ends the record of a run. A task's record stays: it is added up later, and a repeated attempt at the task
// finds it done.
func (l *Log) complete(ctx context.Context, record records.Run) error {
	if l.segment {
		record.Done = true
		return l.Save(ctx, record)
	}
	return l.remove(ctx)
}

// mismatch ends the record of a run whose verification failed, so that the next attempt reads from the beginning. A run
// that replaces no item still has to recognize the items that this attempt has written.
func (l *Log) mismatch(ctx context.Context, record records.Run, conflict string) error {
	if conflict == "" {
		return l.remove(ctx)
	}
	mayDiffer := l.mayDiffer(record.Ledger)
	record.MayDiffer, record.Ledger, record.Checkpoint = &mayDiffer, flow.Ledger{}, flow.Checkpoint{}
	return l.Stop(ctx, record)
}

// mayDiffer returns how many items at the destination may differ because they were there before the run.
func (l *Log) mayDiffer(ledger flow.Ledger) int64 {
	if l.MayDiffer != nil {
		return min(*l.MayDiffer, ledger.SkippedDifferent)
	}
	return ledger.SkippedDifferent
}

func (l *Log) remove(ctx context.Context) error {
	if l.journal == nil {
		return nil
	}
	return l.journal.Remove(ctx)
}

func (l *Log) Close() error {
	if l.journal == nil {
		return nil
	}
	return l.journal.Close()
}

// foreignRecord returns what in the record no attempt at the movement can have written, empty if there is nothing. The
// log belongs to the attempt that loads the record.
func foreignRecord(r *records.Run, log *Log, m Movement) (why string) {
	of, export := m.Kind, m.export()
	switch {
	case m.Share != nil && r.ID != log.ID, m.Share == nil && !journal.IsID(r.ID, log.Name):
		return "its id is not one of this run"
	case r.Kind != of:
		return fmt.Sprintf("it is one of a %q, and the run is a %s", r.Kind, of)
	case r.Done && m.Share == nil:
		return "it says that the run is complete, and the record of a complete run is removed"
	case r.Job != nil && !m.Spread:
		return "it names a Spark job, and the run has none"
	case r.Segments < 0 || r.Segments > job.MostSegments || r.Active < 0 || r.Throttled < 0 || !records.Counts(r.Ledger) || !records.Counts(r.Checkpoint.Ledger) || optional.Value(r.MayDiffer) < 0:
		return "its counts are out of range"
	case r.Job != nil && (r.Segments == 0 || r.Segments > job.MostTasks):
		return "the number of its segments is out of range"
	case !records.Within(r.Checkpoint, r.Segments):
		return "it has come further than its parts"
	case export == nil && (r.Export != "" || len(r.Left) > 0):
		return "it names an export, and the run makes none"
	case m.Share == nil && len(r.Files) > 0:
		return "it names files of an export, which only the records of segments do"
	}
	for _, root := range append(r.Left, r.Export) {
		if root != "" && !export.IsOf(root, log.Name) {
			return fmt.Sprintf("the export %q is not one that this run has begun", root)
		}
	}
	if m.Share != nil && !records.Below(r.Files, m.Share.Export) {
		return "it names files that are not the export's"
	}
	if r.Job != nil {
		return r.Job.Foreign()
	}
	return ""
}
