// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// spark has a Spark job on Amazon EMR do what scan does. The verification runs on this machine.
type spark struct{ scan }

func (spark) run(ctx context.Context, e *tables.Env, r *plan, observer attempt.Observer) (*run.Result, error) {
	move := func(ctx context.Context, e *tables.Env, observer attempt.Observer) (*run.Result, error) {
		return r.move(
			ctx,
			e,
			observer,
			func(ctx context.Context, e *tables.Env, m run.Movement, observer attempt.Observer) (*run.Result, error) {
				return cluster.Do(ctx, e, m, r.Spread(), observer)
			},
		)
	}
	if r.creation != nil {
		return r.copyToNew(ctx, e, observer, move)
	}
	return move(ctx, e, observer)
}
