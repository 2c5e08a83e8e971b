// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package ends

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// s3Writers is the pool of batches that are compressed at once, each into a file of its own.
var s3Writers = job.Pool{First: 4, Most: 4}

// OpenS3 finds what the source in S3 holds, and whether the destination's bucket exists.
func (r *Ends) OpenS3(ctx context.Context, e *tables.Env) []*problem.Problem {
	var found problem.List
	if place := r.Job.Source.S3; place != nil {
		r.Objects = r.openObjects(ctx, e, &found)
	}
	if place := r.Job.Destination.S3; place != nil {
		client, err := tables.S3Client(ctx, e, r.Job.Destination.Connection)
		if err == nil {
			err = tables.NoBucket(ctx, client, place.Bucket)
		}
		if err != nil {
			found.Add(explain.S3In(ctx, "destination.", place.String(), err))
			return found
		}
		r.bucket = client
	}
	return found
}

func (r *Ends) openObjects(ctx context.Context, e *tables.Env, found *problem.List) *store.S3Source {
	place := r.Job.Source.S3
	client, err := tables.S3Client(ctx, e, r.Job.Source.Connection)
	if err == nil && place.Owner != "" {
		client = tables.OwnedBy(client, place.Owner)
	}
	var source *store.S3Source
	if err == nil {
		source, err = store.OpenS3(ctx, client, place.S3Place, place.Format, r.sourceKey())
	}
	var unfit store.UnfitItems
	if err == nil && place.Format == store.S3FormatExport {
		unfit, err = source.Probe(ctx, func(s store.Source) store.Source { return r.chosen(s) })
	}
	if err != nil {
		found.Add(explain.S3In(ctx, "source.", place.String(), err))
		return nil
	}
	found.Add(unfitFound(r.Job, unfit, r.Share == nil))
	return source
}

// createS3 returns the export that the job writes, or a task's part of it.
func (r *Ends) createS3(ctx context.Context, e *tables.Env) *store.S3Sink {
	var origin store.S3Origin
	if r.Source != nil {
		origin = store.S3Origin{TableARN: r.Source.ARN(), TableID: optional.Value(r.Source.Description.TableId)}
	}
	place := *r.Job.Destination.S3
	if r.Share != nil {
		return store.JoinS3(ctx, r.bucket, store.S3Place{Bucket: place.Bucket, Prefix: r.Share.Export})
	}
	return store.CreateS3(ctx, r.bucket, place, origin, e.Now)
}
