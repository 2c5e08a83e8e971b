// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package exporting

import (
	"context"
	"errors"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// exportLog is the journal's record of a copy by export, as one attempt sees and writes it.
type exportLog struct {
	records.ExportRun
	resumed bool
	name    string // That of the record.
	now     func() time.Time
	began   time.Time
	before  time.Duration
	journal journal.Record
	last    attempt.Unsaved
}

// openExportLog takes the run's record, and decides whether an earlier attempt can be resumed.
func openExportLog(ctx context.Context, e *tables.Env, plan *Plan) (*exportLog, *problem.Problem) {
	name, j := plan.Name, plan.Job
	log := &exportLog{name: name, now: e.Now, began: e.Now(), ExportRun: records.ExportRun{
		Run: records.Run{
			Progress: attempt.Progress{
				Header: journal.Header{Kind: attempt.KindCopy, From: j.Source.String(), To: j.Destination.String()},
				ID:     journal.NewID(name), StartedAt: e.Now(), EstimatedItems: plan.Estimate,
			},
			Reads: plan.Source.Identity().String(), Writes: plan.writes(),
		},
		Export: records.Operation{Token: journal.NewID(name)}, At: j.Export.At,
	}}
	busy := attempt.InUse(plan.Source.Identity(), job.SourceTable)
	busy.Next = attempt.DependsOn
	var p *problem.Problem
	if log.journal, p = attempt.Open(ctx, e, name, busy, attempt.ThisVeryRun); p != nil {
		return nil, p
	}
	var earlier records.ExportRun
	found, err := log.journal.Load(ctx, &earlier)
	if err != nil {
		return nil, attempt.Explain(ctx, errors.Join(err, log.close()))
	}
	if found {
		if why := earlier.Foreign(name, e.Now()); why != "" {
			return nil, explain.Error(ctx, errors.Join(attempt.Refused(e, name, why), log.close()))
		}
	}
	if found && earlier.Reads == log.Reads && earlier.Good(e.Now()) &&
		(earlier.Load == records.Operation{} || earlier.Writes == log.Writes) {
		earlier.Writes = log.Writes // What is not loaded yet may be loaded into another table of the name.
		header := log.Header
		log.ExportRun, log.resumed = earlier, true
		log.Header = header
		if earlier.Load.Forgotten(e.Now()) {
			log.Load = records.Operation{}
		}
	}
	if !log.Load.Begun() && plan.imported() {
		plan.Creation.NotImported(plan.Destination)
		log.Writes = plan.writes()
	}
	log.before = log.Active
	return log, nil
}

// ours reports whether an attempt at this run gave the token to an operation.
func (l *exportLog) ours(token string) bool { return journal.IsID(token, l.name) }

// imported reports whether the import of an earlier attempt created the destination.
func (p *Plan) imported() bool {
	return p.Creation != nil && p.Creation.State.Import && optional.Value(p.Destination.Description.TableId) != ""
}

// writes returns the destination's identity. A table that an import creates has only a name until it exists.
func (p *Plan) writes() string {
	if p.Creation != nil && p.Creation.State.Import {
		return p.Destination.ARN()
	}
	return p.Destination.Identity().String()
}

// begin starts the operation, unless an earlier attempt did.
func (l *exportLog) begin(
	ctx context.Context,
	o *records.Operation,
	start func(context.Context) (string, error),
) error {
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

// progress saves how far AWS has come. A failed save does not end the run.
func (l *exportLog) progress(ctx context.Context) error { return l.last.Note(l.save(ctx)) }

// save saves what was started, even if the run has been cancelled.
func (l *exportLog) save(ctx context.Context) error {
	l.UpdatedAt = l.now()
	return l.write(ctx)
}

// hide makes the record invisible to the watch command: what reads the export has a record of its own.
func (l *exportLog) hide(ctx context.Context) error {
	l.UpdatedAt = time.Time{}
	return l.last.Note(l.write(ctx))
}

func (l *exportLog) write(ctx context.Context) error {
	l.Active = l.before + l.now().Sub(l.began)
	if err := l.journal.Save(context.WithoutCancel(ctx), l.ExportRun); err != nil {
		return attempt.Explain(ctx, err)
	}
	return nil
}

// keep saves the record for the next attempt without what AWS has ended. A load that did not fail over items leaves the
// export, which the next attempt loads again.
func (l *exportLog) keep(ctx context.Context, err error) error {
	failed, ended := errors.AsType[*managed.FailedError](err)
	switch {
	case errors.Is(err, journal.ErrTaken):
		return nil
	case ended && !l.leavesExport(failed):
		return l.journal.Remove(context.WithoutCancel(ctx))
	case ended:
		l.Load = records.Operation{}
	}
	return l.save(ctx)
}

// leavesExport reports whether the failed operation leaves an export that can be loaded again.
func (l *exportLog) leavesExport(failed *managed.FailedError) bool {
	return failed.ARN == l.Load.ARN && !failed.OverItems()
}

// left says what was started.
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
