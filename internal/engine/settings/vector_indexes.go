// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var vectorIndexes = &setting[[]types.VectorIndex]{
	name: "vector_indexes", copied: Schema,
	read: func(_ context.Context, r *reader) ([]types.VectorIndex, error) {
		indexes := make([]types.VectorIndex, len(r.table.VectorIndexes))
		for i, index := range r.table.VectorIndexes {
			indexes[i] = types.VectorIndex{
				IndexName: index.IndexName, Dimensions: index.Dimensions, DistanceFunction: index.DistanceFunction,
				Projection: sortedProjection(index.Projection), VectorAttribute: index.VectorAttribute,
				SearchSchema: index.SearchSchema,
			}
		}
		slices.SortFunc(indexes, byName(func(i types.VectorIndex) *string { return i.IndexName }))
		return indexes, nil
	},
	create: func(value []types.VectorIndex, request *dynamodb.CreateTableInput) { request.VectorIndexes = value },
}
