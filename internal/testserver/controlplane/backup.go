// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var backupOperations = operations{
	"CreateBackup":   of(createBackup),
	"DescribeBackup": of(describeBackup),
	"DeleteBackup":   of(deleteBackup),
	"ListBackups":    of(listBackups),
}

// systemBackupKept is how long DynamoDB keeps the backup of a table that is deleted with point-in-time recovery on.
const systemBackupKept = 35 * 24 * time.Hour

// backup has the items of a table at one time, and what a restore keeps of its settings.
type backup struct {
	place
	description types.BackupDescription
	table       types.BackupSummary // the members that name the table
	settings    *dynamodb.CreateTableInput
	items       []json.RawMessage
	change      change
}

func (b *backup) arn() string { return aws.ToString(b.description.BackupDetails.BackupArn) }

func (b *backup) status() types.BackupStatus { return b.description.BackupDetails.BackupStatus }

// newBackup takes the backup of a table. Its status is CREATING.
func (s *Server) newBackup(t *table, name string, kind types.BackupType) (*backup, error) {
	items, err := s.readItems(t)
	if err != nil {
		return nil, err
	}
	now, d := time.Now().UTC(), &t.description
	settings := restorable(d)
	source := convert[*types.SourceTableDetails](d)
	source.TableCreationDateTime = d.CreationDateTime
	source.BillingMode, source.ProvisionedThroughput = settings.BillingMode, convert[*types.ProvisionedThroughput](
		d.ProvisionedThroughput,
	)
	features := convert[*types.SourceTableFeatureDetails](d)
	features.StreamDescription = d.StreamSpecification
	b := &backup{
		place: t.place, settings: settings, items: items,
		table: types.BackupSummary{TableArn: d.TableArn, TableId: d.TableId, TableName: d.TableName},
		description: types.BackupDescription{
			BackupDetails: &types.BackupDetails{
				BackupArn:  aws.String(fmt.Sprintf("%s/backup/%014d-%08x", t.arn(), now.UnixMilli(), rand.Uint32())),
				BackupName: &name, BackupType: kind, BackupStatus: types.BackupStatusCreating,
				BackupCreationDateTime: &now, BackupSizeBytes: aws.Int64(0),
			},
			SourceTableDetails: source, SourceTableFeatureDetails: features,
		},
	}
	s.backups = append(s.backups, b)
	return b, nil
}

// systemBackup is what DynamoDB does when a table with point-in-time recovery is deleted. ("Delete a table with
// point-in-time recovery enabled".)
func (r *request) systemBackup(t *table) error {
	b, err := r.server.newBackup(t, t.name()+"$DeletedTableBackup", types.BackupTypeSystem)
	if err != nil {
		return err
	}
	details := b.description.BackupDetails
	details.BackupStatus = types.BackupStatusAvailable
	details.BackupExpiryDateTime = aws.Time(details.BackupCreationDateTime.Add(systemBackupKept))
	if looks := r.server.looks["SystemBackup"]; looks > 0 {
		b.change.start(looks, func() {}) // It is listed later.
	}
	return nil
}

// isBackedUp reports whether a backup of the table is being created.
func (s *Server) isBackedUp(t *table) bool {
	return slices.ContainsFunc(s.backups, func(b *backup) bool {
		return *b.table.TableId == *t.description.TableId && b.status() == types.BackupStatusCreating
	})
}

func createBackup(r *request, in *dynamodb.CreateBackupInput) (*dynamodb.CreateBackupOutput, error) {
	t, err := r.see(in.TableName)
	if err != nil {
		return nil, tableNotFound(err)
	}
	if !namePattern.MatchString(aws.ToString(in.BackupName)) {
		return nil, validation("Invalid backup name: %s", aws.ToString(in.BackupName))
	}
	if status := t.description.TableStatus; status != types.TableStatusActive {
		return nil, &types.TableInUseException{Message: aws.String("Table is " + string(status) + ": " + t.name())}
	}
	if err := t.recovery.available(t); err != nil {
		return nil, err
	}
	b, err := r.server.newBackup(t, *in.BackupName, types.BackupTypeUser)
	if err != nil {
		return nil, err
	}
	details := b.description.BackupDetails
	r.begin(&b.change, func() { details.BackupStatus = types.BackupStatusAvailable })
	return &dynamodb.CreateBackupOutput{BackupDetails: copyOf(details)}, nil
}

// seeBackup returns the backup for a request that sees its state.
func (r *request) seeBackup(arn *string) (*backup, error) {
	for _, b := range r.server.backups {
		if b.arn() == aws.ToString(arn) && b.place == r.place {
			b.change.look()
			return b, nil
		}
	}
	return nil, &types.BackupNotFoundException{Message: aws.String("Backup not found: " + aws.ToString(arn))}
}

func describeBackup(r *request, in *dynamodb.DescribeBackupInput) (*dynamodb.DescribeBackupOutput, error) {
	b, err := r.seeBackup(in.BackupArn)
	if err != nil {
		return nil, err
	}
	return &dynamodb.DescribeBackupOutput{BackupDescription: copyOf(&b.description)}, nil
}

func deleteBackup(r *request, in *dynamodb.DeleteBackupInput) (*dynamodb.DeleteBackupOutput, error) {
	b, err := r.seeBackup(in.BackupArn)
	if err != nil {
		return nil, err
	}
	if b.status() != types.BackupStatusAvailable || r.server.isRestored(b) {
		return nil, &types.BackupInUseException{Message: aws.String("Backup is being created or restored: " + b.arn())}
	}
	r.server.backups = slices.DeleteFunc(r.server.backups, func(other *backup) bool { return other == b })
	b.description.BackupDetails.BackupStatus = types.BackupStatusDeleted
	return &dynamodb.DeleteBackupOutput{BackupDescription: copyOf(&b.description)}, nil
}

// isRestored reports whether a table is being created of the backup, in whatever Region.
func (s *Server) isRestored(b *backup) bool {
	for _, tables := range s.tables {
		for _, t := range tables {
			if summary := t.description.RestoreSummary; summary != nil && aws.ToBool(summary.RestoreInProgress) &&
				aws.ToString(summary.SourceBackupArn) == b.arn() {
				return true
			}
		}
	}
	return false
}

func listBackups(r *request, in *dynamodb.ListBackupsInput) (*dynamodb.ListBackupsOutput, error) {
	name := ""
	if in.TableName != nil {
		resource, err := r.locate(*in.TableName)
		if err != nil {
			return nil, err
		}
		name = resource.table
	}
	out := &dynamodb.ListBackupsOutput{BackupSummaries: []types.BackupSummary{}}
	kind := cmp.Or(in.BackupType, types.BackupTypeFilterAll)
	started := in.ExclusiveStartBackupArn == nil
	for _, b := range r.server.backups {
		details := b.description.BackupDetails
		wanted := b.place == r.place && started &&
			(name == "" || name == *b.table.TableName) &&
			(kind == types.BackupTypeFilterAll || string(kind) == string(details.BackupType)) &&
			(in.TimeRangeLowerBound == nil || !details.BackupCreationDateTime.Before(*in.TimeRangeLowerBound)) &&
			(in.TimeRangeUpperBound == nil || details.BackupCreationDateTime.Before(*in.TimeRangeUpperBound))
		if b.arn() == aws.ToString(in.ExclusiveStartBackupArn) {
			started = true
		}
		if !wanted {
			continue
		}
		if details.BackupType == types.BackupTypeSystem && b.change.settle != nil {
			b.change.look()
			continue
		}
		if len(out.BackupSummaries) == orDefault(int(aws.ToInt32(in.Limit)), tablesPerPage) {
			out.LastEvaluatedBackupArn = out.BackupSummaries[len(out.BackupSummaries)-1].BackupArn
			break
		}
		b.change.look()
		summary := convert[types.BackupSummary](details)
		summary.TableArn, summary.TableId, summary.TableName = b.table.TableArn, b.table.TableId, b.table.TableName
		out.BackupSummaries = append(out.BackupSummaries, summary)
	}
	return out, nil
}
