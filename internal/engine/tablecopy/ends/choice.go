// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package ends

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Choose returns the method of the job. The rule is that of the documentation of dynamoops_table_copy, for runs and
// estimates alike: the method that was asked for; or AWS's own export if an export is all that the job makes, since
// that takes no capacity from the table; or a scan.
func (r *Ends) Choose(ctx context.Context) job.Choice {
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

// notExported returns why AWS cannot export the source now, empty if it can. A question that AWS does not answer is a
// reason too: a scan needs no permission to ask it.
func (r *Ends) notExported(ctx context.Context) string {
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
