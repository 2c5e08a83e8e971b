// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// WriteCapacity is what a purge of the table with that throughput knows of it before it begins.
func (e *Engine) WriteCapacity(ctx context.Context, table string, t job.Throughput) (pace.Capacity, error) {
	opened, p := tables.Open(ctx, e.env(), job.Purge{Table: table}.Ref())
	if p != nil {
		return pace.Capacity{}, p
	}
	limits, found := tables.LimitsOf(t, opened, "", opened)
	if err := problem.List(found).FirstError(); err != nil {
		return pace.Capacity{}, err
	}
	return tables.WriteCapacity(ctx, e.env(), opened, limits), nil
}
