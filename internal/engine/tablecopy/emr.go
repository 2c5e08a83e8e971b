// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// spark has a Spark job on Amazon EMR do what scan does. The verification runs on this machine.
type spark struct{ scan }

func (spark) run(ctx context.Context, e *tables.Env, r *plan, observer attempt.Observer) (*run.Result, error) {
	return r.fill(ctx, e, func() (*run.Result, error) { return r.move(ctx, e, observer, r.Spread().Do) })
}
