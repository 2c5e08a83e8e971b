// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// replaceTable takes the table that is referred to, and has it dropped and made anew as the run says. What it reads is the table that it is
// restored from, zero for none.
func replaceTable(ctx context.Context, e *tables.Env, r job.Ref, reads records.Use, begun *recreation, run steps.Run, observer attempt.Observer) (_ *steps.Result, err error) {
	table := begun.state.Snapshot.Table
	record, err := attempt.Take(ctx, e, r, records.RecreateName(table), "recreating")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	if p := overtaken(ctx, e, r, record, begun); p != nil {
		return nil, p
	}
	written := records.Use{Identity: table, Client: begun.clients.DynamoDB, Attribute: r.Prefix + r.Attribute}
	locks, p := records.Lock(ctx, e, reads, written)
	if p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, locks.Release()) }()
	if begun.state.Caller, err = callerOf(ctx, begun.clients.DynamoDB); err != nil {
		return nil, tables.Within(r.Prefix, err)
	}
	stop := watchRecreate(ctx, e, reads.Identity, begun.state, record, &run, observer)
	defer stop()
	run.Clients, run.State = begun.clients, begun.state
	done, err := run.Do(ctx)
	if err != nil {
		return nil, recreateProblem(ctx, r, begun.state, err)
	}
	return done, nil
}

// overtaken says that another run has gone on with the recreate, or has begun one, since this one was planned.
func overtaken(ctx context.Context, e *tables.Env, r job.Ref, record journal.Record, begun *recreation) *problem.Problem {
	var is steps.State
	found, err := record.Load(ctx, &is)
	if err != nil {
		return attempt.Explain(ctx, err)
	}
	if found {
		if p := records.TrustRecreate(e, records.RecreateName(begun.state.Snapshot.Table), &is); p != nil {
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

// giveBack puts back what a recreate has changed that was interrupted before it dropped the table, and forgets it, for a run that
// does not go on with it: nobody would do it later.
func giveBack(ctx context.Context, e *tables.Env, r job.Ref, interrupted *steps.State) (err error) {
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
		p := unfinishedRemark(r.Problem(r.Attribute, ""), &state)
		p.Warning = false
		return p
	}
	run := steps.Run{Clients: clients, Record: record, State: &state, Sleep: wire.Sleep}
	undone, err := run.GiveUp(ctx)
	switch {
	case err == nil:
	case undone:
		return attempt.Explain(ctx, err)
	default:
		p := tables.Explain(ctx, err)
		p.Attribute, p.Table = r.Prefix+r.Attribute, table.Name
		p.Cause = "A recreate of this table was interrupted, and its deletion protection and auto scaling, which that had changed, could not be put back. Nothing else was done. " + p.Cause
		p.Next += " Or look at both yourself, and delete the record " + records.RecreateName(table) + " from the journal."
		return p
	}
	return nil
}
