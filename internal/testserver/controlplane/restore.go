// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var restoreOperations = operations{
	"RestoreTableFromBackup":    of(restoreBackup),
	"RestoreTableToPointInTime": of(restorePoint),
}

// restorable is what a restore keeps of a table's settings: keys, indexes, billing and encryption. All else is lost; so
// are the maxima of on-demand tables and warm throughput. ("RestoreTableFromBackup" and "RestoreTableToPointInTime",
// what is included.)
func restorable(d *types.TableDescription) *dynamodb.CreateTableInput {
	all := convert[*dynamodb.CreateTableInput](d)
	in := &dynamodb.CreateTableInput{
		AttributeDefinitions: all.AttributeDefinitions, KeySchema: all.KeySchema,
		LocalSecondaryIndexes:  all.LocalSecondaryIndexes,
		GlobalSecondaryIndexes: all.GlobalSecondaryIndexes, VectorIndexes: all.VectorIndexes,
		BillingMode: types.BillingModeProvisioned, ProvisionedThroughput: all.ProvisionedThroughput,
	}
	if isOnDemand(d) {
		in.BillingMode, in.ProvisionedThroughput = types.BillingModePayPerRequest, nil
	}
	for i := range in.GlobalSecondaryIndexes {
		index := &in.GlobalSecondaryIndexes[i]
		index.OnDemandThroughput, index.WarmThroughput = nil, nil
		if isOnDemand(d) {
			index.ProvisionedThroughput = nil
		}
	}
	if d.SSEDescription != nil {
		in.SSESpecification = &types.SSESpecification{
			Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: d.SSEDescription.KMSMasterKeyArn,
		}
	}
	return in
}

func restoreBackup(
	r *request,
	in *dynamodb.RestoreTableFromBackupInput,
) (*dynamodb.RestoreTableFromBackupOutput, error) {
	at := *r
	if resource, err := r.locate(aws.ToString(in.BackupArn)); err == nil && resource.account == r.account {
		at.place = resource.place // "Restoring a DynamoDB table from a backup": to the same Region as the backup or to another one.
	}
	b, err := at.seeBackup(in.BackupArn)
	if err != nil {
		return nil, err
	}
	if b.region != r.region && in.SSESpecificationOverride == nil {
		return nil, validation("SSESpecificationOverride is required for a restore from another Region")
	}
	if b.status() != types.BackupStatusAvailable {
		return nil, &types.BackupInUseException{Message: aws.String("Backup is " + string(b.status()) + ": " + b.arn())}
	}
	settings, err := override(b.settings, in)
	if err != nil {
		return nil, err
	}
	t, err := r.restore(settings, b.items, types.RestoreSummary{
		SourceBackupArn: in.BackupArn, SourceTableArn: b.table.TableArn,
		RestoreDateTime: b.description.BackupDetails.BackupCreationDateTime,
	})
	if err != nil {
		return nil, err
	}
	return &dynamodb.RestoreTableFromBackupOutput{TableDescription: t.describe()}, nil
}

// restorePoint restores what the table has now, whatever time is asked for: DynamoDB Local knows no past.
func restorePoint(
	r *request,
	in *dynamodb.RestoreTableToPointInTimeInput,
) (*dynamodb.RestoreTableToPointInTimeOutput, error) {
	source, err := r.findSource(in)
	if err != nil {
		return nil, err
	}
	at := source.recovery.latest(r.server.recoveryLag)
	switch latest := aws.ToBool(in.UseLatestRestorableTime); {
	case latest == (in.RestoreDateTime != nil):
		return nil, validation("Exactly one of UseLatestRestorableTime and RestoreDateTime is needed")
	case !source.recovery.enabled:
		return nil, &types.PointInTimeRecoveryUnavailableException{Message: aws.String("Point in time recovery is not " +
			"enabled for table: " + source.name())}
	case source.region != r.region && in.SSESpecificationOverride == nil:
		return nil, validation("SSESpecificationOverride is required for a restore from another Region")
	case !latest:
		// The time on the wire is exact to a millisecond.
		if at = *in.RestoreDateTime; at.Before(source.recovery.since.Truncate(time.Millisecond)) ||
			at.After(source.recovery.latest(r.server.recoveryLag)) {
			return nil, &types.InvalidRestoreTimeException{Message: aws.String("The time is not within " +
				"EarliestRestorableDateTime and LatestRestorableDateTime")}
		}
	}
	overrides := convert[*dynamodb.RestoreTableFromBackupInput](in)
	settings, err := override(restorable(&source.description), overrides)
	if err != nil {
		return nil, err
	}
	items, err := r.server.readItems(source)
	if err != nil {
		return nil, err
	}
	t, err := r.restore(
		settings,
		items,
		types.RestoreSummary{SourceTableArn: aws.String(source.arn()), RestoreDateTime: &at},
	)
	if err != nil {
		return nil, err
	}
	return &dynamodb.RestoreTableToPointInTimeOutput{TableDescription: t.describe()}, nil
}

// findSource returns the table to restore, which may be in another Region if its ARN is given.
func (r *request) findSource(in *dynamodb.RestoreTableToPointInTimeInput) (*table, error) {
	name := in.SourceTableName
	if in.SourceTableArn != nil {
		name = in.SourceTableArn
	}
	at := *r
	if resource, err := r.locate(aws.ToString(name)); err == nil && resource.account == r.account {
		at.place = resource.place
	}
	t, err := at.see(name)
	return t, tableNotFound(err)
}

// override applies the overrides of a restore. Indexes can be left out, not added. ("Restoring a DynamoDB table from a
// backup".)
func override(
	settings *dynamodb.CreateTableInput,
	with *dynamodb.RestoreTableFromBackupInput,
) (*dynamodb.CreateTableInput, error) {
	in := copyOf(settings)
	in.TableName = with.TargetTableName
	if with.BillingModeOverride != "" {
		in.BillingMode, in.ProvisionedThroughput = with.BillingModeOverride, nil
	}
	if with.ProvisionedThroughputOverride != nil {
		in.ProvisionedThroughput = with.ProvisionedThroughputOverride
	}
	in.OnDemandThroughput = with.OnDemandThroughputOverride
	if with.SSESpecificationOverride != nil {
		in.SSESpecification = with.SSESpecificationOverride
	}
	if with.GlobalSecondaryIndexOverride != nil {
		for _, index := range with.GlobalSecondaryIndexOverride {
			if !slices.ContainsFunc(
				in.GlobalSecondaryIndexes,
				func(i types.GlobalSecondaryIndex) bool { return *i.IndexName == *index.IndexName },
			) {
				return nil, validation("The index %s is not one of the source", *index.IndexName)
			}
		}
		in.GlobalSecondaryIndexes = with.GlobalSecondaryIndexOverride
	} else if in.BillingMode == types.BillingModePayPerRequest {
		for i := range in.GlobalSecondaryIndexes {
			in.GlobalSecondaryIndexes[i].ProvisionedThroughput = nil
		}
	}
	if with.LocalSecondaryIndexOverride != nil {
		for _, index := range with.LocalSecondaryIndexOverride {
			if !slices.ContainsFunc(
				in.LocalSecondaryIndexes,
				func(i types.LocalSecondaryIndex) bool { return *i.IndexName == *index.IndexName },
			) {
				return nil, validation("The index %s is not one of the source", *index.IndexName)
			}
		}
		in.LocalSecondaryIndexes = with.LocalSecondaryIndexOverride
	}
	if with.VectorIndexOverride != nil {
		in.VectorIndexes = with.VectorIndexOverride
	}
	if len(in.GlobalSecondaryIndexes) == 0 {
		in.GlobalSecondaryIndexes = nil // an empty list is an error of CreateTable, and here means that none is restored
	}
	if len(in.LocalSecondaryIndexes) == 0 {
		in.LocalSecondaryIndexes = nil
	}
	used := usedBy(in)
	in.AttributeDefinitions = slices.DeleteFunc(
		in.AttributeDefinitions,
		func(a types.AttributeDefinition) bool { return !used[*a.AttributeName] },
	)
	return in, nil
}

// restore creates the table and fills it.
func (r *request) restore(
	settings *dynamodb.CreateTableInput,
	items []json.RawMessage,
	summary types.RestoreSummary,
) (*table, error) {
	t, err := r.create(settings)
	if exists, ok := errors.AsType[*types.ResourceInUseException](err); ok {
		// TableInUseException: the target table is being created or deleted.
		if there := r.server.tables[r.place][*settings.TableName]; there.description.TableStatus == types.TableStatusCreating ||
			there.description.TableStatus == types.TableStatusDeleting {
			return nil, &types.TableInUseException{Message: exists.Message}
		}
		return nil, &types.TableAlreadyExistsException{Message: exists.Message}
	}
	if err != nil {
		return nil, err
	}
	r.server.restores++
	summary.RestoreInProgress = aws.Bool(true)
	t.description.RestoreSummary = &summary
	if r.server.failRestores == 0 {
		return t, r.server.writeItems(t, items)
	}
	r.server.failRestores--
	if left := r.server.leftRestore; left != "" {
		r.begin(&t.change, func() {
			t.settle()
			t.description.TableStatus = left
		})
		return t, r.server.writeItems(t, items)
	}
	r.begin(&t.change, func() { delete(r.server.tables[t.place], t.name()) })
	// No request gets at items of a table that is CREATING, so they need not be there.
	return t, r.server.sendLocal(t.place, "DeleteTable", &dynamodb.DeleteTableInput{TableName: t.description.TableName})
}
