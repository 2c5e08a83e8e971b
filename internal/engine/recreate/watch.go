// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package recreate

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// watchRecreate records and reports what the run does, until the returned function is called.
func watchRecreate(
	ctx context.Context,
	e *tables.Env,
	reads settings.Identity,
	state *steps.State,
	record journal.Record,
	todo *steps.Run,
	observer attempt.Observer,
) (stop func()) {
	state.Kind, state.From, state.To = attempt.KindPurge, "", state.Snapshot.Table.Name
	if todo.Restore != nil {
		state.Kind, state.From = attempt.KindCopy, reads.Name
	}
	saved := &stepRecord{Record: record, state: state}
	saved.wait = attempt.NewWaiting(e, &state.Header, func(ctx context.Context) error { return saved.Save(ctx, state) })
	todo.Record, todo.Sleep, todo.Grace = saved, saved.wait.Sleep, pause.Sleep
	if todo.Backup != nil {
		todo.Backup.Sleep = saved.wait.Sleep
	}
	if todo.Restore != nil {
		todo.Restore.Sleep = saved.wait.Sleep
	}
	return observer.Observe(ctx, saved.wait.Status)
}

// stepRecord is the record of a recreate. When it is saved, it also says the step in words.
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
