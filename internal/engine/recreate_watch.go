// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// watchRecreate has the record say what the run is and does, and the observer hear of it, until the function returned is called.
func watchRecreate(ctx context.Context, e *tables.Env, reads settings.Identity, state *steps.State, record journal.Record, run *steps.Run, observer attempt.Observer) (stop func()) {
	state.Kind, state.From, state.To = attempt.KindPurge, "", state.Snapshot.Table.Name
	if run.Restore != nil {
		state.Kind, state.From = attempt.KindCopy, reads.Name
	}
	steps := &stepRecord{Record: record, state: state}
	steps.wait = attempt.NewWaiting(e, &state.Header, func(ctx context.Context) error { return steps.Save(ctx, state) })
	run.Record, run.Sleep, run.Grace = steps, steps.wait.Sleep, wire.Sleep
	if run.Backup != nil {
		run.Backup.Sleep = steps.wait.Sleep
	}
	if run.Restore != nil {
		run.Restore.Sleep = steps.wait.Sleep
	}
	return observer.Observe(ctx, steps.wait.Status)
}

// stepRecord is the record of a recreate, which says the step in words when it is saved.
type stepRecord struct {
	journal.Record
	state *steps.State
	wait  *attempt.Waiting
}

func (r *stepRecord) Save(ctx context.Context, record any) error {
	r.wait.At("recreating: " + string(r.state.Step))
	r.state.UpdatedAt = r.wait.Now()
	return r.Record.Save(ctx, record)
}
