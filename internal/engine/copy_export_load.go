// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
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
		Client: r.ready.destination.Client, TableARN: r.ready.destination.ARN(),
		From: from, Errors: report,
		MaxUnits: int64(r.ready.limits.Write), Token: r.log.Load.Token, Ours: r.log.ours, Sleep: wire.Sleep,
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
		return r.incomplete(loadBulkPut, items, exported.Items)
	}
	r.result = &run.Result{Ledger: flow.Ledger{Scanned: items, Written: items}}
	return nil
}

// makeWay looks once more for what AWS does for others with the destination, since the export may have taken hours, and has the runs begin
// from the start that the load makes outdated.
func (r *exportRun) makeWay(ctx context.Context) *problem.Problem {
	written := records.UseOf(r.ready.destination, job.DestinationTable)
	if p := records.CheckOthers(ctx, r.env, records.Use{}, written, r.ready.own); p != nil {
		return p
	}
	return records.ForgetOthers(ctx, r.env, records.Change{Table: r.ready.destination, Adds: true}, job.DestinationTable, r.ready.own)
}

// exportedTo is a folder of the export as the destination's principal names it.
func (r *exportRun) exportedTo(ctx context.Context, exported *managed.Exported, prefix string) (managed.Place, error) {
	owner, err := r.bucketOwner(ctx, exported.Folder)
	account, _ := r.ready.destination.Where()
	return managed.Place{S3Place: store.S3Place{Bucket: exported.Folder.Bucket, Prefix: prefix}, Owner: unless(owner, account)}, err
}

// incomplete says that not all items of the export have come to the destination.
func (r *exportRun) incomplete(how loading, items, of int64) error {
	return &managed.FailedError{
		Operation: string(how), ARN: r.log.Load.ARN, Status: fmt.Sprintf("COMPLETED with %d of the %d items of the export", items, of), Processed: items,
	}
}

// bucketOwner is the account of the bucket if the two sides are in different ones: the destination's, or else the source's. It is
// empty where AWS takes the bucket for the caller's own.
func (r *exportRun) bucketOwner(ctx context.Context, place store.S3Place) (string, error) {
	source, _ := r.ready.source.Where()
	destination, err := r.destinationAccount(ctx)
	if err != nil || destination == "" || source == destination {
		return "", err
	}
	client, err := tables.S3Client(ctx, r.env, r.job.Destination.Side)
	if err != nil {
		return "", err
	}
	if owned, err := owns(ctx, client, place.Bucket, destination); err != nil || owned {
		return destination, err
	}
	return source, nil
}

// destinationAccount is the account of the destination table, or of the credentials of a side that is none; empty if it is the source's,
// or not to be found out.
func (r *exportRun) destinationAccount(ctx context.Context) (string, error) {
	if r.ready.destination != nil {
		account, _ := r.ready.destination.Where()
		return account, nil
	}
	side := r.job.Destination.Side
	if r.job.Source.Side.SameCredentials(side) {
		return "", nil
	}
	account, err := r.env.Connections.AccountOf(ctx, side)
	if err != nil {
		return "", tables.Within("destination.", err)
	}
	return account, nil
}

// owns says whether the bucket is the account's, as far as the client's principal may know.
func owns(ctx context.Context, client *s3.Client, bucket, account string) (bool, error) {
	_, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket, ExpectedBucketOwner: &account})
	if awserr.Status(err) == http.StatusForbidden {
		return false, nil
	}
	return err == nil, err
}

// unless is the owner, empty if it is the account.
func unless(owner, account string) string {
	if owner == account {
		return ""
	}
	return owner
}
