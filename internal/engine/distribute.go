// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
)

// taskSegments is the same for a copy, whose source in S3 is divided by its objects.
func (r *readyCopy) taskSegments(tasks int) int {
	switch {
	case r.source != nil:
		return cluster.TasksOf(r.source, tasks)
	case r.objects != nil:
		return max(1, min(r.objects.Objects(), cluster.SegmentsPerTask*tasks))
	}
	return 1
}
