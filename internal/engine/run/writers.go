// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

// Writers is the pool of requests that write batches. ConditionalWriters is the pool of single writes with a condition.
var (
	Writers            = job.Pool{First: 16, Most: 128}
	ConditionalWriters = job.Pool{First: 64, Most: 256}
)
