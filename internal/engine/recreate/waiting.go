// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package recreate

import (
	"context"
	"fmt"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// A recreate that was interrupted after the drop leaves a table that does not exist or is not complete. The journal has
// its settings. The next run on the table says so, but there may be none: what only reads the table, or removes a run,
// says it too.

// Waiting warns that a recreate of the table has to be finished. It returns nil if there is none, or if the journal
// cannot be read.
func Waiting(ctx context.Context, e *tables.Env, table string, side awsconn.Connection) *problem.Problem {
	r := job.TableRef(table, side)
	if unfinished, p := Unfinished(ctx, e, r); p == nil && unfinished != nil && unfinished.Dropped() {
		return waitingWarning(e, r, unfinished.State)
	}
	return nil
}

// WaitingARN is Waiting for the table with that ARN. It asks only the journal.
func WaitingARN(ctx context.Context, e *tables.Env, arn string) *problem.Problem {
	for found, err := range interrupted(ctx, e) {
		if state := found.Record; err == nil && state.Snapshot != nil && state.Snapshot.Table.ARN == arn && state.Dropped() {
			return waitingWarning(e, job.Ref{Name: state.Snapshot.Table.Name}, state)
		}
	}
	return nil
}

func waitingWarning(e *tables.Env, r job.Ref, state *steps.State) *problem.Problem {
	p := r.Problem(r.Attribute, "Table Waits To Be Recreated")
	p.Warning = true
	p.Cause = fmt.Sprintf("A recreate of this table that began at %s was interrupted after the table was dropped, so "+
		"it does not exist or lacks settings. "+
		"What it was like is in the journal %s, in the record %s.", state.StartedAt.UTC().Format(time.RFC3339), e.Journal, records.RecreateName(state.Snapshot.Table))
	p.Next = "Apply a dynamoops_table_purge of this table: it creates the table with all of its settings. Until then " +
		"keep the journal, and do not create the table by other means."
	if state.Definition != "" {
		p.Next = "Apply the copy with backup_restore.replace_destination that was interrupted: it restores the table with " +
			"its items. " + p.Next
	}
	return p
}
