// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablepurge

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/estimate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// method is a way to purge. Each method is a file named after it and an entry of methods.
type method interface {
	// check finds what the job asks for and the method does not have. The table is known.
	check(context.Context, *plan) *problem.Problem
	// estimate adds what the run costs.
	estimate(*plan, *estimate.Estimate)
	// record returns the name of the run's record in the journal.
	record(context.Context, *plan) (string, error)
	// run purges the table.
	run(context.Context, *tables.Env, *plan, attempt.Observer) (*run.Result, error)
}

var methods = map[string]method{
	job.MethodDeleteItems: deleteItems{},
	job.MethodEMR:         spark{},
	job.MethodRecreate:    recreates{},
}
