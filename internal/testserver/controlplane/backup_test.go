// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// backUp makes a backup; the first request that asks for one may come too early.
func (f *fixture) backUp(t *testing.T, name string) *string {
	t.Helper()
	for range 3 {
		out, err := f.CreateBackup(t.Context(), &dynamodb.CreateBackupInput{TableName: aws.String("orders"), BackupName: &name})
		if code(err) == "ContinuousBackupsUnavailableException" {
			continue
		}
		do(t, err)
		return out.BackupDetails.BackupArn
	}
	t.Fatal("there are no backups")
	return nil
}

func (f *fixture) backupStatus(t *testing.T, arn *string) types.BackupStatus {
	t.Helper()
	out, err := f.DescribeBackup(t.Context(), &dynamodb.DescribeBackupInput{BackupArn: arn})
	do(t, err)
	return out.BackupDescription.BackupDetails.BackupStatus
}

func (f *fixture) restore(t *testing.T, arn *string, target string) (*types.TableDescription, error) {
	t.Helper()
	out, err := f.RestoreTableFromBackup(t.Context(), &dynamodb.RestoreTableFromBackupInput{BackupArn: arn, TargetTableName: &target})
	if err != nil {
		return nil, err
	}
	return out.TableDescription, nil
}

func (f *fixture) enableRecovery(t *testing.T) {
	t.Helper()
	in := &dynamodb.UpdateContinuousBackupsInput{
		TableName:                        aws.String("orders"),
		PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	}
	_, err := f.UpdateContinuousBackups(t.Context(), in)
	wantCode(t, err, "ContinuousBackupsUnavailableException")
	_, err = f.UpdateContinuousBackups(t.Context(), in)
	do(t, err)
}

func TestBackup(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.create(t, orders())
	f.put(t, "orders", 1)
	_, err := f.CreateBackup(t.Context(), &dynamodb.CreateBackupInput{TableName: aws.String("orders"), BackupName: aws.String("early")})
	wantCode(t, err, "ContinuousBackupsUnavailableException")
	arn := f.backUp(t, "first")
	f.put(t, "orders", 2)

	f.server.SetLooks("CreateBackup", 1_000_000)
	never := f.backUp(t, "never")
	_, err = f.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("orders")})
	wantCode(t, err, "ResourceInUseException")
	_, err = f.restore(t, never, "restored")
	wantCode(t, err, "BackupInUseException")
	_, err = f.DeleteBackup(t.Context(), &dynamodb.DeleteBackupInput{BackupArn: never})
	wantCode(t, err, "BackupInUseException")
	wantEqual(t, f.backupStatus(t, arn), types.BackupStatusCreating)
	wantEqual(t, f.backupStatus(t, arn), types.BackupStatusAvailable)

	list, err := f.ListBackups(t.Context(), &dynamodb.ListBackupsInput{TableName: aws.String("orders"), Limit: aws.Int32(1)})
	do(t, err)
	if len(list.BackupSummaries) != 1 || *list.BackupSummaries[0].BackupName != "first" || list.LastEvaluatedBackupArn == nil {
		t.Errorf("got %+v", list)
	}
	list, err = f.ListBackups(t.Context(), &dynamodb.ListBackupsInput{ExclusiveStartBackupArn: list.LastEvaluatedBackupArn})
	do(t, err)
	if len(list.BackupSummaries) != 1 || *list.BackupSummaries[0].BackupName != "never" {
		t.Errorf("got %+v", list)
	}

	f.server.SetLooks("RestoreTableFromBackup", 1)
	d, err := f.restore(t, arn, "restored")
	do(t, err)
	if d.TableStatus != types.TableStatusCreating || !*d.RestoreSummary.RestoreInProgress || *d.RestoreSummary.SourceBackupArn != *arn {
		t.Errorf("got %+v", d)
	}
	_, err = f.DeleteBackup(t.Context(), &dynamodb.DeleteBackupInput{BackupArn: arn})
	wantCode(t, err, "BackupInUseException")
	_, err = f.restore(t, arn, "orders")
	wantCode(t, err, "TableAlreadyExistsException")
	if d := f.settled(t, "restored"); *d.RestoreSummary.RestoreInProgress {
		t.Errorf("got %+v", d)
	}
	wantEqual(t, f.count(t, "restored"), int32(1))
	_, err = f.DeleteBackup(t.Context(), &dynamodb.DeleteBackupInput{BackupArn: arn})
	do(t, err)
	_, err = f.DescribeBackup(t.Context(), &dynamodb.DescribeBackupInput{BackupArn: arn})
	wantCode(t, err, "BackupNotFoundException")
}

func TestRestoreLosesWhatAWSLoses(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.create(t, orders(func(in *dynamodb.CreateTableInput) {
		in.BillingMode, in.ProvisionedThroughput = types.BillingModeProvisioned, units(3, 4)
		in.KeySchema, in.AttributeDefinitions = keys("id", "at"), attributes("id", "at", "date")
		in.LocalSecondaryIndexes = []types.LocalSecondaryIndex{{
			IndexName: aws.String("byDay"), KeySchema: keys("id", "date"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}}
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{globalIndex("byDate", keys("date"))}
		in.GlobalSecondaryIndexes[0].ProvisionedThroughput = units(5, 6)
		in.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true), KMSMasterKeyId: aws.String("alias/mine")}
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
		in.TableClass = types.TableClassStandardInfrequentAccess
		in.WarmThroughput = &types.WarmThroughput{ReadUnitsPerSecond: aws.Int64(100), WriteUnitsPerSecond: aws.Int64(100)}
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeKeysOnly}
		in.DeletionProtectionEnabled = aws.Bool(true)
	}))
	source := f.settled(t, "orders")
	arn := f.backUp(t, "all")
	f.backupStatus(t, arn)
	_, err := f.restore(t, arn, "restored")
	do(t, err)
	d := f.settled(t, "restored")
	wantEqual(t, d.KeySchema, source.KeySchema)
	wantEqual(t, d.ProvisionedThroughput, source.ProvisionedThroughput)
	wantEqual(t, d.SSEDescription, source.SSEDescription)
	wantEqual(t, d.GlobalSecondaryIndexes[0].ProvisionedThroughput, source.GlobalSecondaryIndexes[0].ProvisionedThroughput)
	wantEqual(t, d.LocalSecondaryIndexes[0].KeySchema, source.LocalSecondaryIndexes[0].KeySchema)
	if d.TableClassSummary != nil || d.StreamSpecification != nil || *d.DeletionProtectionEnabled || *d.WarmThroughput.ReadUnitsPerSecond != 3 {
		t.Errorf("got %+v", d)
	}
	tags, _ := f.tags(t, d.TableArn)
	wantEqual(t, tags, map[string]string{})

	_, err = f.RestoreTableFromBackup(t.Context(), &dynamodb.RestoreTableFromBackupInput{
		BackupArn: arn, TargetTableName: aws.String("lean"), BillingModeOverride: types.BillingModePayPerRequest,
		GlobalSecondaryIndexOverride: []types.GlobalSecondaryIndex{}, LocalSecondaryIndexOverride: []types.LocalSecondaryIndex{},
		OnDemandThroughputOverride: &types.OnDemandThroughput{MaxReadRequestUnits: aws.Int64(7)},
	})
	do(t, err)
	lean := f.settled(t, "lean")
	if len(lean.GlobalSecondaryIndexes)+len(lean.LocalSecondaryIndexes) != 0 || len(lean.AttributeDefinitions) != 2 ||
		lean.BillingModeSummary.BillingMode != types.BillingModePayPerRequest || *lean.OnDemandThroughput.MaxReadRequestUnits != 7 {
		t.Errorf("got %+v", lean)
	}
	_, err = f.RestoreTableFromBackup(t.Context(), &dynamodb.RestoreTableFromBackupInput{
		BackupArn: arn, TargetTableName: aws.String("more"),
		GlobalSecondaryIndexOverride: []types.GlobalSecondaryIndex{globalIndex("new", keys("date"))},
	})
	wantCode(t, err, "ValidationException")
}

func TestRestoreToPointInTime(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	source := f.create(t, orders())
	f.put(t, "orders", 1)
	restore := func(f *fixture, edit func(*dynamodb.RestoreTableToPointInTimeInput)) error {
		in := &dynamodb.RestoreTableToPointInTimeInput{
			SourceTableArn: source.TableArn, TargetTableName: aws.String("restored"), UseLatestRestorableTime: aws.Bool(true),
		}
		edit(in)
		_, err := f.RestoreTableToPointInTime(t.Context(), in)
		return err
	}
	plain := func(*dynamodb.RestoreTableToPointInTimeInput) {}
	wantCode(t, restore(f, plain), "PointInTimeRecoveryUnavailableException")
	f.enableRecovery(t)
	wantCode(t, restore(f, func(in *dynamodb.RestoreTableToPointInTimeInput) { in.UseLatestRestorableTime = nil }), "ValidationException")
	wantCode(t, restore(f, func(in *dynamodb.RestoreTableToPointInTimeInput) {
		in.UseLatestRestorableTime, in.RestoreDateTime = nil, aws.Time(time.Unix(1, 0))
	}), "InvalidRestoreTimeException")
	wantCode(t, restore(f, func(in *dynamodb.RestoreTableToPointInTimeInput) {
		in.SourceTableArn, in.SourceTableName = nil, aws.String("absent")
	}), "TableNotFoundException")
	do(t, restore(f, plain))
	f.settled(t, "restored")
	wantEqual(t, f.count(t, "restored"), int32(1))

	elsewhere := clients(f.server, "us-east-1", f.accessKey)
	wantCode(t, restore(elsewhere, plain), "ValidationException")
	do(t, restore(elsewhere, func(in *dynamodb.RestoreTableToPointInTimeInput) {
		in.SSESpecificationOverride = &types.SSESpecification{Enabled: aws.Bool(true)}
	}))
	elsewhere.settled(t, "restored")
	wantEqual(t, elsewhere.count(t, "restored"), int32(1))
}

func TestFailedRestore(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.create(t, orders())
	f.put(t, "orders", 1)
	arn := f.backUp(t, "first")
	f.backupStatus(t, arn)
	f.server.FailRestores(1)
	_, err := f.restore(t, arn, "restored")
	do(t, err)
	wantEqual(t, f.describe(t, "restored").TableStatus, types.TableStatusCreating)
	_, err = f.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("restored")})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = f.restore(t, arn, "restored")
	do(t, err)
	f.settled(t, "restored")
	wantEqual(t, f.count(t, "restored"), int32(1))
}

func TestSystemBackup(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.create(t, orders())
	f.put(t, "orders", 1)
	f.enableRecovery(t)
	f.drop(t, "orders")
	list, err := f.ListBackups(t.Context(), &dynamodb.ListBackupsInput{BackupType: types.BackupTypeFilterSystem})
	do(t, err)
	if len(list.BackupSummaries) != 1 {
		t.Fatalf("got %+v", list)
	}
	if got := list.BackupSummaries[0]; *got.BackupName != "orders$DeletedTableBackup" || got.BackupExpiryDateTime == nil {
		t.Errorf("got %+v", got)
	}
	_, err = f.restore(t, list.BackupSummaries[0].BackupArn, "orders")
	do(t, err)
	f.settled(t, "orders")
	wantEqual(t, f.count(t, "orders"), int32(1))
}

func TestBackupOfManyItems(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.create(t, orders())
	const items = 5_000
	var puts []types.WriteRequest
	for id := range items {
		puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: item(id)}})
	}
	batches := make(chan []types.WriteRequest)
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for batch := range batches {
				_, err := f.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"orders": batch}})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for batch := range slices.Chunk(puts, 25) {
		batches <- batch
	}
	close(batches)
	writers.Wait()

	arn := f.backUp(t, "many")
	f.backupStatus(t, arn)
	_, err := f.restore(t, arn, "restored")
	do(t, err)
	f.settled(t, "restored")
	ids := map[string]bool{}
	for segment := range int32(8) {
		pages := dynamodb.NewScanPaginator(f, &dynamodb.ScanInput{
			TableName: aws.String("restored"), Segment: aws.Int32(segment), TotalSegments: aws.Int32(8),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			do(t, err)
			for _, item := range page.Items {
				id, ok := item["id"].(*types.AttributeValueMemberS)
				if !ok {
					t.Fatalf("got %v", item)
				}
				ids[id.Value] = true
			}
		}
	}
	wantEqual(t, len(ids), items)
}
