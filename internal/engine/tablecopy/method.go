// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// method is a way to copy. Each method is a file named after it and an entry of methods.
type method interface {
	// scans reports whether the source table is read with Scan.
	scans() bool
	// puts reports whether items are put into the destination table, which takes write units from it.
	puts(*plan) bool
	// check finds what keeps AWS from doing its part.
	check(context.Context, *tables.Env, *plan) problem.List
	// seconds estimates how long AWS takes, besides reading and writing items.
	seconds(*plan) float64
	// record returns the name of the run's record in the journal, empty if it has none besides that of a new table.
	record(context.Context, *plan) (string, error)
	// run does the copy.
	run(context.Context, *tables.Env, *plan, attempt.Observer) (*run.Result, error)
}

var methods = map[string]method{
	job.MethodScan:    scan{},
	job.MethodEMR:     spark{},
	job.MethodExport:  exportImport{},
	job.MethodRestore: backupRestore{},
}
