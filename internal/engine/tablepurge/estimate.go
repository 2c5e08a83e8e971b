// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablepurge

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/estimate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Estimate estimates the job. Whatever Check finds is an error here too.
func Estimate(ctx context.Context, e *tables.Env, j job.Purge) (*estimate.Estimate, error) {
	ready, problems := prepare(ctx, e, j, nil)
	if err := problems.FirstError(); err != nil {
		return nil, err
	}
	cost := estimate.Estimate{Method: ready.choice.Method, MethodReason: ready.choice.Reason}
	if ready.table != nil {
		cost.Items, cost.Bytes = ready.table.Holds("")
	}
	ready.method.estimate(ready, &cost)
	return &cost, nil
}
