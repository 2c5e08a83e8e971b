// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// What a recreate refuses to do unless it is allowed by that name.
const (
	AllowStream              = "stream"
	AllowKinesis             = "kinesis"
	AllowEventSourceMappings = "event_source_mappings"
	// AllowReplicas is asked for in vain: AWS deletes the replicas of a global table one by one, and the Region that they
	// were made from only a day later ("DeleteTable"), and each has settings of its own in its Region.
	AllowReplicas = "replicas"
)

// legacyGlobalTable is the version of global tables whose replicas DescribeTable does not list ("Global tables version
// 2017.11.29 (Legacy)" in the Amazon DynamoDB Developer Guide). DescribeGlobalTable would find them without fail, but
// takes a permission that few have.
const legacyGlobalTable = "2017.11.29"

// Refusal is a reason not to recreate a table.
type Refusal struct {
	Reason string
	// Allow is the name by which it is allowed nevertheless; empty for what cannot be.
	Allow string
	// Passes reports whether the reason is a change of the table, but of no index, which is complete soon.
	Passes bool
}

// Refusals are the reasons not to recreate the table of the snapshot, in the state that it was described in. They are
// found before anything is changed. The error is that of a request.
func Refusals(
	ctx context.Context,
	client *dynamodb.Client,
	table *types.TableDescription,
	s *settings.Snapshot,
	allow []string,
) ([]Refusal, error) {
	var found []Refusal
	refuse := func(when bool, allowed, format string, arguments ...any) {
		if when && !slices.Contains(allow, allowed) {
			found = append(found, Refusal{Reason: fmt.Sprintf(format, arguments...), Allow: allowed})
		}
	}
	refuse(table.TableStatus != types.TableStatusActive, "", "the table's status is %s", table.TableStatus)
	for _, index := range table.GlobalSecondaryIndexes {
		refuse(index.IndexStatus != "" && index.IndexStatus != types.IndexStatusActive, "", "the status of index %q is "+
			"%s", aws.ToString(index.IndexName), index.IndexStatus)
	}
	for _, index := range table.VectorIndexes {
		refuse(
			index.IndexStatus != types.IndexStatusActive,
			"",
			"the status of index %q is %s",
			aws.ToString(index.IndexName),
			index.IndexStatus,
		)
	}
	if len(found) == 1 && table.TableStatus == types.TableStatusUpdating {
		found[0].Passes = true
	}
	inaccessible := table.SSEDescription != nil && table.SSEDescription.InaccessibleEncryptionDateTime != nil
	refuse(inaccessible, "", "its KMS key cannot be used")
	state := s.UnusableKey()
	refuse(state != "" && !inaccessible, "", "its KMS key cannot be used: the key's state is %s", state)
	refuse(s.Replicated(), "", "it is part of a global table, whose replicas would be lost")
	legacy := aws.ToString(table.GlobalTableVersion) == legacyGlobalTable
	refuse(legacy && !s.Replicated(), "", "it is part of a global table of version %s, whose replicas would be "+
		"lost", legacyGlobalTable)
	refuse(s.EventSourceMappings(), AllowEventSourceMappings, "Lambda functions read its stream; they would get new "+
		"event source mappings on the new stream")
	hasStream := table.StreamSpecification != nil && aws.ToBool(table.StreamSpecification.StreamEnabled)
	consented := s.EventSourceMappings() &&
		slices.Contains(allow, AllowEventSourceMappings) // Who allows the one means the other.
	refuse(hasStream && !consented, AllowStream, "it has a stream, and the new table's stream has another ARN: whoever "+
		"reads it would have to be told")
	refuse(s.Kinesis(), AllowKinesis, "its changes go to Kinesis; the destinations would be enabled again")

	busy, err := backupUnderWay(ctx, client, table)
	if err != nil && !slices.Contains(s.NotKept, "point_in_time_recovery") { // A server without the one has not the other.
		return nil, err
	}
	refuse(busy, "", "a backup of it is being made")

	request, err := s.CreateTable(s.Table.Name)
	if err != nil {
		return nil, err
	}
	faults := settings.Check(request)
	refuse(len(faults) > 0, "", "the request that recreates it would be refused: %s", strings.Join(faults, "; "))
	return found, nil
}

// backupUnderWay says that a backup is being made, during which a table cannot be deleted.
func backupUnderWay(ctx context.Context, client *dynamodb.Client, table *types.TableDescription) (bool, error) {
	input := &dynamodb.ListBackupsInput{TableName: table.TableName, BackupType: types.BackupTypeFilterAll}
	for {
		page, err := client.ListBackups(ctx, input)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(
			page.BackupSummaries,
			func(b types.BackupSummary) bool { return b.BackupStatus == types.BackupStatusCreating },
		) {
			return true, nil
		}
		if input.ExclusiveStartBackupArn = page.LastEvaluatedBackupArn; input.ExclusiveStartBackupArn == nil {
			return false, nil
		}
	}
}
