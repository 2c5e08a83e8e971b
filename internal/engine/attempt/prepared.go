// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package attempt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Prepare prepares a run. If a table cannot be used yet, it waits and prepares again. The error is a *problem.Problem.
func Prepare[R any](
	ctx context.Context,
	e *tables.Env,
	observer Observer,
	prepare func() (R, problem.List),
) (R, error) {
	until := e.Now().Add(tables.MostPassing)
	for {
		ready, found := prepare()
		var waits *tables.PassingError
		var err error
		for _, p := range found {
			switch passing, ok := errors.AsType[*tables.PassingError](p.Err); {
			case p.Warning:
			case !ok:
				return ready, p
			case err == nil:
				waits, err = passing, p
			}
		}
		if err == nil || !e.Now().Before(until) {
			return ready, err
		}
		if err := waitForTable(ctx, waits, e, until, observer); err != nil {
			return ready, err
		}
	}
}

// waitForTable waits until the table's status has changed, or the time is up.
func waitForTable(
	ctx context.Context,
	e *tables.PassingError,
	engine *tables.Env,
	until time.Time,
	observer Observer,
) error {
	stop := observer.Observe(ctx, func() Status {
		return Status{Phase: fmt.Sprintf("waiting for table %s, which is %s", e.Table, e.Status)}
	})
	defer stop()
	for engine.Now().Before(until) {
		if err := pause.Sleep(ctx, tables.PassingPause); err != nil {
			return explain.Error(ctx, err)
		}
		is, err := settings.Describe(ctx, e.Client, e.Table)
		if err != nil {
			return explain.Error(ctx, err)
		}
		if is == nil || is.TableStatus != e.Status {
			return nil
		}
	}
	return nil
}
