// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// choice is the method of a run and why it is that one.
type choice struct{ method, reason string }

// choosesItself says whether the engine is to choose the method of the job.
func (job CopyJob) choosesItself() bool { return job.Method == "" || job.Method == MethodAuto }

// choose says how the job is done. The rule is the one of the documentation of dynamoops_table_copy, for runs and estimates alike: what was
// asked for; else AWS's own export where that is all the job is to make, which takes no capacity from the table; else a scan.
func (r *readyCopy) choose(ctx context.Context, job CopyJob) choice {
	if !job.choosesItself() {
		return choice{job.Method, job.Method + " is the method asked for"}
	}
	if job.Source.Table == "" || job.Destination.S3 == nil {
		return choice{MethodScan, "scan copies any table, index, file or export to any table, file or bucket, with a filter, and needs no other service of AWS than those two"}
	}
	why := job.needsScan()
	if why == "" {
		why = r.notExported(ctx)
	}
	if why != "" {
		return choice{MethodScan, "scan writes the export, since " + why}
	}
	return choice{MethodExport, "export_import has AWS write the export, which takes no capacity from the table: it has point-in-time recovery, and all of its items are wanted as they are"}
}

// mayExport says whether it is the engine's choice, and the table's point-in-time recovery decides.
func (job CopyJob) mayExport() bool {
	return job.choosesItself() && job.Source.Table != "" && job.Destination.S3 != nil && job.needsScan() == ""
}

// needsScan says what the job, which copies a table to S3, asks for that AWS's export does not do, empty for nothing.
func (job CopyJob) needsScan() string {
	switch {
	case job.Filter != nil:
		return "there is a filter"
	case job.transforms():
		return "transform changes the items"
	case job.samples():
		return "a sample is wanted"
	case job.Source.Index != "":
		return "an index is read"
	case job.Source.ConsistentRead:
		return "consistent_read asks for a strongly consistent one"
	case job.verifies():
		return "verify reads the export back"
	case !job.Source.Side.SameCredentials(job.Destination.Side):
		return "the bucket is reached with other credentials than the table"
	}
	return ""
}

// notExported says why AWS cannot export the source now, empty if it can. What cannot be found out is a reason too: a scan needs no
// permission for it.
func (r *readyCopy) notExported(ctx context.Context) string {
	if r.source == nil {
		return "the table is not known"
	}
	answer, err := r.source.client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &r.source.Name})
	switch {
	case err != nil:
		return "it cannot be found out whether the table has point-in-time recovery, which AWS's own export needs"
	case recoveryOf(answer).PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled:
		return "the table has no point-in-time recovery, which AWS's own export needs"
	}
	return ""
}

// recoveryOf is the state of point-in-time recovery.
func recoveryOf(answer *dynamodb.DescribeContinuousBackupsOutput) types.PointInTimeRecoveryDescription {
	return value(value(answer.ContinuousBackupsDescription).PointInTimeRecoveryDescription)
}
