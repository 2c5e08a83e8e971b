// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// keySettings are the table's key, and the types of all attributes that are part of a key.
type keySettings struct {
	AttributeDefinitions []types.AttributeDefinition
	KeySchema            []types.KeySchemaElement
}

var keys = &setting[keySettings]{
	name: "keys", copied: Schema,
	read: func(_ context.Context, r *reader) (keySettings, error) {
		definitions := slices.SortedFunc(slices.Values(r.table.AttributeDefinitions), func(a, b types.AttributeDefinition) int {
			return cmp.Compare(aws.ToString(a.AttributeName), aws.ToString(b.AttributeName)) // AWS gives them in no order.
		})
		return keySettings{definitions, r.table.KeySchema}, nil
	},
	create: func(value keySettings, request *dynamodb.CreateTableInput) {
		request.AttributeDefinitions, request.KeySchema = value.AttributeDefinitions, value.KeySchema
	},
}

// byName compares two indexes: AWS gives them in no order.
func byName[T any](name func(T) *string) func(a, b T) int {
	return func(a, b T) int { return cmp.Compare(aws.ToString(name(a)), aws.ToString(name(b))) }
}

// sortedProjection is the projection with its attributes in order: AWS gives them in none.
func sortedProjection(p *types.Projection) *types.Projection {
	if p == nil {
		return nil
	}
	return &types.Projection{ProjectionType: p.ProjectionType, NonKeyAttributes: slices.Sorted(slices.Values(p.NonKeyAttributes))}
}
