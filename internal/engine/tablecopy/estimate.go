// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/estimate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Estimate estimates the job. Whatever Check finds is an error here too.
func Estimate(ctx context.Context, e *tables.Env, j job.Copy) (*estimate.Estimate, error) {
	ready, problems := prepare(ctx, e, j, plan{})
	if err := problems.FirstError(); err != nil {
		return nil, err
	}
	cost := estimate.Estimate{Method: ready.choice.Method, MethodReason: ready.choice.Reason}
	var err error
	if ready.Source != nil {
		cost.Items, cost.Bytes = ready.Source.Holds(j.Source.Index)
		if ready.method.scans() {
			cost.Read(ready.Source, j.Source.Index, j.Source.ConsistentRead, ready.Limits.Read)
		}
	} else if cost.Items, cost.Bytes, err = ready.Measure(ctx); err != nil {
		return nil, err
	}
	if ready.method.puts(ready) {
		puts := estimate.Demand{Table: estimate.UnitsFor(cost.Items, cost.Bytes), Indexes: map[string]float64{}}
		for name, projection := range ready.Destination.Indexes() {
			// As if every item were in the index.
			puts.Indexes[name] = puts.Table
			if projection == types.ProjectionTypeKeysOnly {
				puts.Indexes[name] = float64(cost.Items)
			}
		}
		cost.Write(ready.Destination, puts, ready.Limits.Write)
	}
	cost.Seconds += ready.method.seconds(ready)
	return &cost, nil
}
