// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablepurge

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/estimate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Estimate estimates the job. What CheckPurge finds is an error here too.
func Estimate(ctx context.Context, e *tables.Env, j job.Purge) (*estimate.Estimate, error) {
	ready, problems := prepare(ctx, e, j, nil)
	if err := problems.FirstError(); err != nil {
		return nil, err
	}
	opened, limits := ready.Table, ready.Limits
	cost := estimate.Estimate{Method: ready.choice.Method, MethodReason: ready.choice.Reason}
	if opened != nil {
		cost.Items, cost.Bytes = opened.Holds("")
	}
	if ready.recreation != nil {
		cost.Seconds = estimate.RecreateSeconds
		return &cost, nil
	}
	cost.Read(opened, "", j.Scan().ConsistentRead, limits.Read)
	deletes := estimate.Demand{Table: estimate.UnitsFor(cost.Items, cost.Bytes), Indexes: map[string]float64{}}
	for name := range opened.Indexes() {
		deletes.Indexes[name] = estimate.UnitsFor(opened.Holds(name))
	}
	cost.Write(opened, deletes, limits.Write)
	return &cost, nil
}
