// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"
	"errors"
	"slices"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// openDestination looks at the destination table, or plans one where there is none and the job wants it.
func openDestination(ctx context.Context, e *tables.Env, j job.Copy, r job.Ref, ready *plan, found *problem.List) {
	if j.Restores() && j.Restore.Replace && openReplaced(ctx, e, j, r, ready, found) {
		return
	}
	opened, p := tables.Open(ctx, e, r)
	if meetsUnfinished(ctx, e, j, r, p, ready, found) {
		return
	}
	if p != nil && tables.Gone(p.Err) && !j.Destination.Creates() && j.Source.Table != "" {
		p.Next += " The copy itself creates the table with destination.create_table."
	}
	inTheMaking := p != nil && errors.Is(p.Err, store.ErrNotActive)
	if !j.Destination.Creates() || p != nil && !tables.Gone(p.Err) && !inTheMaking {
		found.Add(p)
		ready.destination = opened
		return
	}
	begun, clients, wrong := newtable.Begun(ctx, e, r)
	if wrong != nil {
		found.Add(wrong)
		return
	}
	if inTheMaking && (begun == nil || !newtable.WantedBy(begun, j, ready.source) || begun.Restore != nil && !j.Restores() || begun.Import && !j.Exports()) {
		found.Add(p)
		return
	}
	if p == nil {
		if begun.Made(opened.Description) && newtable.WantedBy(begun, j, ready.source) {
			var problems problem.List
			ready.creation, _, problems = newtable.Plan(ctx, e, j, ready.source, clients)
			found.Add(problems...)
			ready.creation.Resume(j, begun)
		}
		ready.destination = opened
		return
	}
	if ready.source == nil {
		return // There is nothing to go by, which is an error already or not known yet.
	}
	creation, planned, problems := newtable.Plan(ctx, e, j, ready.source, clients)
	found.Add(problems...)
	ready.creation = creation
	if planned != nil {
		ready.destination = planned
	}
	switch {
	case ready.creation == nil:
	case j.Restores():
		found.Add(ready.creation.PlanRestore(ctx, j, begun, e.Now()))
	case inTheMaking:
		ready.creation.State.StartedAt, ready.creation.State.Import = begun.StartedAt, begun.Import
	}
}

// copyToNew makes the destination, copies the items, and then gives it the rest of its settings. A time to live would delete
// items while they are compared, a stream would hold them all, and autoscaling would leave the new table with the capacity that the copy needed.
func copyToNew(ctx context.Context, e *tables.Env, j job.Copy, ready *plan, observer attempt.Observer) (_ *run.Result, err error) {
	made, r := ready.creation, j.DestinationRef()
	record, err := attempt.Take(ctx, e, r, newtable.RecordName(made.Clients, r), "creating")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	made.Record = record
	ready.own = append(ready.own, newtable.RecordName(made.Clients, r))
	if made.State.StartedAt.IsZero() {
		made.State.Import = ready.willImport(j)
	}
	made.State.Import = made.State.Import && j.Exports() // Another method takes the table as it is.
	writer := &settings.Writer{
		Clients: made.Clients, Table: made.State.Wanted.Table.Name, From: made.State.Source, Given: &made.State.Given, Sleep: wire.Sleep,
		Done: func(string) error { return made.Progress(ctx) },
	}
	if j.Restores() {
		todo := newtable.RestoreRun{Env: e, Job: j, Source: ready.source, Choice: ready.choice, Own: ready.own, Made: made, Record: record, Writer: writer}
		return todo.Do(ctx, observer)
	}
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
		if ready.destination, p = tables.OpenCreated(ctx, e, r); p != nil {
			return nil, p
		}
	}
	var notKept []string
	// As part of the run: once that is complete, nobody would know any more that the items are there.
	ready.finish = func(ctx context.Context) error {
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
	result, err := moveItems(ctx, e, j, ready, observer)
	if err != nil {
		return nil, err
	}
	result.DestinationCreated, result.SettingsNotCopied = true, slices.Concat(made.State.NotCopied, notKept)
	result.Remarks = append(result.Remarks, recreate.ChangedWarnings("destination.table", made.State.Wanted.Table, made.Changed)...)
	return result, nil
}
