// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// tokenLife is how long a client token is good for, less an hour: DynamoDB forgets it after eight.
const tokenLife = 7 * time.Hour

// operation is one that AWS does for a run. The token is in the journal before the operation is started, the ARN before it is waited for.
type operation struct {
	Token, ARN string
	// SentAt is when it was first asked for; zero if it was not.
	SentAt time.Time
}

// begun reports whether AWS was asked for it, and may have begun.
func (o operation) begun() bool { return o.ARN != "" || !o.SentAt.IsZero() }

// forgotten says that AWS does not know the token any more, so that what was started with it, if anything was, cannot be found by it.
func (o operation) forgotten(now time.Time) bool { return o.ARN == "" && now.Sub(o.SentAt) > tokenLife }

// exportRecord is what the journal keeps of a copy by way of an export.
type exportRecord struct {
	Record
	Export operation
	// Load is the import or the bulk operation, empty if there is none yet.
	Load operation
	// At is the time of which the export is, zero for that of its start.
	At time.Time `json:",omitzero"`
}

// imports reports whether the destination is a table that ImportTable makes: it has no id yet.
func (r *exportRecord) imports() bool { return !strings.Contains(r.Writes, "#") }

// exportLog is the progress of such a copy in the journal.
type exportLog struct {
	exportRecord
	resumed bool
	name    string // That of the record.
	now     func() time.Time
	began   time.Time
	before  time.Duration
	journal journal.Record
	last    unsaved
}

// openExportLog takes the run's record, and finds out whether an earlier attempt can go on.
func openExportLog(ctx context.Context, e *tables.Env, j job.Copy, ready *readyCopy) (*exportLog, *problem.Problem) {
	name, err := exportName(ctx, j, ready)
	if err != nil {
		return nil, tables.Explain(ctx, err)
	}
	log := &exportLog{name: name, now: e.Now, began: e.Now(), exportRecord: exportRecord{
		Record: Record{
			Progress: Progress{
				Header: journal.Header{Kind: kindCopy, From: j.Source.String(), To: j.Destination.String()},
				ID:     journal.NewID(name), StartedAt: e.Now(), EstimatedItems: ready.estimate(),
			},
			Reads: ready.source.Identity().String(), Writes: ready.loaded(),
		},
		Export: operation{Token: journal.NewID(name)}, At: j.Export.At,
	}}
	busy := inUse(ready.source.Identity(), job.SourceTable)
	busy.Next = dependsOn
	var p *problem.Problem
	if log.journal, p = openRecord(ctx, e, name, busy, thisVeryRun); p != nil {
		return nil, p
	}
	var earlier exportRecord
	found, err := log.journal.Load(ctx, &earlier)
	if err != nil {
		return nil, journalProblem(ctx, errors.Join(err, log.close()))
	}
	if found {
		if why := earlier.foreign(name, e.Now()); why != "" {
			return nil, tables.Explain(ctx, errors.Join(refusedRecord(e, name, why), log.close()))
		}
	}
	if found && earlier.Reads == log.Reads && earlier.good(e.Now()) && (earlier.Load == operation{} || earlier.Writes == log.Writes) {
		earlier.Writes = log.Writes // What is not loaded yet may be loaded into another table of the name.
		header := log.Header
		log.exportRecord, log.resumed = earlier, true
		log.Header = header
		if earlier.Load.forgotten(e.Now()) {
			log.Load = operation{}
		}
	}
	if !log.Load.begun() && ready.imported() {
		ready.creation.notImported(ready.destination)
		log.Writes = ready.loaded()
	}
	log.before = log.Active
	return log, nil
}

// ours reports whether the token of an operation is one that an attempt at this run has given to it.
func (l *exportLog) ours(token string) bool { return journal.IsID(token, l.name) }

// imported reports whether the destination is there, and an import of an earlier attempt has made it.
func (r *readyCopy) imported() bool {
	return r.creation != nil && r.creation.state.Import && optional.Value(r.destination.Description.TableId) != ""
}

// notImported has the table, which an import has made that is not known any more, loaded in another way.
func (c *creation) notImported(made *tables.Table) {
	c.state.Import, c.state.TableID = false, made.Identity().ID
}

// loaded is the destination's identity. A table that an import makes has only its name until it is there.
func (r *readyCopy) loaded() string {
	if r.creation != nil && r.creation.state.Import {
		return r.destination.ARN()
	}
	return r.destination.Identity().String()
}

// good says whether what was started can be gone on with: a load that somebody has waited for within a day, or an export that was begun
// within a day.
func (r exportRecord) good(now time.Time) bool {
	if r.Load.ARN != "" {
		return now.Sub(r.UpdatedAt) < GoOnWithin
	}
	return !r.Export.forgotten(now) && now.Sub(r.Export.SentAt) < GoOnWithin
}

// exportName is the same for the same run.
func exportName(ctx context.Context, j job.Copy, ready *readyCopy) (string, error) {
	source, err := ready.openSource(ctx, j) // Only for its definition, which the filter and the transform are part of.
	if err != nil {
		return "", err
	}
	if transformed := ready.transformed(source); transformed != nil {
		source = transformed
	}
	place, _ := j.ExportPlace()
	definition, err := json.Marshal([]any{
		ready.source.ARN(), string(source.Definition()), ready.destination.ARN(), j.Destination.String(), place, j.Export.At, j.Conflict(), j.Verify, j.Triggers,
	})
	return journal.ExportName(definition), errors.Join(err, source.Close())
}

// begin starts the operation, unless an earlier attempt has.
func (l *exportLog) begin(ctx context.Context, o *operation, start func(context.Context) (string, error)) error {
	if o.ARN != "" {
		return nil
	}
	if o.SentAt.IsZero() {
		o.SentAt = l.now()
	}
	if err := l.save(ctx); err != nil {
		return err
	}
	var err error
	if o.ARN, err = start(ctx); err != nil {
		return err
	}
	return l.progress(ctx) // The token finds it too.
}

// progress keeps how far AWS has come. A record that cannot be saved does not end the run.
func (l *exportLog) progress(ctx context.Context) error { return l.last.note(l.save(ctx)) }

// save keeps what has been started, also when the run has been cancelled.
func (l *exportLog) save(ctx context.Context) error {
	l.UpdatedAt = l.now()
	return l.write(ctx)
}

// hide keeps it from those who watch: what reads the export has a record of its own, by which the run is seen.
func (l *exportLog) hide(ctx context.Context) error {
	l.UpdatedAt = time.Time{}
	return l.last.note(l.write(ctx))
}

func (l *exportLog) write(ctx context.Context) error {
	l.Active = l.before + l.now().Sub(l.began)
	if err := l.journal.Save(context.WithoutCancel(ctx), l.exportRecord); err != nil {
		return journalProblem(ctx, err)
	}
	return nil
}

// keep saves the record for the next attempt, less what AWS has ended: a load that has not failed over the items leaves the export, which
// the next attempt loads again.
func (l *exportLog) keep(ctx context.Context, err error) error {
	failed, ended := errors.AsType[*managed.FailedError](err)
	switch {
	case errors.Is(err, journal.ErrTaken):
		return nil
	case ended && !l.leavesExport(failed):
		return l.journal.Remove(context.WithoutCancel(ctx))
	case ended:
		l.Load = operation{}
	}
	return l.save(ctx)
}

// leavesExport says whether what AWS has ended leaves an export that can be loaded again.
func (l *exportLog) leavesExport(failed *managed.FailedError) bool {
	return failed.ARN == l.Load.ARN && !failed.OverItems()
}

// left says what has been started.
func (l *exportLog) left() string {
	switch {
	case l.Load.ARN != "":
		return "So far: the export " + l.Export.ARN + " is complete, and " + l.Load.ARN + " continues in AWS."
	case l.Export.ARN != "":
		return "So far: the export " + l.Export.ARN + " was started."
	}
	return "So far: nothing was started."
}

func (l *exportLog) close() error { return l.journal.Close() }
