// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// watchRecreate has the record say what the run is and does, and the observer hear of it, until the function returned is called.
func watchRecreate(ctx context.Context, e *tables.Env, reads settings.Identity, state *recreate.State, record journal.Record, run *recreate.Run, observer Observer) (stop func()) {
	state.Kind, state.From, state.To = kindPurge, "", state.Snapshot.Table.Name
	if run.Restore != nil {
		state.Kind, state.From = kindCopy, reads.Name
	}
	steps := &stepRecord{Record: record, state: state}
	steps.wait = newWait(e, &state.Header, func(ctx context.Context) error { return steps.Save(ctx, state) })
	run.Record, run.Sleep, run.Grace = steps, steps.wait.sleep, wire.Sleep
	if run.Backup != nil {
		run.Backup.Sleep = steps.wait.sleep
	}
	if run.Restore != nil {
		run.Restore.Sleep = steps.wait.sleep
	}
	return observer.observe(ctx, steps.wait.status)
}

// stepRecord is the record of a recreate, which says the step in words when it is saved.
type stepRecord struct {
	journal.Record
	state *recreate.State
	wait  *waiting
}

func (r *stepRecord) Save(ctx context.Context, record any) error {
	r.wait.at("recreating: " + string(r.state.Step))
	r.state.UpdatedAt = r.wait.now()
	return r.Record.Save(ctx, record)
}
