// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
)

// readPacer is for so many units a second, nil for no limit.
func readPacer(unitsPerSecond float64) *flow.Pacer {
	if unitsPerSecond == 0 {
		return nil
	}
	return flow.NewPacer(unitsPerSecond)
}
