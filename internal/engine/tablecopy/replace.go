// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// openReplaced opens a destination that a restore replaces. It reports false if there is none, so that one is created.
func (r *plan) openReplaced(ctx context.Context, e *tables.Env, found *problem.List) bool {
	table := r.Job.DestinationRef()
	if r.Source == nil {
		return true // There is nothing to go by, which is an error already or not known yet.
	}
	again := r.Job
	again.Triggers = nil // A table that was dropped is restored by the next run, whatever has triggered that.
	definition, err := again.RestoreDefinition(settings.IdentityOf(r.Source.Description))
	if err != nil {
		found.Add(attempt.Explain(ctx, err))
		return true
	}
	unfinished, p := recreate.Unfinished(ctx, e, table)
	if p != nil {
		found.Add(p)
		return true
	}
	clients, p := tables.SettingsClients(ctx, e, table)
	if p != nil {
		found.Add(p)
		return true
	}
	if unfinished != nil && unfinished.Dropped() {
		found.Add(r.resumeReplacing(ctx, table, unfinished.Resume(clients), definition))
		return true
	}
	opened, p := tables.Open(ctx, e, table)
	if p != nil && explain.Gone(p.Err) {
		return false
	}
	found.Add(p)
	r.Destination = opened
	if p != nil {
		return true
	}
	snapshot, err := settings.Read(ctx, clients, opened.Name)
	if err != nil {
		found.Add(opened.Explain(ctx, "destination.table", err))
		return true
	}
	begun := &recreate.Plan{
		Clients: clients,
		State: &steps.State{
			ID:         journal.NewID(records.RecreateName(snapshot.Table)),
			StartedAt:  e.Now(),
			Snapshot:   snapshot,
			Definition: definition,
			BackupARN:  r.Job.Restore.BackupARN,
		},
	}
	if unfinished != nil && unfinished.BackupARN != "" && unfinished.BackupARN != r.Job.Restore.BackupARN &&
		(unfinished.Definition != definition || e.Now().Sub(unfinished.StartedAt) > attempt.ResumeWindow) {
		found.Add(newtable.LeftBackup(opened.About("destination.table", ""), unfinished.BackupARN))
		unfinished.Definition = "" // Only what it has changed of the table counts.
	}
	begun, refusals, p := recreate.MayDrop(
		ctx,
		e,
		opened,
		"destination.table",
		begun,
		[]string{steps.AllowStream},
		unfinished,
	)
	if p != nil {
		found.Add(p)
		return true
	}
	for _, refusal := range refusals {
		p := recreate.RefuseReplace(opened, "The table is not replaced since "+refusal.Reason+".")
		if refusal.Passes {
			p.Err = opened.Passing()
		}
		found.Add(p)
	}
	r.replaced = begun
	found.Add(recreate.ReplacedWarning(opened, snapshot), recreate.ReplacedStreamWarning(e, opened))
	return true
}

// resumeReplacing resumes a replacement if this same run began it.
func (r *plan) resumeReplacing(
	ctx context.Context,
	table job.Ref,
	begun *recreate.Plan,
	definition string,
) *problem.Problem {
	was := begun.State.Snapshot.Table
	request, err := begun.State.Snapshot.CreateTable(was.Name)
	if err != nil {
		return attempt.Explain(ctx, err)
	}
	r.Destination = tables.Planned(begun.Clients.DynamoDB, table, request, was.ARN)
	if begun.State.Definition != definition {
		p := r.waitFor(table, begun.State)
		p.Cause += " It was another run."
		return p
	}
	r.replaced = begun
	return recreate.UnfinishedWarning(table.Problem(table.Attribute, ""), begun.State)
}

// replace has AWS restore the source in place of the destination, with the destination's settings.
func (r *plan) replace(ctx context.Context, e *tables.Env, observer attempt.Observer) (*run.Result, error) {
	begun, start := r.replaced, e.Now()
	state, resumed := begun.State, begun.State.Step != ""
	own := !r.Job.Restore.Recovers() && r.Job.Restore.BackupARN == ""
	request, err := state.Snapshot.CreateTable(state.Snapshot.Table.Name)
	if err != nil {
		return nil, err
	}
	if request.SSESpecification == nil {
		request.SSESpecification = newtable.OwnedByDynamoDB()
	}
	todo := steps.Run{Restore: &managed.Restore{
		Client: begun.Clients.DynamoDB, Table: state.Snapshot.Table.Name, SourceARN: r.Source.ARN(), Override: request,
	}}
	kept := r.Job.Restore.BackupARN
	if !r.Job.Restore.Recovers() {
		todo.Backup = &managed.Backup{Client: r.Source.Client, Table: r.Source.Name}
	}
	if own {
		todo.Backup.Name = attempt.BackupName(state.ID)
		if err := attempt.OwnBackup(ctx, e, *todo.Backup, records.RecreateName(state.Snapshot.Table), state.BackupARN); err != nil {
			return nil, err
		}
	} else {
		state.BackupARN = kept
	}
	if own && !r.Job.Restore.Keep {
		todo.Finish = func(ctx context.Context) error { return todo.Backup.Delete(ctx, state.BackupARN) }
	}
	done, err := recreate.Replace(
		ctx,
		e,
		r.Job.DestinationRef(),
		records.UseOf(r.Source, job.SourceTable),
		begun,
		todo,
		observer,
	)
	if err != nil {
		return nil, err
	}
	if own && r.Job.Restore.Keep {
		kept = state.BackupARN
	}
	chosen, now := r.choice, e.Now()
	var remarks problem.List
	remarks.Add(recreate.UnsavedWarning(ctx, done.Unsaved))
	remarks.Add(recreate.ChangedWarnings("destination.table", done.After.Table, done.Changed)...)
	return &run.Result{
		Warnings: remarks,
		ID:       state.ID, Method: chosen.Method, MethodReason: chosen.Reason, StartedAt: state.StartedAt, CompletedAt: now,
		Duration: now.Sub(start), Resumed: resumed,
		SourceARN: r.Source.ARN(), DestinationARN: done.After.Table.ARN, BackupARN: kept,
	}, nil
}
