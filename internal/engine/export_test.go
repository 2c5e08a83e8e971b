// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// WriteCapacity is what a purge of the table with that throughput knows of it before it begins.
func (e *Engine) WriteCapacity(ctx context.Context, table string, t job.Throughput) (pace.Capacity, error) {
	ready, problems := preparePurge(ctx, e.env(), job.Purge{Table: table, Method: job.MethodDeleteItems, Throughput: t}, nil)
	if err := problems.FirstError(); err != nil {
		return pace.Capacity{}, err
	}
	return tables.WriteCapacity(ctx, e.env(), ready.table, ready.limits), nil
}
