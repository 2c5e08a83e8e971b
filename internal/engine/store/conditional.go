// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// conditionalDeletes deletes items one by one, each only if the filter still holds for it. BatchWriteItem takes no
// conditions ("BatchWriteItem" in the API reference).
type conditionalDeletes struct {
	table    *Table
	body     []byte // The request less its key and the closing brace.
	repeated atomic.Bool
}

// Repeated tells the sink that an earlier attempt at the same deletes was interrupted. One of its requests may be
// carried out after this attempt has read the item. So an item that does not exist any more counts as deleted.
func (s *conditionalDeletes) Repeated() { s.repeated.Store(true) }

// DeleteCondition returns the condition for deleting an item: the filter holds and the item exists. A filter such as
// attribute_not_exists(x) also holds for an item that does not exist, which must not be counted. The last term never
// decides; it keeps a filter in parentheses from getting a second pair, which DynamoDB refuses.
func DeleteCondition(holds *filter.Filter, partitionKey string) *filter.Filter {
	names := maps.Clone(holds.Names)
	if names == nil {
		names = map[string]string{}
	}
	names[keyName(0)] = partitionKey
	return &filter.Filter{
		Expression: fmt.Sprintf("attribute_exists(%s) AND (%s OR attribute_not_exists(%[1]s))", keyName(0), holds.Expression),
		Names:      names, Values: holds.Values,
	}
}

// NewConditionalDeletes returns a sink that deletes items, given by their keys alone, if the filter holds at that
// moment. The others are Skipped.
func (t *Table) NewConditionalDeletes(ctx context.Context, holds *filter.Filter) (Sink, error) {
	condition := DeleteCondition(holds, t.Key[0].Name)
	body, err := t.client.Encode(ctx, wire.DeleteItem, &dynamodb.DeleteItemInput{
		TableName:                           aws.String(t.Name),
		ConditionExpression:                 aws.String(condition.Expression),
		ExpressionAttributeNames:            condition.Names,
		ExpressionAttributeValues:           condition.Values,
		ReturnConsumedCapacity:              types.ReturnConsumedCapacityIndexes,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err != nil {
		return nil, err
	}
	return &conditionalDeletes{table: t, body: bytes.TrimSuffix(body, []byte("}"))}, nil
}

func (s *conditionalDeletes) Limits() (items, bytes int) { return 1, batchBytes }

func (s *conditionalDeletes) Write(ctx context.Context, items [][]byte, outcomes []Outcome) (Receipt, error) {
	var receipt Receipt
	var reply wire.Reply
	for i, key := range items {
		body := append(append(bytes.Clone(s.body), `,"Key":`...), key...)
		err := s.table.client.Do(ctx, wire.DeleteItem, append(body, '}'), &reply)
		receipt.Throttled += reply.Throttled
		var refused *types.ConditionalCheckFailedException
		switch {
		case err == nil:
			if err = receipt.consume(reply.Body); err == nil {
				outcomes[i] = Written
			}
		case errors.As(err, &refused):
			var existing []byte
			existing, err = receipt.refuse(&reply)
			switch {
			case err != nil:
			case existing == nil && (reply.Uncertain || s.repeated.Load()):
				outcomes[i] = Written // A request whose answer was lost has deleted it.
			default:
				outcomes[i] = Skipped
			}
		}
		if err != nil {
			receipt.lost(&reply, 1)
			return receipt, err
		}
	}
	return receipt, nil
}

// refuse returns the item whose condition did not hold, nil for none, and counts about what that has consumed. The
// answer does not say: it is a unit for each started KB of the existing item ("Condition expressions", "Read and write
// operations").
func (r *Receipt) refuse(reply *wire.Reply) (existing []byte, err error) {
	existing, err = item.Attribute(reply.Body, "Item")
	consumed := float64(1 + len(existing)>>10)
	r.Units, r.TableUnits = r.Units+consumed, r.TableUnits+consumed
	return existing, err
}

// consume counts the units in the answer to a PutItem or DeleteItem.
func (r *Receipt) consume(answer []byte) error {
	return item.Members(answer, func(name, value []byte) error {
		if string(name) != `"ConsumedCapacity"` {
			return nil
		}
		all, table, err := units(value)
		r.Units, r.TableUnits = r.Units+all, r.TableUnits+table
		return err
	})
}

// Close has nothing to do: DynamoDB has acknowledged every item that was counted.
func (s *conditionalDeletes) Close(bool) error { return nil }
