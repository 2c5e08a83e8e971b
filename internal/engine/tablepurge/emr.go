// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablepurge

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// spark has a Spark job on Amazon EMR do what deleteItems does.
type spark struct{ deleteItems }

func (spark) run(ctx context.Context, e *tables.Env, r *plan, observer attempt.Observer) (*run.Result, error) {
	return r.deleteItems(ctx, e, observer, r.spread().Do)
}

// spread returns what the tasks of a cluster do: each purges its share.
func (r *plan) spread() *cluster.Spread {
	return &cluster.Spread{
		Config: job.SparkConfig(r.job.EMR, r.job.Throughput), Throughput: r.job.Throughput,
		Task: func(share job.Throughput) cluster.Task {
			j := r.job
			j.Method, j.RequirePITR, j.Throughput, j.Triggers = job.MethodDeleteItems, false, share, nil
			return cluster.Task{Purge: &j}
		},
	}
}
