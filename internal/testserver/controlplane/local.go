// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// createLocal makes the table in DynamoDB Local: its keys and the indexes it knows, on demand, since it limits nothing,
// and without what it would act on, such as deletion protection.
func (s *Server) createLocal(p place, in *dynamodb.CreateTableInput) error {
	reduced := &dynamodb.CreateTableInput{
		TableName: in.TableName, KeySchema: in.KeySchema, LocalSecondaryIndexes: in.LocalSecondaryIndexes,
		BillingMode: types.BillingModePayPerRequest,
	}
	for _, index := range in.GlobalSecondaryIndexes {
		if isLocal(index.KeySchema) {
			reduced.GlobalSecondaryIndexes = append(reduced.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
				IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection,
			})
		}
	}
	used := usedBy(reduced)
	reduced.AttributeDefinitions = slices.DeleteFunc(
		slices.Clone(in.AttributeDefinitions),
		func(a types.AttributeDefinition) bool {
			return !used[aws.ToString(a.AttributeName)]
		},
	)
	return s.sendLocal(p, "CreateTable", reduced)
}

// isLocal reports whether DynamoDB Local knows global secondary indexes of such keys.
func isLocal(schema []types.KeySchemaElement) bool {
	hash, ranges, _ := keyTypes(schema)
	return hash == 1 && ranges <= 1
}

func (s *Server) sendLocal(p place, operation string, in any) error {
	body, err := encode(in)
	if err != nil {
		return err
	}
	_, err = s.onLocal(p, operation, body)
	return err
}

// addLocalIndex and removeLocalIndex follow UpdateTable, for indexes that DynamoDB Local knows.
func (s *Server) addLocalIndex(t *table, index types.GlobalSecondaryIndex) error {
	if !isLocal(index.KeySchema) {
		return nil
	}
	return s.updateLocal(t.place, &dynamodb.UpdateTableInput{
		TableName: t.description.TableName, AttributeDefinitions: t.description.AttributeDefinitions,
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection,
		}}},
	})
}

func (s *Server) removeLocalIndex(t *table, index types.GlobalSecondaryIndexDescription) error {
	if !isLocal(index.KeySchema) {
		return nil
	}
	return s.updateLocal(t.place, &dynamodb.UpdateTableInput{
		TableName: t.description.TableName,
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{
			{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: index.IndexName}},
		},
	})
}

// localPoll is how often DynamoDB Local is asked whether a change is complete, and localPolls how many times at most.
const (
	localPoll  = 10 * time.Millisecond
	localPolls = 6000
)

// updateLocal waits until DynamoDB Local has built or removed the index: it works at that by itself, and refuses other
// changes meanwhile, whatever the states that this server shows.
func (s *Server) updateLocal(p place, in *dynamodb.UpdateTableInput) error {
	if err := s.sendLocal(p, "UpdateTable", in); err != nil {
		return err
	}
	for range localPolls {
		answer, err := s.onLocal(p, "DescribeTable", mustMarshal(map[string]string{"TableName": *in.TableName}))
		if err != nil {
			return err
		}
		var now dynamodb.DescribeTableOutput
		if err := decode(answer, &now); err != nil {
			return err
		}
		passing := slices.ContainsFunc(now.Table.GlobalSecondaryIndexes, func(i types.GlobalSecondaryIndexDescription) bool {
			return i.IndexStatus != types.IndexStatusActive
		})
		if !passing && now.Table.TableStatus == types.TableStatusActive {
			return nil
		}
		time.Sleep(localPoll)
	}
	return fmt.Errorf("DynamoDB Local does not end the update of %s", *in.TableName)
}
