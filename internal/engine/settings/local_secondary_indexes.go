// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// localSecondaryIndexes can only be created together with the table.
var localSecondaryIndexes = &setting[[]types.LocalSecondaryIndex]{
	name: "local_secondary_indexes", copied: Schema,
	read: func(_ context.Context, r *reader) ([]types.LocalSecondaryIndex, error) {
		indexes := make([]types.LocalSecondaryIndex, len(r.table.LocalSecondaryIndexes))
		for i, index := range r.table.LocalSecondaryIndexes {
			indexes[i] = types.LocalSecondaryIndex{
				IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: sortedProjection(index.Projection),
			}
		}
		slices.SortFunc(indexes, byName(func(i types.LocalSecondaryIndex) *string { return i.IndexName }))
		return indexes, nil
	},
	create: func(value []types.LocalSecondaryIndex, request *dynamodb.CreateTableInput) {
		request.LocalSecondaryIndexes = value
	},
}
