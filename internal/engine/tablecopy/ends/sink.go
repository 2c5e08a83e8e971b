// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package ends

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Writers returns the pool of requests that write. A file has one writer in any case.
func (r *Ends) Writers() job.Pool {
	if r.Job.Destination.S3 != nil {
		return s3Writers
	}
	if r.Destination == nil {
		return job.Pool{First: 1, Most: 1}
	}
	if r.Job.Conditional() {
		return run.ConditionalWriters
	}
	return run.Writers
}

func (r *Ends) OpenSink(ctx context.Context, e *tables.Env) (store.Sink, error) {
	if r.Destination != nil && r.Job.Conditional() {
		return r.Destination.NewConditionalPuts(ctx, r.Job.OnConflict == job.ConflictFail)
	}
	if r.Destination != nil {
		return r.Destination.NewPuts()
	}
	if r.Job.Destination.S3 != nil {
		return r.createS3(ctx, e), nil
	}
	sink, err := store.CreateJSONLines(r.Job.Destination.File)
	if err != nil {
		return nil, explain.File("destination.file", r.Job.Destination.File, err)
	}
	return sink, nil
}

func (r *Ends) destinationKey() []item.KeyAttribute {
	if r.Destination == nil {
		return nil
	}
	return r.Destination.Key
}
