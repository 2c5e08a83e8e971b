// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// createLocal makes the table in DynamoDB Local: its keys and the indexes it knows, on demand, since it limits nothing, and
// without what it would act on, such as deletion protection.
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
	reduced.AttributeDefinitions = slices.DeleteFunc(slices.Clone(in.AttributeDefinitions), func(a types.AttributeDefinition) bool {
		return !used[aws.ToString(a.AttributeName)]
	})
	return s.sendLocal(p, "CreateTable", reduced)
}

// isLocal says whether DynamoDB Local knows global secondary indexes of such keys.
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
	return s.sendLocal(t.place, "UpdateTable", &dynamodb.UpdateTableInput{
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
	return s.sendLocal(t.place, "UpdateTable", &dynamodb.UpdateTableInput{
		TableName: t.description.TableName,
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{
			{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: index.IndexName}},
		},
	})
}
