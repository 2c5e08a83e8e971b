// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package exporting

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// exportedTo returns a folder of the export, as the destination's principal names it.
func (r *exportRun) exportedTo(ctx context.Context, exported *managed.Exported, prefix string) (managed.Place, error) {
	owner, err := r.bucketOwner(ctx, exported.Folder)
	account, _ := r.Destination.Where()
	return managed.Place{
		S3Place: store.S3Place{Bucket: exported.Folder.Bucket, Prefix: prefix},
		Owner:   unless(owner, account),
	}, err
}

// bucketOwner returns the account of the bucket if the ends are in different accounts: the destination's, or else the
// source's. It is empty if AWS takes the bucket for the caller's own.
func (r *exportRun) bucketOwner(ctx context.Context, place store.S3Place) (string, error) {
	source, _ := r.Source.Where()
	destination, err := r.destinationAccount(ctx)
	if err != nil || destination == "" || source == destination {
		return "", err
	}
	client, err := tables.S3Client(ctx, r.env, r.Job.Destination.Connection)
	if err != nil {
		return "", err
	}
	if owned, err := owns(ctx, client, place.Bucket, destination); err != nil || owned {
		return destination, err
	}
	return source, nil
}

// destinationAccount returns the account of the destination table, or of its credentials if it is not a table. It is
// empty if it is the source's, or cannot be found out.
func (r *exportRun) destinationAccount(ctx context.Context) (string, error) {
	if r.Destination != nil {
		account, _ := r.Destination.Where()
		return account, nil
	}
	side := r.Job.Destination.Connection
	if r.Job.Source.Connection.SameCredentials(side) {
		return "", nil
	}
	account, err := r.env.Connections.AccountOf(ctx, side)
	if err != nil {
		return "", explain.Within("destination.", err)
	}
	return account, nil
}

// owns reports whether the bucket belongs to the account, as far as the client may know.
func owns(ctx context.Context, client *s3.Client, bucket, account string) (bool, error) {
	_, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket, ExpectedBucketOwner: &account})
	if awserr.Status(err) == http.StatusForbidden {
		return false, nil
	}
	return err == nil, err
}

// unless returns the owner, empty if it is the account.
func unless(owner, account string) string {
	if owner == account {
		return ""
	}
	return owner
}
