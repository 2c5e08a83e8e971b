// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// ErrExists is the error that the destination has an item with the key, if that ends the run.
var ErrExists = errors.New("the destination holds an item with the key of one that is to be written")

// ConditionalPuts puts items into a table and replaces none: an item is written only if the table has none with its
// key. BatchWriteItem takes no conditions ("BatchWriteItem" in the API reference), so each item is a request. One
// processor makes 14,000 of them a second, more than most tables take. 25 INSERT statements of PartiQL in one request
// would cost a part of that; but a statement names all attributes of its item in at most 8,192 characters
// ("BatchStatementRequest"), so that larger items would go another way, with other permissions and other errors.
//
// An item that is found there may be the one that this run has put, because the answer to an earlier attempt at the
// request was lost, or because an earlier attempt of the run ended before its progress was kept. Whether that can be is
// known. Only where it can, an item that equals ours in every value is taken for ours, and is Written. Everywhere else,
// and when any value differs, it is somebody else's. So what is counted as Skipped was never written by the run; and
// the one item that may be counted as Written without having been is, value by value, what writing it would have made.
type ConditionalPuts struct {
	table *Table
	body  []byte // The request less its item and the closing brace.
	// fail ends the writing at the first item that exists.
	fail     bool
	repeated atomic.Bool
}

// NewConditionalPuts returns the sink. An item whose key exists is Skipped or, with fail, ends the writing with
// ErrExists.
func (t *Table) NewConditionalPuts(ctx context.Context, fail bool) (*ConditionalPuts, error) {
	body, err := t.client.Encode(ctx, wire.PutItem, &dynamodb.PutItemInput{
		TableName:                           aws.String(t.Name),
		ConditionExpression:                 aws.String("attribute_not_exists(" + keyName(0) + ")"),
		ExpressionAttributeNames:            map[string]string{keyName(0): t.Key[0].Name},
		ReturnConsumedCapacity:              types.ReturnConsumedCapacityIndexes,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err != nil {
		return nil, err
	}
	return &ConditionalPuts{table: t, body: bytes.TrimSuffix(body, []byte("}")), fail: fail}, nil
}

// Repeated tells the sink, before anything is written, that an earlier attempt of the run may have put the same items.
func (s *ConditionalPuts) Repeated() { s.repeated.Store(true) }

// Limits allows one item a request.
func (s *ConditionalPuts) Limits() (items, bytes int) { return 1, batchBytes }

// Write puts the items, one after the other.
func (s *ConditionalPuts) Write(ctx context.Context, items [][]byte, outcomes []Outcome) (receipt Receipt, err error) {
	var reply wire.Reply
	for i, raw := range items {
		err := s.table.client.Do(ctx, wire.PutItem, slices.Concat(s.body, []byte(`,"Item":`), raw, []byte("}")), &reply)
		receipt.Throttled += reply.Throttled
		var exists *types.ConditionalCheckFailedException
		switch {
		case err == nil:
			if err := receipt.consume(reply.Body); err != nil {
				return receipt, err
			}
			outcomes[i] = Written
		case errors.As(err, &exists):
			if outcomes[i], err = s.found(raw, &reply, &receipt); err != nil {
				return receipt, err
			}
		case refused(err):
			outcomes[i] = Failed
			receipt.Refused = append(receipt.Refused, Refusal{i, s.table.refusal(raw, false, err)})
		default:
			receipt.lost(&reply, 1)
			return receipt, err
		}
	}
	return receipt, nil
}

// found decides about an item whose key is taken.
func (s *ConditionalPuts) found(raw []byte, reply *wire.Reply, receipt *Receipt) (Outcome, error) {
	existing, err := receipt.refuse(reply)
	if err != nil {
		return Pending, err
	}
	equal := false
	if existing != nil {
		if equal, err = item.Equal(existing, raw); err != nil {
			return Pending, err
		}
	}
	switch {
	case equal && (reply.Uncertain || s.repeated.Load()):
		return Written, nil
	case s.fail:
		return Pending, ErrExists
	case equal:
		return Skipped, nil
	}
	return SkippedDifferent, nil
}

// Close has nothing to do: DynamoDB has acknowledged every item that was counted.
func (s *ConditionalPuts) Close(bool) error { return nil }
