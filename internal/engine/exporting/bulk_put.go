// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package exporting

import (
	"context"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
)

// bulkPut has DynamoDB put the items of the export into the destination.
func (r *exportRun) bulkPut(ctx context.Context, exported *managed.Exported) error {
	from, err := r.exportedTo(ctx, exported, exported.Folder.Prefix+"/data/")
	if err != nil {
		return err
	}
	report := from
	report.Prefix = exported.Folder.Below("errors").Prefix
	put := managed.BulkPut{
		Client: r.Destination.Client, TableARN: r.Destination.ARN(),
		From: from, Errors: report,
		MaxUnits: int64(r.Limits.Write), Token: r.log.Load.Token, Ours: r.log.ours, Sleep: pause.Sleep,
	}
	if !r.log.Load.Begun() {
		if p := r.makeWay(ctx); p != nil {
			return p
		}
	}
	if err := r.log.begin(ctx, &r.log.Load, put.Start); err != nil {
		return err
	}
	items, err := put.Await(ctx, r.log.Load.ARN, func(items int64) error {
		r.loaded(items)
		return r.log.progress(ctx)
	})
	if err != nil {
		return err
	}
	if items != exported.Items {
		return r.incomplete(LoadBulkPut, items, exported.Items)
	}
	r.result = &run.Result{Ledger: flow.Ledger{Scanned: items, Written: items}}
	return nil
}

// makeWay checks again whether AWS works on the destination for others, since the export may have taken hours. It has
// runs begin from the start that the load outdates.
func (r *exportRun) makeWay(ctx context.Context) *problem.Problem {
	written := records.UseOf(r.Destination, job.DestinationTable)
	if p := records.CheckOthers(ctx, r.env, records.Use{}, written, r.Own); p != nil {
		return p
	}
	return records.ForgetOthers(ctx, r.env, records.Change{Table: r.Destination, Adds: true}, job.DestinationTable, r.Own)
}

// incomplete is the error that some items of the export did not arrive.
func (r *exportRun) incomplete(how Loading, items, of int64) error {
	return &managed.FailedError{
		Operation: string(how), ARN: r.log.Load.ARN, Status: fmt.Sprintf("COMPLETED with %d of the %d items of the "+
			"export", items, of), Processed: items,
	}
}
