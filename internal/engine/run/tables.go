// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// tableInterval is the time between two checks that the tables are still the same. For that long, a purge may delete
// items of a new table of the name. DescribeTable consumes no capacity.
const tableInterval = 5 * time.Second

// SameTables returns a *tables.ReplacedError if another table has the name of one that the run began with. A source
// that was deleted existed for as long as it was read.
func SameTables(ctx context.Context, m Movement) error {
	if err := m.Reads.Same(ctx, job.SourceTable); err != nil && !explain.Gone(err) {
		return err
	}
	return m.Writes.Same(ctx, m.Attribute)
}

// identify describes the tables of the run again before the run relies on their IDs: the SDK does not check the
// integrity of a response, so the first description may be damaged.
func identify(ctx context.Context, m Movement) error {
	for _, side := range []struct {
		table     *tables.Table
		attribute string
	}{{m.Reads, job.SourceTable}, {m.Writes, m.Attribute}} {
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

// WatchTables calls replaced if a table of the run is replaced, until the returned function is called. The tasks of a
// cluster leave that to the machine that has the whole run. The run itself finds whatever else is wrong with a table.
func WatchTables(ctx context.Context, m Movement, replaced func(error)) (stop func()) {
	if m.Share != nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	wait := attempt.Every(ctx, tableInterval, func(time.Time) {
		if err := SameTables(ctx, m); tables.IsReplaced(err) {
			replaced(err)
		}
	})
	return func() {
		cancel()
		wait()
	}
}

// checkShareTables refuses tables that are not those of the whole run: one was replaced while the job ran.
func checkShareTables(s *job.Share, m Movement) *problem.Problem {
	switch {
	case s == nil:
		return nil
	case s.Reads != m.Reads.Identity().String():
		return (&tables.ReplacedError{Table: m.Reads, Attribute: job.SourceTable, Was: s.Reads, Is: m.Reads.Identity().String()}).Problem()
	case s.Writes != m.Writes.Identity().String():
		return (&tables.ReplacedError{Table: m.Writes, Attribute: m.Attribute, Was: s.Writes, Is: m.Writes.Identity().String()}).Problem()
	}
	return nil
}

// writePacer returns the pacer that finds what the table takes, within what limits it and what the user allows. It is
// nil for an end that is not a table.
func writePacer(ctx context.Context, e *tables.Env, m Movement) *flow.Pacer {
	if m.Writes == nil {
		return nil
	}
	processes := m.Share.Processes()
	if m.Share != nil { // The machine that has the whole run has asked, once for all tasks.
		return flow.NewFindingPacer(m.Share.Capacity.AtMost(m.Limits.Write*float64(processes)), processes)
	}
	return flow.NewFindingPacer(tables.WriteCapacity(ctx, e, m.Writes, m.Limits), processes)
}
