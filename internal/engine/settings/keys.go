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

// keySettings is the table's key, and the types of all attributes that are part of a key.
type keySettings struct {
	AttributeDefinitions []types.AttributeDefinition
	KeySchema            []types.KeySchemaElement
}

var keys = &setting[keySettings]{
	name: "keys", copied: Schema,
	read: func(_ context.Context, r *reader) (keySettings, error) {
		definitions := slices.Clone(r.table.AttributeDefinitions)
		slices.SortFunc(definitions, func(a, b types.AttributeDefinition) int {
			return cmp.Compare(aws.ToString(a.AttributeName), aws.ToString(b.AttributeName)) // AWS returns them in any order.
		})
		return keySettings{AttributeDefinitions: definitions, KeySchema: r.table.KeySchema}, nil
	},
	create: func(value keySettings, request *dynamodb.CreateTableInput) {
		request.AttributeDefinitions, request.KeySchema = value.AttributeDefinitions, value.KeySchema
	},
}

// byName returns a function that compares two indexes by name: AWS returns indexes in any order.
func byName[T any](name func(T) *string) func(a, b T) int {
	return func(a, b T) int { return cmp.Compare(aws.ToString(name(a)), aws.ToString(name(b))) }
}

// sortedProjection returns the projection with its attributes sorted: AWS returns them in any order.
func sortedProjection(p *types.Projection) *types.Projection {
	if p == nil {
		return nil
	}
	return &types.Projection{
		ProjectionType: p.ProjectionType, NonKeyAttributes: slices.Sorted(slices.Values(p.NonKeyAttributes)),
	}
}
