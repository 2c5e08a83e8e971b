// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablepurge

import (
	"cmp"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// spread says how the job is spread over machines, nil for this one alone.
func spread(j job.Purge) *cluster.Spread {
	if j.Method != job.MethodEMR {
		return nil
	}
	return &cluster.Spread{Config: job.SparkConfig(j.EMR, j.Throughput), Throughput: j.Throughput, Task: func(share job.Throughput) cluster.Task {
		j.Method, j.RequirePITR, j.Throughput, j.Triggers = job.MethodDeleteItems, false, share, nil
		return cluster.Task{Purge: &j}
	}}
}

// segments is how many parts the table is read in, or spread over machines.
func segments(j job.Purge, t *tables.Table, share *job.Share) int {
	switch {
	case share != nil:
		return share.Segments
	case j.Method == job.MethodEMR:
		return cmp.Or(j.Throughput.Segments, cluster.TasksOf(t, job.SparkConfig(j.EMR, j.Throughput).Tasks()))
	}
	return cmp.Or(j.Throughput.Segments, t.Segments())
}
