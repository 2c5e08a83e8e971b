// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package exporting

import (
	"context"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// importTable has DynamoDB create the destination from the export, or waits for the import of an earlier attempt. From
// the request on, the journal knows that the table belongs to this run, and later its ID.
func (r *exportRun) importTable(ctx context.Context, exported *managed.Exported) error {
	made := r.Creation
	parameters, _, err := made.State.Wanted.ImportTable(made.State.Wanted.Table.Name)
	if err != nil {
		return err
	}
	from, err := r.exportedTo(ctx, exported, exported.Folder.Prefix+"/data/")
	if err != nil {
		return err
	}
	load := managed.Import{
		Client:   made.Clients.DynamoDB,
		Table:    parameters,
		From:     from,
		Token:    r.log.Load.Token,
		Ours:     r.log.ours,
		TableARN: r.Destination.ARN(),
		Sleep:    pause.Sleep,
	}
	err = r.log.begin(ctx, &r.log.Load, func(ctx context.Context) (string, error) {
		begun := !made.State.StartedAt.IsZero()
		if !begun {
			made.State.StartedAt = r.env.Now()
		}
		if err := made.Save(ctx); err != nil {
			return "", err
		}
		arn, err := load.Start(ctx)
		exists := errors.Is(err, managed.ErrTaken)
		if exists && begun { // Perhaps by the import of an earlier attempt, whose token DynamoDB does not know any more.
			arn, err = load.Find(ctx, r.Destination.ARN())
			exists = err == nil && arn == ""
		}
		if exists {
			err = newtable.MadeByOthers(made.State.Wanted.Table)
		}
		if exists || !begun && awserr.Lasting(err) { // What is there now or later is not to be taken for this run's.
			err = errors.Join(err, made.Record.Remove(context.WithoutCancel(ctx)))
		}
		return arn, err
	})
	if err != nil {
		return err
	}
	known := made.State.TableID != "" // By the record.
	items, err := load.Await(ctx, r.log.Load.ARN, func(items int64, tableID string) error {
		r.loaded(items)
		if !known && tableID != "" {
			made.State.TableID = tableID
			err := made.Save(ctx)
			if errors.Is(err, journal.ErrTaken) {
				return err
			}
			known = err == nil
		}
		return r.log.progress(ctx)
	})
	if err == nil {
		err = r.openImported(ctx)
	}
	if err == nil && items != exported.Items {
		err = r.incomplete(LoadImport, items, exported.Items)
	}
	if _, ended := errors.AsType[*managed.FailedError](err); ended {
		return errors.Join(err, made.ImportEnded(ctx))
	}
	r.result = &run.Result{Ledger: flow.Ledger{Scanned: items, Written: items}}
	return err
}

// openImported opens the table that the import created.
func (r *exportRun) openImported(ctx context.Context) error {
	made := r.Creation
	opened, p := tables.OpenCreated(ctx, r.env, r.Job.DestinationRef())
	switch {
	case p != nil && explain.Gone(p.Err), p == nil && settings.IdentityOf(opened.Description).ID != made.State.TableID:
		return &managed.FailedError{Operation: string(LoadImport), ARN: r.log.Load.ARN, Status: "COMPLETED, and its table " +
			"is not there any more"}
	case p != nil:
		return p
	}
	r.Destination = opened
	return nil
}
