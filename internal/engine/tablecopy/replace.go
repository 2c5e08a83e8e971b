// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// openReplaced looks at a destination that a restore is to replace. It says false if there is none, so that one is made.
func (r *plan) openReplaced(ctx context.Context, e *tables.Env, found *problem.List) bool {
	table := r.job.DestinationRef()
	if r.source == nil {
		return true // There is nothing to go by, which is an error already or not known yet.
	}
	again := r.job
	again.Triggers = nil // A table that was dropped is restored by the next run, whatever has triggered that.
	definition, err := again.RestoreDefinition(settings.IdentityOf(r.source.Description))
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
	if p != nil && tables.Gone(p.Err) {
		return false
	}
	found.Add(p)
	r.destination = opened
	if p != nil {
		return true
	}
	snapshot, err := settings.Read(ctx, clients, opened.Name)
	if err != nil {
		p := tables.Explain(ctx, err)
		p.Attribute = "destination.table"
		p.Table, p.Account, p.Region = opened.Place()
		found.Add(p)
		return true
	}
	begun := &recreate.Plan{Clients: clients, State: &steps.State{ID: journal.NewID(records.RecreateName(snapshot.Table)), StartedAt: e.Now(), Snapshot: snapshot, Definition: definition, BackupARN: r.job.Restore.BackupARN}}
	if unfinished != nil && unfinished.BackupARN != "" && unfinished.BackupARN != r.job.Restore.BackupARN && (unfinished.Definition != definition || e.Now().Sub(unfinished.StartedAt) > attempt.ResumeWindow) {
		found.Add(newtable.LeftBackup(opened.About("destination.table", ""), unfinished.BackupARN))
		unfinished.Definition = "" // Only what it has changed of the table counts.
	}
	begun, refusals, p := recreate.MayDrop(ctx, e, opened, "destination.table", begun, []string{steps.AllowStream}, unfinished)
	if p != nil {
		found.Add(p)
		return true
	}
	for _, refusal := range refusals {
		p := notReplaced(opened, "The table is not replaced since "+refusal.Reason+".")
		if refusal.Passes {
			p.Err = opened.Passing()
		}
		found.Add(p)
	}
	r.replaced = begun
	found.Add(replacedWarning(opened, snapshot), replacedStreamWarning(e, opened))
	return true
}

// resumeReplacing prepares to finish what was begun, if it was this very run.
func (r *plan) resumeReplacing(ctx context.Context, table job.Ref, begun *recreate.Plan, definition string) *problem.Problem {
	was := begun.State.Snapshot.Table
	request, err := begun.State.Snapshot.CreateTable(was.Name)
	if err != nil {
		return attempt.Explain(ctx, err)
	}
	r.destination = tables.Planned(begun.Clients.DynamoDB, table, request, was.ARN)
	if begun.State.Definition != definition {
		p := r.waitFor(table, begun.State)
		p.Cause += " It was another run."
		return p
	}
	r.replaced = begun
	return recreate.UnfinishedWarning(table.Problem(table.Attribute, ""), begun.State)
}

func notReplaced(t *tables.Table, cause string) *problem.Problem {
	p := t.About("backup_restore.replace_destination", "Destination Cannot Be Replaced")
	p.Cause = cause
	p.Next = "Leave the table as it is: empty it with dynamoops_table_purge and method = \"delete_items\", and copy with method = \"scan\"."
	return p
}

// fitsReplaced says why what is restored, the backup if it is one that was given, cannot have the settings of the table that it replaces.
func (r *plan) fitsReplaced(ctx context.Context, e *tables.Env, backup *types.BackupDescription) *problem.Problem {
	kept := r.replaced.State.Snapshot
	fits, err := false, error(nil)
	if backup != nil {
		fits, err = kept.FitsBackup(backup)
	} else {
		from, p := tables.SettingsClients(ctx, e, r.job.SourceRef())
		if p != nil {
			return p
		}
		var source *settings.Snapshot
		if source, err = settings.Read(ctx, from, r.source.Name); err == nil {
			fits, err = kept.FitsRestore(source)
		}
	}
	switch {
	case err != nil:
		p := tables.Explain(ctx, err)
		p.Attribute = "source.table"
		p.Table, p.Account, p.Region = r.source.Place()
		return p
	case fits:
		return nil
	}
	return notReplaced(r.destination, "Its key or its secondary indexes are others than those of what is restored, which a restore brings along.")
}

// replacedWarning announces that the table is dropped.
func replacedWarning(t *tables.Table, snapshot *settings.Snapshot) *problem.Problem {
	p := t.About("backup_restore.replace_destination", "Destination Will Be Dropped")
	p.Warning = true
	p.Cause = fmt.Sprintf("The table is dropped with all of its items, about %d, and restored from the source with the settings that it has now.", optional.Value(t.Description.ItemCount))
	if snapshot.PointInTimeRecovery() {
		p.Cause += " AWS keeps a backup of what it held for 35 days."
	}
	p.Next = "Leave replace_destination out if this is not meant."
	return p
}

// replacedStreamWarning says that the stream will be another one. Nobody but a reader is concerned by that, so it does not keep the table.
func replacedStreamWarning(e *tables.Env, t *tables.Table) *problem.Problem {
	p := recreate.StreamWarning(e, t)
	if p != nil {
		p.Attribute, p.Next = "backup_restore.replace_destination", "Give the new ARN to whatever reads the stream."
	}
	return p
}

// replace has AWS restore the source in the place of the destination, which keeps its settings.
func (r *plan) replace(ctx context.Context, e *tables.Env, observer attempt.Observer) (*run.Result, error) {
	begun, start := r.replaced, e.Now()
	state, resumed := begun.State, begun.State.Step != ""
	own := !r.job.Restore.Recovers() && r.job.Restore.BackupARN == ""
	request, err := state.Snapshot.CreateTable(state.Snapshot.Table.Name)
	if err != nil {
		return nil, err
	}
	if request.SSESpecification == nil {
		request.SSESpecification = newtable.OwnedByDynamoDB()
	}
	todo := steps.Run{Restore: &managed.Restore{
		Client: begun.Clients.DynamoDB, Table: state.Snapshot.Table.Name, SourceARN: r.source.ARN(), Override: request,
	}}
	kept := r.job.Restore.BackupARN
	if !r.job.Restore.Recovers() {
		todo.Backup = &managed.Backup{Client: r.source.Client, Table: r.source.Name}
	}
	if own {
		todo.Backup.Name = attempt.BackupName(state.ID)
		if err := attempt.OwnBackup(ctx, e, *todo.Backup, records.RecreateName(state.Snapshot.Table), state.BackupARN); err != nil {
			return nil, err
		}
	} else {
		state.BackupARN = kept
	}
	if own && !r.job.Restore.Keep {
		todo.Finish = func(ctx context.Context) error { return todo.Backup.Delete(ctx, state.BackupARN) }
	}
	done, err := recreate.Replace(ctx, e, r.job.DestinationRef(), records.UseOf(r.source, job.SourceTable), begun, todo, observer)
	if err != nil {
		return nil, err
	}
	if own && r.job.Restore.Keep {
		kept = state.BackupARN
	}
	chosen, now := r.choice, e.Now()
	var remarks problem.List
	remarks.Add(recreate.UnsavedWarning(ctx, done.Unsaved))
	remarks.Add(recreate.ChangedWarnings("destination.table", done.After.Table, done.Changed)...)
	return &run.Result{
		Warnings: remarks,
		ID:       state.ID, Method: chosen.Method, MethodReason: chosen.Reason, StartedAt: state.StartedAt, CompletedAt: now, Duration: now.Sub(start), Resumed: resumed,
		SourceARN: r.source.ARN(), DestinationARN: done.After.Table.ARN, BackupARN: kept,
	}, nil
}
