// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// tableInterval is the time between two looks at whether the tables of a run are still the same. A purge may delete the items of a new
// table for so long. DescribeTable consumes no capacity.
const tableInterval = 5 * time.Second

// sameTables returns a *replacedError if a table of the run is not the one that it began with. A source that is gone was there as long
// as it was read.
func sameTables(ctx context.Context, m movement) error {
	if err := m.reads.Same(ctx, job.SourceTable); err != nil && !tables.IsGone(err) {
		return err
	}
	return m.writes.Same(ctx, m.attribute)
}

// identifyTables describes the tables of the run again, before anything goes by who they are: the SDK does not notice that the answer with
// which a table was opened was damaged on its way.
func identifyTables(ctx context.Context, m movement) error {
	for _, side := range []struct {
		table     *tables.Table
		attribute string
	}{{m.reads, job.SourceTable}, {m.writes, m.attribute}} {
		if side.table == nil {
			continue
		}
		described, err := side.table.Describe(ctx, side.attribute)
		if err != nil {
			return err
		}
		side.table.Description = described
	}
	return nil
}

// watchTables calls replaced when a table of the run is not the one that it began with, until the function returned is called. The tasks
// of a distributed run leave that to the machine that has the whole run. What else is wrong with a table is for the run to find.
func watchTables(ctx context.Context, m movement, replaced func(error)) (stop func()) {
	if m.segment != nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	wait := attempt.Every(ctx, tableInterval, func(time.Time) {
		if err := sameTables(ctx, m); tables.IsReplaced(err) {
			replaced(err)
		}
	})
	return func() {
		cancel()
		wait()
	}
}
