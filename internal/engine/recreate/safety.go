// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package recreate

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// CheckSafety finds what the job asks for and a purge that deletes items does not have.
func CheckSafety(ctx context.Context, j job.Purge, t *tables.Table) *problem.Problem {
	if j.BackupBefore {
		return NoBackup(t.About("backup_before", ""))
	}
	if !j.RequirePITR {
		return nil
	}
	// AWS does not allow this for a table of another account, whatever its resource policy says ("DynamoDB API operations
	// supported by resource-based policies").
	if err := settings.Own(ctx, t.Client, t.Description); err != nil {
		return explain.Error(ctx, err)
	}
	found, err := t.Client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &t.Name})
	if err == nil && tables.RecoveryOf(found).PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled {
		return nil
	}
	return noRecovery(t, err)
}

// NoBackup makes the problem that this purge makes no backup.
func NoBackup(p *problem.Problem) *problem.Problem {
	p.Summary = "Backup Without Recreate"
	p.Cause = "This purge deletes items, and only a recreate makes a backup first."
	p.Next = "Use method = \"recreate\", or make the backup by other means and leave backup_before out."
	return p
}

func noRecovery(t *tables.Table, err error) *problem.Problem {
	return WithoutRecovery(t.About("require_pitr", ""), err)
}

// WithoutRecovery makes the problem that the table has no point-in-time recovery.
func WithoutRecovery(p *problem.Problem, err error) *problem.Problem {
	p.Summary = "No Point-In-Time Recovery"
	p.Cause = "The table has no point-in-time recovery, and require_pitr asks for it."
	p.Next = "Turn point-in-time recovery on, or leave require_pitr out." + explain.ChangedFirst("turns it on")
	p.Err = err
	return p
}
