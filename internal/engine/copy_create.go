// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// openDestination looks at the destination table, or plans one where there is none and the job wants it.
func openDestination(ctx context.Context, e *tables.Env, j job.Copy, r job.Ref, ready *readyCopy, found *problem.List) {
	if j.Restores() && j.Restore.Replace && openReplaced(ctx, e, j, r, ready, found) {
		return
	}
	opened, p := tables.Open(ctx, e, r)
	if meetsUnfinished(ctx, e, j, r, p, ready, found) {
		return
	}
	if p != nil && tables.Gone(p.Err) && !j.Destination.Creates() && j.Source.Table != "" {
		p.Next += " The copy itself creates the table with destination.create_table."
	}
	inTheMaking := p != nil && errors.Is(p.Err, store.ErrNotActive)
	if !j.Destination.Creates() || p != nil && !tables.Gone(p.Err) && !inTheMaking {
		found.Add(p)
		ready.destination = opened
		return
	}
	begun, clients, wrong := newtable.Begun(ctx, e, r)
	if wrong != nil {
		found.Add(wrong)
		return
	}
	if inTheMaking && (begun == nil || !newtable.WantedBy(begun, j, ready.source) || begun.Restore != nil && !j.Restores() || begun.Import && !j.Exports()) {
		found.Add(p)
		return
	}
	if p == nil {
		if begun.Made(opened.Description) && newtable.WantedBy(begun, j, ready.source) {
			var problems problem.List
			ready.creation, _, problems = newtable.Plan(ctx, e, j, ready.source, clients)
			found.Add(problems...)
			ready.creation.Resume(j, begun)
		}
		ready.destination = opened
		return
	}
	if ready.source == nil {
		return // There is nothing to go by, which is an error already or not known yet.
	}
	creation, planned, problems := newtable.Plan(ctx, e, j, ready.source, clients)
	found.Add(problems...)
	ready.creation = creation
	if planned != nil {
		ready.destination = planned
	}
	switch {
	case ready.creation == nil:
	case j.Restores():
		found.Add(ready.creation.PlanRestore(ctx, j, begun, e.Now()))
	case inTheMaking:
		ready.creation.State.StartedAt, ready.creation.State.Import = begun.StartedAt, begun.Import
	}
}
