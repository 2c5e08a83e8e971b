// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package recreate

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Run takes the table's record, drops the table and creates it again.
func Run(ctx context.Context, e *tables.Env, j job.Purge, begun *Plan, observer attempt.Observer) (*run.Result, error) {
	table, start, resumed := begun.State.Snapshot.Table, e.Now(), begun.State.Step != ""
	var todo steps.Run
	backup := &managed.Backup{Client: begun.Clients.DynamoDB, Table: table.Name, Name: attempt.BackupName(begun.State.ID)}
	if j.BackupBefore {
		todo.Backup = backup
	}
	if begun.State.Definition == "" { // Not one that a copy restores.
		if err := attempt.OwnBackup(ctx, e, *backup, records.RecreateName(table), begun.State.BackupARN); err != nil {
			return nil, err
		}
	}
	done, err := Replace(ctx, e, j.Ref(), records.Use{}, begun, todo, observer)
	if err != nil {
		return nil, err
	}
	shown, err := begun.State.Snapshot.Shown()
	if err != nil {
		return nil, err
	}
	document, err := json.MarshalIndent(shown, "", "  ")
	if err != nil {
		return nil, err
	}
	var remarks problem.List
	remarks.Add(UnsavedWarning(ctx, done.Unsaved))
	remarks.Add(ChangedWarnings("table", done.After.Table, done.Changed)...)
	return &run.Result{
		Warnings: remarks,
		ID:       begun.State.ID, StartedAt: begun.State.StartedAt, CompletedAt: e.Now(), Duration: e.Now().Sub(start),
		Resumed:        resumed,
		DestinationARN: done.After.Table.ARN, TableID: table.ID, NewTableID: done.After.Table.ID, StreamARN: table.StreamARN,
		NewStreamARN: done.After.Table.StreamARN,
		BackupARN:    done.BackupARN, SettingsRestored: done.Restored, SettingsJSON: string(document),
	}, nil
}

// Replace takes the table's record, and has the table dropped and created again as todo says. reads is the table that
// it is restored from, zero for none.
func Replace(
	ctx context.Context,
	e *tables.Env,
	r job.Ref,
	reads records.Use,
	begun *Plan,
	todo steps.Run,
	observer attempt.Observer,
) (_ *steps.Result, err error) {
	table := begun.State.Snapshot.Table
	record, err := attempt.Take(ctx, e, r, records.RecreateName(table), "recreating")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	if p := overtaken(ctx, e, r, record, begun); p != nil {
		return nil, p
	}
	written := records.Use{Identity: table, Client: begun.Clients.DynamoDB, Attribute: r.Prefix + r.Attribute}
	locks, p := records.Lock(ctx, e, reads, written)
	if p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, locks.Release()) }()
	if begun.State.Caller, err = callerOf(ctx, begun.Clients.DynamoDB); err != nil {
		return nil, explain.Within(r.Prefix, err)
	}
	stop := watchRecreate(ctx, e, reads.Identity, begun.State, record, &todo, observer)
	defer stop()
	todo.Clients, todo.State = begun.Clients, begun.State
	done, err := todo.Do(ctx)
	if err != nil {
		return nil, recreateProblem(ctx, r, begun.State, err)
	}
	return done, nil
}

// overtaken returns an error if another run has resumed the recreate, or begun one, since this one was planned.
func overtaken(ctx context.Context, e *tables.Env, r job.Ref, record journal.Record, begun *Plan) *problem.Problem {
	var is steps.State
	found, err := record.Load(ctx, &is)
	if err != nil {
		return attempt.Explain(ctx, err)
	}
	if found {
		if p := records.TrustRecreate(e, records.RecreateName(begun.State.Snapshot.Table), &is); p != nil {
			return p
		}
	}
	if is.Mark() == begun.planned {
		return nil
	}
	p := r.Problem(r.Attribute, "Table Was Recreated Meanwhile")
	p.Cause = "Another run has recreated the table, or begun to, since this one read it. This one has changed nothing."
	p.Next = "Apply again: the next run takes the table as it is then. " + attempt.DependsOn
	return p
}

// Undo puts back what a recreate changed before it was interrupted, and removes its record. A run that does not resume
// the recreate calls it: no other run would do it later.
func Undo(ctx context.Context, e *tables.Env, r job.Ref, interrupted *steps.State) (err error) {
	clients, p := tables.SettingsClients(ctx, e, r)
	if p != nil {
		return p
	}
	table := interrupted.Snapshot.Table
	record, err := attempt.Take(ctx, e, r, records.RecreateName(table), "recreating")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	var state steps.State
	found, err := record.Load(ctx, &state)
	switch {
	case err != nil:
		return attempt.Explain(ctx, err)
	case !found:
		return nil // Another run has.
	}
	if p := records.TrustRecreate(e, records.RecreateName(table), &state); p != nil {
		return p
	}
	if p := recheck(ctx, e, clients.DynamoDB, r, &state); p != nil {
		return p
	}
	if state.Dropped() {
		p := UnfinishedWarning(r.Problem(r.Attribute, ""), &state)
		p.Warning = false
		return p
	}
	todo := steps.Run{Clients: clients, Record: record, State: &state, Sleep: pause.Sleep}
	undone, err := todo.GiveUp(ctx)
	switch {
	case err == nil:
	case undone:
		return attempt.Explain(ctx, err)
	default:
		p := explain.Error(ctx, err)
		p.Attribute, p.Table = r.Prefix+r.Attribute, table.Name
		p.Cause = "A recreate of this table was interrupted, and its deletion protection and auto scaling, which that had " +
			"changed, could not be put back. Nothing else was done. " + p.Cause
		p.Next += " Or look at both yourself, and delete the record " + records.RecreateName(table) + " from the journal."
		return p
	}
	return nil
}
