// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// writePacer finds what the table takes, below what bounds it and what the user allows. It is nil for a file.
func writePacer(ctx context.Context, e *tables.Env, m movement) *flow.Pacer {
	if m.writes == nil {
		return nil
	}
	processes := m.segment.Processes()
	if m.segment != nil { // Whoever has the whole run has asked, once for all tasks.
		return flow.NewFindingPacer(m.segment.Capacity.AtMost(m.limits.Write*float64(processes)), processes)
	}
	return flow.NewFindingPacer(tables.WriteCapacity(ctx, e, m.writes, m.limits), processes)
}
