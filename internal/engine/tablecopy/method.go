// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// method is a way to copy. Each stands in a file of its own, named after it, and is an entry of methods.
type method interface {
	// scans reports whether the source table is read with Scan.
	scans() bool
	// puts reports whether items are put into the destination table, which takes write units from it.
	puts(*plan) bool
	// check finds what keeps AWS from doing its part of the job.
	check(context.Context, *tables.Env, *plan) problem.List
	// seconds is about how long AWS takes besides reading and writing items.
	seconds(*plan) float64
	// record returns the name of the run's record in the journal, empty if it has none but that of its new table.
	record(context.Context, *plan) (string, error)
	// run copies.
	run(context.Context, *tables.Env, *plan, attempt.Observer) (*run.Result, error)
}

var methods = map[string]method{
	job.MethodScan:    scan{},
	job.MethodEMR:     spark{},
	job.MethodExport:  exportImport{},
	job.MethodRestore: backupRestore{},
}

// choose says how the job is done. The rule is the one of the documentation of dynamoops_table_copy, for runs and
// estimates alike: what was asked for; else AWS's own export where that is all the job is to make, which takes no
// capacity from the table; else a scan.
func (r *plan) choose(ctx context.Context) job.Choice {
	if !r.Job.ChoosesItself() {
		return job.Choice{Method: r.Job.Method, Reason: r.Job.Method + " is the method asked for"}
	}
	if r.Job.Source.Table == "" || r.Job.Destination.S3 == nil {
		return job.Choice{Method: job.MethodScan, Reason: "scan copies any table, index, file or export to any table, " +
			"file or bucket, with a filter, and needs no other service of AWS than those two"}
	}
	why := r.Job.NeedsScan()
	if why == "" {
		why = r.notExported(ctx)
	}
	if why != "" {
		return job.Choice{Method: job.MethodScan, Reason: "scan writes the export, since " + why}
	}
	return job.Choice{Method: job.MethodExport, Reason: "export_import has AWS write the export, which takes no " +
		"capacity from the table: it has point-in-time recovery, and all of its items are wanted as they are"}
}

// notExported says why AWS cannot export the source now, empty if it can. What cannot be found out is a reason too: a
// scan needs no permission for it.
func (r *plan) notExported(ctx context.Context) string {
	if r.Source == nil {
		return "the table is not known"
	}
	answer, err := r.Source.Client.DescribeContinuousBackups(
		ctx,
		&dynamodb.DescribeContinuousBackupsInput{TableName: &r.Source.Name},
	)
	switch {
	case err != nil:
		return "it cannot be found out whether the table has point-in-time recovery, which AWS's own export needs"
	case tables.RecoveryOf(answer).PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled:
		return "the table has no point-in-time recovery, which AWS's own export needs"
	}
	return ""
}
