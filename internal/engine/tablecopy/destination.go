// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"
	"errors"
	"slices"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// openDestination opens the destination table, or plans one if there is none and the job asks for one.
func (r *plan) openDestination(ctx context.Context, e *tables.Env, found *problem.List) {
	j, table := r.Job, r.Job.DestinationRef()
	if j.Restores() && j.Restore.Replace && r.openReplaced(ctx, e, found) {
		return
	}
	opened, p := tables.Open(ctx, e, table)
	if r.meetsUnfinished(ctx, e, table, p, found) {
		return
	}
	if p != nil && explain.Gone(p.Err) && !j.Destination.Creates() && j.Source.Table != "" {
		p.Next += " The copy itself creates the table with destination.create_table."
	}
	inTheMaking := p != nil && errors.Is(p.Err, store.ErrNotActive)
	if !j.Destination.Creates() || p != nil && !explain.Gone(p.Err) && !inTheMaking {
		found.Add(p)
		r.Destination = opened
		return
	}
	begun, clients, wrong := newtable.Begun(ctx, e, table)
	if wrong != nil {
		found.Add(wrong)
		return
	}
	if inTheMaking &&
		(begun == nil || !newtable.WantedBy(begun, j, r.Source) || begun.Restore != nil && !j.Restores() || begun.Import && !j.Exports()) {
		found.Add(p)
		return
	}
	if p == nil {
		if begun.Made(opened.Description) && newtable.WantedBy(begun, j, r.Source) {
			var problems problem.List
			r.creation, _, problems = newtable.Plan(ctx, e, j, r.Source, clients)
			found.Add(problems...)
			r.creation.Resume(j, begun)
		}
		r.Destination = opened
		return
	}
	if r.Source == nil {
		return // There is nothing to go by, which is an error already or not known yet.
	}
	creation, planned, problems := newtable.Plan(ctx, e, j, r.Source, clients)
	found.Add(problems...)
	r.creation = creation
	if planned != nil {
		r.Destination = planned
	}
	switch {
	case r.creation == nil:
	case j.Restores():
		found.Add(r.creation.PlanRestore(ctx, j, begun, e.Now()))
	case inTheMaking:
		r.creation.State.StartedAt, r.creation.State.Import = begun.StartedAt, begun.Import
	}
}

// takeCreation takes the record of the table that the copy creates, and returns it with the writer of the table's
// settings.
func (r *plan) takeCreation(ctx context.Context, e *tables.Env) (journal.Record, *settings.Writer, error) {
	made, name := r.creation, newtable.RecordName(r.creation.Clients, r.Job.DestinationRef())
	record, err := attempt.Take(ctx, e, r.Job.DestinationRef(), name, "creating")
	if err != nil {
		return nil, nil, err
	}
	made.Record = record
	r.own = append(r.own, name)
	if made.State.StartedAt.IsZero() {
		made.State.Import = r.willImport()
	}
	made.State.Import = made.State.Import && r.Job.Exports() // Another method takes the table as it is.
	return record, &settings.Writer{
		Clients: made.Clients,
		Table:   made.State.Wanted.Table.Name,
		From:    made.State.Source,
		Given:   &made.State.Given,
		Sleep:   pause.Sleep,
		Done:    func(string) error { return made.Progress(ctx) },
	}, nil
}

// restoreToNew has AWS create the destination with the items in it.
func (r *plan) restoreToNew(ctx context.Context, e *tables.Env, observer attempt.Observer) (_ *run.Result, err error) {
	record, writer, err := r.takeCreation(ctx, e)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	restore := newtable.RestoreRun{
		Env: e, Job: r.Job, Source: r.Source, Choice: r.choice, Own: r.own, Made: r.creation, Record: record, Writer: writer,
	}
	return restore.Do(ctx, observer)
}

// fill has the items copied to the destination, which is created first if the copy creates it.
func (r *plan) fill(ctx context.Context, e *tables.Env, move func() (*run.Result, error)) (*run.Result, error) {
	if r.creation == nil {
		return move()
	}
	return r.fillNew(ctx, e, move)
}

// fillNew creates the destination, has the items copied, and then gives it the rest of its settings. Before that, a
// time to live would delete items while they are compared, a stream would hold them all, and auto scaling would leave
// the new table with the capacity that the copy needed.
func (r *plan) fillNew(
	ctx context.Context,
	e *tables.Env,
	move func() (*run.Result, error),
) (_ *run.Result, err error) {
	record, writer, err := r.takeCreation(ctx, e)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	made := r.creation
	if made.State.TableID == "" && !made.State.Import {
		if err := newtable.MakeTable(ctx, e, record, made.State, writer); err != nil {
			if known, ok := errors.AsType[*problem.Problem](err); ok {
				return nil, known
			}
			return nil, made.Problem(ctx, "It may be there or not, and is empty.", err)
		}
	}
	if !made.State.Import {
		var p *problem.Problem
		if r.Destination, p = tables.OpenCreated(ctx, e, r.Job.DestinationRef()); p != nil {
			return nil, p
		}
	}
	var notKept []string
	// This is a part of the run: once the run is complete, nothing records any more that the items are there.
	r.finish = func(ctx context.Context) error {
		var err error
		if notKept, err = made.Finish(ctx, writer); err != nil {
			p := made.Problem(ctx, "", err)
			p.Cause = "The items are there, but the new table has not all of its settings yet. " + p.Cause
			return p
		}
		if err := record.Remove(ctx); err != nil {
			return attempt.Explain(ctx, err)
		}
		return nil
	}
	result, err := move()
	if err != nil {
		return nil, err
	}
	result.DestinationCreated, result.SettingsNotCopied = true, slices.Concat(made.State.NotCopied, notKept)
	result.Warnings = append(
		result.Warnings,
		recreate.ChangedWarnings("destination.table", made.State.Wanted.Table, made.Changed)...)
	return result, nil
}
