// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package attempt

import (
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
)

// Progress is what every kind of record tells of its run. What a kind does not keep is zero.
type Progress struct {
	journal.Header
	ID        string
	StartedAt time.Time
	// Active is the time spent running, without the pauses between attempts.
	Active time.Duration
	// EstimatedItems is about how many items the source holds, 0 if that is not known.
	EstimatedItems int64
	// ReadLimit and WriteLimit are units a second, 0 for no limit.
	ReadLimit, WriteLimit float64
	// Throttled is the number of requests that DynamoDB refused because they came too fast.
	Throttled int64
	Ledger    flow.Ledger
}
