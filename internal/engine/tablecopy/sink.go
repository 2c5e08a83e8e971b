// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// writers is how many requests write at once. A file is written by one at a time, whatever the number.
func (r *ends) writers() job.Pool {
	if r.job.Destination.S3 != nil {
		return s3Writers
	}
	if r.destination == nil {
		return job.Pool{First: 1, Most: 1}
	}
	if r.job.Conditional() {
		return run.ConditionalWriters
	}
	return run.Writers
}

func (r *ends) openSink(ctx context.Context, e *tables.Env) (store.Sink, error) {
	if r.destination != nil && r.job.Conditional() {
		return r.destination.NewConditionalPuts(ctx, r.job.OnConflict == job.ConflictFail)
	}
	if r.destination != nil {
		return r.destination.NewPuts()
	}
	if r.job.Destination.S3 != nil {
		return r.createS3(ctx, e), nil
	}
	sink, err := store.CreateJSONLines(r.job.Destination.File)
	if err != nil {
		return nil, tables.ExplainFile("destination.file", r.job.Destination.File, err)
	}
	return sink, nil
}

func (r *ends) destinationKey() []item.KeyAttribute {
	if r.destination == nil {
		return nil
	}
	return r.destination.Key
}
