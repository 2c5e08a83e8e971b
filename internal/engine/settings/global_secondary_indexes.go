// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// globalSecondaryIndexes have throughput of their own, in the table's billing mode.
var globalSecondaryIndexes = &setting[[]types.GlobalSecondaryIndex]{
	name: "global_secondary_indexes", copied: Schema,
	read: func(_ context.Context, r *reader) ([]types.GlobalSecondaryIndex, error) {
		indexes := make([]types.GlobalSecondaryIndex, len(r.table.GlobalSecondaryIndexes))
		for i, index := range r.table.GlobalSecondaryIndexes {
			indexes[i] = types.GlobalSecondaryIndex{
				IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: sortedProjection(index.Projection),
				OnDemandThroughput: maximum(index.OnDemandThroughput),
			}
			if billingMode(r.table) == types.BillingModeProvisioned {
				indexes[i].ProvisionedThroughput = provisioned(index.ProvisionedThroughput)
			}
			if warm := index.WarmThroughput; warm != nil {
				indexes[i].WarmThroughput = warmUp(
					warm.ReadUnitsPerSecond, warm.WriteUnitsPerSecond, indexes[i].ProvisionedThroughput,
				)
			}
		}
		slices.SortFunc(indexes, byName(func(i types.GlobalSecondaryIndex) *string { return i.IndexName }))
		return indexes, nil
	},
	create: func(value []types.GlobalSecondaryIndex, request *dynamodb.CreateTableInput) {
		request.GlobalSecondaryIndexes = value
	},
	move: func(value []types.GlobalSecondaryIndex, m *move) ([]types.GlobalSecondaryIndex, error) {
		for i := range value {
			if m.level == Schema && value[i].WarmThroughput != nil {
				value[i].WarmThroughput = nil
				m.leave(warmThroughput.name)
			}
		}
		return value, nil
	},
	grown: func(value, wanted []types.GlobalSecondaryIndex) []types.GlobalSecondaryIndex {
		for i := 0; i < len(value) && i < len(wanted); i++ { // Both are sorted by name.
			value[i].WarmThroughput = warmer(value[i].WarmThroughput, wanted[i].WarmThroughput)
		}
		return value
	},
}
