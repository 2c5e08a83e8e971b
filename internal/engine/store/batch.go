// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// A BatchWriteItem takes up to 25 operations and 16 MB ("Quotas in Amazon DynamoDB"). For large items fewer bytes are
// enough: a request of a megabyte is worth its round trip, and many requests are under way, each with a buffer that is
// used again.
const (
	batchItems = 25
	batchBytes = 1 << 20
)

// batchSink puts or deletes items with BatchWriteItem.
type batchSink struct {
	table   *Table
	head    []byte // What stands before the items.
	open    string // What stands before each item; two braces stand behind it.
	keys    bool   // The items are keys.
	buffers sync.Pool
}

// NewPuts returns a sink that puts items into the table. An item replaces another with the same key.
func (t *Table) NewPuts() (Sink, error) { return t.newBatches(`{"PutRequest":{"Item":`, false) }

// NewDeletes returns a sink that deletes items, given by their keys alone.
func (t *Table) NewDeletes() (Sink, error) { return t.newBatches(`{"DeleteRequest":{"Key":`, true) }

func (t *Table) newBatches(open string, keys bool) (Sink, error) {
	name, err := json.Marshal(t.Name)
	if err != nil {
		return nil, err
	}
	return &batchSink{
		table: t,
		head:  fmt.Appendf(nil, `{"ReturnConsumedCapacity":"INDEXES","RequestItems":{%s:[`, name),
		open:  open,
		keys:  keys,
		buffers: sync.Pool{New: func() any {
			return new(batchBuffers)
		}},
	}, nil
}

// batchBuffers is the memory of one request and its answer.
type batchBuffers struct {
	body  []byte
	reply wire.Reply
}

func (s *batchSink) Limits() (items, bytes int) { return batchItems, batchBytes }

func (s *batchSink) Write(ctx context.Context, items [][]byte, outcomes []Outcome) (Receipt, error) {
	receipt, err := s.send(ctx, items, outcomes)
	if refused(err) {
		return s.isolate(ctx, items, outcomes, err)
	}
	return receipt, err
}

// isolate halves a batch that DynamoDB refuses as a whole until the faulty item is alone, and writes the others.
func (s *batchSink) isolate(ctx context.Context, items [][]byte, outcomes []Outcome, err error) (Receipt, error) {
	if len(items) == 1 {
		outcomes[0] = Failed
		return Receipt{Refused: []Refusal{{Err: s.table.refusal(items[0], s.keys, err)}}}, nil
	}
	half := len(items) / 2
	receipt, err := s.Write(ctx, items[:half], outcomes[:half])
	if err != nil {
		return receipt, err
	}
	second, err := s.Write(ctx, items[half:], outcomes[half:])
	receipt.Units += second.Units
	receipt.TableUnits += second.TableUnits
	receipt.Throttled += second.Throttled
	receipt.Unknown += second.Unknown
	for _, r := range second.Refused {
		receipt.Refused = append(receipt.Refused, Refusal{half + r.Index, r.Err})
	}
	return receipt, err
}

// send sends the batch.
func (s *batchSink) send(ctx context.Context, items [][]byte, outcomes []Outcome) (receipt Receipt, err error) {
	buffers, ok := s.buffers.Get().(*batchBuffers)
	if !ok {
		panic("the pool holds batchBuffers only")
	}
	defer s.buffers.Put(buffers)
	body := append(buffers.body[:0], s.head...)
	for i, raw := range items {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(append(append(body, s.open...), raw...), "}}"...)
	}
	body = append(body, "]}}"...)
	buffers.body = body
	err = s.table.client.Do(ctx, wire.BatchWriteItem, body, &buffers.reply)
	receipt.Throttled = buffers.reply.Throttled
	if err != nil {
		receipt.lost(&buffers.reply, len(items))
		return receipt, err
	}
	for i := range outcomes {
		outcomes[i] = Written
	}
	if err = s.parse(buffers.reply.Body, items, outcomes, &receipt); err != nil {
		clear(outcomes) // An answer that cannot be read acknowledges nothing, not even the part that could.
		receipt.Unknown = len(items)
	}
	return receipt, err
}

// lost counts the items of a request that failed, if it may have been carried out.
func (r *Receipt) lost(reply *wire.Reply, items int) {
	if reply.Uncertain {
		r.Unknown += items
	}
}

// parse reads the answer: the receipt gets the units consumed, and unprocessed items become Pending.
func (s *batchSink) parse(answer []byte, items [][]byte, outcomes []Outcome, receipt *Receipt) error {
	err := item.Members(answer, func(name, value []byte) error {
		switch string(name) {
		case `"ConsumedCapacity"`:
			var err error
			receipt.Units, receipt.TableUnits, err = units(value)
			return err
		case `"UnprocessedItems"`:
			return item.Members(value, func(_, requests []byte) error { return s.sentBack(requests, items, outcomes) })
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("the answer to BatchWriteItem: %w", err)
	}
	return nil
}

var errNotSent = errors.New("DynamoDB sent back an item that was not in the request")

// sentBack finds unprocessed items among those that were sent, by their keys: DynamoDB may encode them differently.
func (s *batchSink) sentBack(requests []byte, items [][]byte, outcomes []Outcome) error {
	sent := make(map[string]int, len(items))
	for i, raw := range items {
		identity, err := item.Identity(nil, raw, s.table.Key)
		if err != nil {
			return err
		}
		sent[string(identity)] = i
	}
	return item.Elements(requests, func(request []byte) error {
		found := false
		err := item.Members(request, func(_, operation []byte) error {
			return item.Members(operation, func(_, raw []byte) error {
				identity, err := item.Identity(nil, raw, s.table.Key)
				if err != nil {
					return err
				}
				i, ok := sent[string(identity)]
				if !ok {
					return errNotSent
				}
				outcomes[i], found = Pending, true
				return nil
			})
		})
		if err == nil && !found {
			return errNotSent
		}
		return err
	})
}

// Close has nothing to do: DynamoDB has acknowledged every item that was counted.
func (s *batchSink) Close(bool) error { return nil }
