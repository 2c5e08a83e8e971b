// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

// How many requests write: batches, and single deletes with a condition.
var (
	Writers            = job.Pool{First: 16, Most: 128}
	ConditionalWriters = job.Pool{First: 64, Most: 256}
)
