// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The warm throughput of any new table, in units a second, which is free of charge ("Understanding DynamoDB warm
// throughput").
const (
	leastWarmReads  = 12_000
	leastWarmWrites = 4_000
)

var warmThroughput = &setting[*types.WarmThroughput]{
	name: "warm_throughput", copied: Full,
	read: func(_ context.Context, r *reader) (*types.WarmThroughput, error) {
		if r.table.WarmThroughput == nil {
			return nil, nil
		}
		var units *types.ProvisionedThroughput
		if billingMode(r.table) == types.BillingModeProvisioned {
			units = provisioned(r.table.ProvisionedThroughput)
		}
		return warmUp(r.table.WarmThroughput.ReadUnitsPerSecond, r.table.WarmThroughput.WriteUnitsPerSecond, units), nil
	},
	create: func(value *types.WarmThroughput, request *dynamodb.CreateTableInput) { request.WarmThroughput = value },
	// A table that AWS has restored is as warm as a new one. Warm throughput cannot be lowered.
	put: func(ctx context.Context, w *Writer, value *types.WarmThroughput) error {
		return w.update(ctx, &dynamodb.UpdateTableInput{WarmThroughput: value})
	},
	grown: warmer,
}

// Warmth describes the warm throughput that a new table with the settings of the snapshot is charged for; empty for
// none.
func (s *Snapshot) Warmth() (string, error) {
	request, err := s.CreateTable(s.Table.Name)
	if err != nil {
		return "", err
	}
	var parts []string
	add := func(what string, w *types.WarmThroughput) {
		if w != nil {
			reads, writes := aws.ToInt64(w.ReadUnitsPerSecond), aws.ToInt64(w.WriteUnitsPerSecond)
			parts = append(parts, fmt.Sprintf("%s %d reads and %d writes a second", what, reads, writes))
		}
	}
	add("the table", request.WarmThroughput)
	for _, index := range request.GlobalSecondaryIndexes {
		add("index "+aws.ToString(index.IndexName), index.WarmThroughput)
	}
	return strings.Join(parts, ", "), nil
}

// warmer returns the wanted value if the table or index is at least as warm, and its own value otherwise. Warm
// throughput rises with traffic, also with that of a copy, and never falls ("Understanding DynamoDB warm
// throughput").
func warmer(value, wanted *types.WarmThroughput) *types.WarmThroughput {
	if value == nil || wanted != nil &&
		(*value.ReadUnitsPerSecond < *wanted.ReadUnitsPerSecond || *value.WriteUnitsPerSecond < *wanted.WriteUnitsPerSecond) {
		return value
	}
	return wanted
}

// warmUp returns the warm throughput to ask for, nil if a table with those units has it anyway.
func warmUp(reads, writes *int64, units *types.ProvisionedThroughput) *types.WarmThroughput {
	r, w := aws.ToInt64(reads), aws.ToInt64(writes)
	leastReads, leastWrites := int64(leastWarmReads), int64(leastWarmWrites)
	if units != nil {
		leastReads = max(leastReads, aws.ToInt64(units.ReadCapacityUnits))
		leastWrites = max(leastWrites, aws.ToInt64(units.WriteCapacityUnits))
	}
	if r <= leastReads && w <= leastWrites {
		return nil
	}
	return &types.WarmThroughput{
		ReadUnitsPerSecond: aws.Int64(max(r, leastReads)), WriteUnitsPerSecond: aws.Int64(max(w, leastWrites)),
	}
}
