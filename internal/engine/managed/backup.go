// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package managed

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// Backup is an on-demand backup of a table ("CreateBackup" in the Amazon DynamoDB API Reference).
type Backup struct {
	Client *dynamodb.Client
	// Table is a name or an ARN.
	Table string
	// Name is the backup's name. DynamoDB allows several backups of one name, so it must be unique.
	Name  string
	Sleep Sleep
}

// notFound is the code for a backup that does not exist.
const notFound = "BackupNotFoundException"

// Make creates the backup and returns its ARN. CreateBackup has no client token, so before each request Make looks
// for a backup of that name: an earlier request, whose answer was lost, may have created it. Make waits while the
// table is too new, or while too many backups are being created.
func (b Backup) Make(ctx context.Context) (arn string, err error) {
	ours := func(s types.BackupSummary) bool { return aws.ToString(s.BackupName) == b.Name }
	err = b.Sleep.start(ctx, func() error {
		if arn, err = FindBackup(ctx, b.Client, b.Table, types.BackupTypeFilterUser, ours); err != nil || arn != "" {
			return err
		}
		made, err := b.Client.CreateBackup(ctx, &dynamodb.CreateBackupInput{TableName: &b.Table, BackupName: &b.Name}, once)
		if err == nil {
			arn = aws.ToString(made.BackupDetails.BackupArn)
		}
		return err
	})
	return arn, err
}

// Owns reports whether the backup of that ARN is one of the table and has the name. Without a name, it is enough that
// it is of the table. A backup that does not exist cannot be another run's, and counts as owned.
func (b Backup) Owns(ctx context.Context, arn string) (bool, error) {
	found, err := b.Client.DescribeBackup(ctx, &dynamodb.DescribeBackupInput{BackupArn: &arn})
	if awserr.Code(err) == notFound {
		return true, nil
	}
	if err != nil || found.BackupDescription == nil || found.BackupDescription.BackupDetails == nil ||
		found.BackupDescription.SourceTableDetails == nil {
		return false, err
	}
	details, source := found.BackupDescription.BackupDetails, found.BackupDescription.SourceTableDetails
	named := b.Name == "" || aws.ToString(details.BackupName) == b.Name && details.BackupType == types.BackupTypeUser
	of := aws.ToString(source.TableName) == b.Table || aws.ToString(source.TableArn) == b.Table
	return named && of && aws.ToString(details.BackupArn) == arn, nil
}

// once turns off the client's own retries.
func once(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

// Await waits until the backup of that ARN is AVAILABLE. If it is deleted, or does not exist, the error is a
// *FailedError.
func (b Backup) Await(ctx context.Context, arn string) error {
	deleted := func() error {
		return &FailedError{Operation: "CreateBackup", ARN: arn, Status: string(types.BackupStatusDeleted)}
	}
	return b.Sleep.waitFor(ctx, func() (done, missing bool, err error) {
		found, err := b.Client.DescribeBackup(ctx, &dynamodb.DescribeBackupInput{BackupArn: &arn})
		if awserr.Code(err) == notFound {
			return false, true, nil
		}
		if err != nil {
			return false, false, err
		}
		status := found.BackupDescription.BackupDetails.BackupStatus
		if status == types.BackupStatusDeleted {
			return false, false, deleted()
		}
		return status == types.BackupStatusAvailable, false, nil
	}, deleted)
}

// Delete deletes the backup of that ARN, if Make has created it. It waits while a table is being restored from it.
func (b Backup) Delete(ctx context.Context, arn string) error {
	switch owned, err := b.Owns(ctx, arn); {
	case err != nil:
		return err
	case !owned || b.Name == "":
		return fmt.Errorf("the backup %s was not created by this run, and stays", arn)
	}
	return b.Sleep.start(ctx, func() error {
		_, err := b.Client.DeleteBackup(ctx, &dynamodb.DeleteBackupInput{BackupArn: &arn})
		if awserr.Code(err) == notFound {
			return nil // An earlier attempt has deleted it.
		}
		return err
	})
}

// FindBackup returns the ARN of the newest backup of the table's name for which is returns true, empty if there is
// none.
func FindBackup(
	ctx context.Context, client *dynamodb.Client, table string, kind types.BackupTypeFilter,
	is func(types.BackupSummary) bool,
) (string, error) {
	input := &dynamodb.ListBackupsInput{TableName: &table, BackupType: kind}
	var newest types.BackupSummary
	for {
		page, err := client.ListBackups(ctx, input)
		if err != nil {
			return "", err
		}
		for _, b := range page.BackupSummaries {
			newer := aws.ToTime(b.BackupCreationDateTime).After(aws.ToTime(newest.BackupCreationDateTime))
			if is(b) && (newest.BackupArn == nil || newer) {
				newest = b
			}
		}
		if input.ExclusiveStartBackupArn = page.LastEvaluatedBackupArn; input.ExclusiveStartBackupArn == nil {
			return aws.ToString(newest.BackupArn), nil
		}
	}
}
