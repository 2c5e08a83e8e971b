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

// tableInterval is the time between two looks at whether the tables of a run are still the same. A purge may delete the
// items of a new table for so long. DescribeTable consumes no capacity.
const tableInterval = 5 * time.Second

// SameTables returns a *replacedError if a table of the run is not the one that it began with. A source that is gone
// was there as long as it was read.
func SameTables(ctx context.Context, m Movement) error {
	if err := m.Reads.Same(ctx, job.SourceTable); err != nil && !explain.Gone(err) {
		return err
	}
	return m.Writes.Same(ctx, m.Attribute)
}

// Identify describes the tables of the run again, before anything goes by who they are: the SDK does not notice that
// the answer with which a table was opened was damaged on its way.
func Identify(ctx context.Context, m Movement) error {
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

// WatchTables calls replaced when a table of the run is not the one that it began with, until the function returned is
// called. The tasks of a distributed run leave that to the machine that has the whole run. What else is wrong with a
// table is for the run to find.
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

// checkShareTables says that the tables are not those of the run: somebody has made one of the same name while the job
// ran.
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

// writePacer finds what the table takes, below what bounds it and what the user allows. It is nil for a file.
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
