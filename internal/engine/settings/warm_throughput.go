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

// What any new table can take at once, in units a second, and is not charged for ("Understanding DynamoDB warm throughput").
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
	// A table that AWS has restored is as warm as a new one. It cannot be made colder.
	put: func(ctx context.Context, w *Writer, value *types.WarmThroughput) error {
		return w.update(ctx, &dynamodb.UpdateTableInput{WarmThroughput: value})
	},
	grown: warmer,
}

// Warmth says in words what warm throughput a new table with the settings of the snapshot is charged for; empty for none.
func (s *Snapshot) Warmth() (string, error) {
	request, err := s.CreateTable(s.Table.Name)
	if err != nil {
		return "", err
	}
	var parts []string
	add := func(what string, w *types.WarmThroughput) {
		if w != nil {
			parts = append(parts, fmt.Sprintf("%s %d reads and %d writes a second", what, aws.ToInt64(w.ReadUnitsPerSecond), aws.ToInt64(w.WriteUnitsPerSecond)))
		}
	}
	add("the table", request.WarmThroughput)
	for _, index := range request.GlobalSecondaryIndexes {
		add("index "+aws.ToString(index.IndexName), index.WarmThroughput)
	}
	return strings.Join(parts, ", "), nil
}

// warmer is the wanted value for a table or an index that is at least as warm. It gets warmer with its traffic, that of a copy too, and
// never colder ("Understanding DynamoDB warm throughput").
func warmer(value, wanted *types.WarmThroughput) *types.WarmThroughput {
	if value == nil || wanted != nil && (*value.ReadUnitsPerSecond < *wanted.ReadUnitsPerSecond || *value.WriteUnitsPerSecond < *wanted.WriteUnitsPerSecond) {
		return value
	}
	return wanted
}

// warmUp is the warm throughput that has to be asked for: nil for one that comes by itself with a table of those units.
func warmUp(reads, writes *int64, units *types.ProvisionedThroughput) *types.WarmThroughput {
	r, w := aws.ToInt64(reads), aws.ToInt64(writes)
	leastReads, leastWrites := int64(leastWarmReads), int64(leastWarmWrites)
	if units != nil {
		leastReads, leastWrites = max(leastReads, aws.ToInt64(units.ReadCapacityUnits)), max(leastWrites, aws.ToInt64(units.WriteCapacityUnits))
	}
	if r <= leastReads && w <= leastWrites {
		return nil
	}
	return &types.WarmThroughput{ReadUnitsPerSecond: aws.Int64(max(r, leastReads)), WriteUnitsPerSecond: aws.Int64(max(w, leastWrites))}
}
