// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package managed

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// ErrTaken is the error of a restore or an import whose table already exists.
var ErrTaken = errors.New("there is a table of that name")

// Restore creates a table from a backup or from another table's point-in-time recovery ("RestoreTableFromBackup" and
// "RestoreTableToPointInTime" in the Amazon DynamoDB API Reference).
type Restore struct {
	// Client is of the Region and the account in which the table is created.
	Client *dynamodb.Client
	Table  string
	// BackupARN is the backup to restore. If it is empty, the point-in-time recovery of the table SourceARN is restored:
	// as of At, or, if that is zero, as of the latest restorable time.
	BackupARN, SourceARN string
	At                   time.Time
	// Override is what the table has instead of what is restored: its encryption and, if Override has keys, also its
	// billing and its global indexes. AWS does not restore the maxima of on-demand tables and indexes unless they are
	// named here.
	Override *dynamodb.CreateTableInput
	Sleep    Sleep
}

// Start starts the restore and returns the table that is being created. It waits while too many restores are running,
// or while a table of that name is being deleted. The error is ErrTaken if a table of that name exists, also if an
// earlier request, whose answer was lost, has created it.
func (r Restore) Start(ctx context.Context) (made *types.TableDescription, err error) {
	err = r.Sleep.start(ctx, func() error {
		if r.BackupARN != "" {
			answer, err := r.Client.RestoreTableFromBackup(ctx, r.fromBackup())
			if err == nil {
				made = answer.TableDescription
			}
			return err
		}
		answer, err := r.Client.RestoreTableToPointInTime(ctx, r.toPointInTime())
		if err == nil {
			made = answer.TableDescription
		}
		return err
	})
	if awserr.Code(err) == "TableAlreadyExistsException" {
		return nil, ErrTaken
	}
	return made, err
}

func (r Restore) fromBackup() *dynamodb.RestoreTableFromBackupInput {
	with := r.overrides()
	return &dynamodb.RestoreTableFromBackupInput{
		BackupArn: &r.BackupARN, TargetTableName: &r.Table,
		SSESpecificationOverride: with.SSESpecification, BillingModeOverride: with.BillingMode,
		ProvisionedThroughputOverride: with.ProvisionedThroughput, OnDemandThroughputOverride: with.OnDemandThroughput,
		GlobalSecondaryIndexOverride: with.GlobalSecondaryIndexes,
	}
}

func (r Restore) toPointInTime() *dynamodb.RestoreTableToPointInTimeInput {
	with := r.overrides()
	input := &dynamodb.RestoreTableToPointInTimeInput{
		SourceTableArn: &r.SourceARN, TargetTableName: &r.Table,
		SSESpecificationOverride: with.SSESpecification, BillingModeOverride: with.BillingMode,
		ProvisionedThroughputOverride: with.ProvisionedThroughput, OnDemandThroughputOverride: with.OnDemandThroughput,
		GlobalSecondaryIndexOverride: with.GlobalSecondaryIndexes,
	}
	if r.At.IsZero() {
		input.UseLatestRestorableTime = aws.Bool(true)
	} else {
		input.RestoreDateTime = &r.At
	}
	return input
}

// overrides returns what to override, which is nothing without Override.
func (r Restore) overrides() dynamodb.CreateTableInput {
	if r.Override == nil {
		return dynamodb.CreateTableInput{}
	}
	return *r.Override
}

// Await waits until the table and its indexes are ACTIVE. If the table disappears, or comes to another status, the
// error is a *FailedError.
func (r Restore) Await(ctx context.Context) error {
	return r.Sleep.waitFor(ctx, func() (done, missing bool, err error) {
		found, err := r.Client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &r.Table})
		if awserr.Code(err) == "ResourceNotFoundException" {
			return false, true, nil
		}
		if err != nil {
			return false, false, err
		}
		done, err = r.done(found.Table)
		return done, false, err
	}, func() error { return r.failed("GONE") })
}

// done reports whether the table and its indexes are ACTIVE.
func (r Restore) done(table *types.TableDescription) (bool, error) {
	switch status := table.TableStatus; status {
	case types.TableStatusActive:
	case types.TableStatusCreating, types.TableStatusUpdating:
		return false, nil
	default:
		failed := r.failed(string(status))
		failed.Table = aws.ToString(table.TableArn)
		return false, failed
	}
	return settings.Active(table), nil
}

func (r Restore) failed(status string) *FailedError {
	failed := &FailedError{Operation: "RestoreTableToPointInTime", ARN: r.SourceARN, Status: status}
	if r.BackupARN != "" {
		failed.Operation, failed.ARN = "RestoreTableFromBackup", r.BackupARN
	}
	return failed
}
