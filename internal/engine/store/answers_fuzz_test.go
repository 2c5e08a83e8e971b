// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// plainly reports whether the answer is an object each of whose members has a name of its own, without escapes. No DynamoDB writes it
// otherwise, and which of two members of one name counts is for every reader to choose.
func plainly(answer []byte) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(answer, &members) != nil {
		return true // It is none, whatever its names.
	}
	decoder := json.NewDecoder(bytes.NewReader(answer))
	_, _ = decoder.Token() // The brace.
	for seen := map[string]bool{}; decoder.More(); {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok || seen[name] || !bytes.Contains(answer, []byte(`"`+name+`"`)) {
			return false
		}
		seen[name] = true
		if err := decoder.Decode(new(json.RawMessage)); err != nil {
			return false
		}
	}
	return true
}

// sdk calls the SDK's client. Its decoder panics on some of what is not JSON (as of smithy-go 1.28.8), which is a refusal too.
func sdk[T any](ctx context.Context, call func(context.Context) (*T, error)) (output *T, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("the SDK panics: %v", reason)
		}
	}()
	return call(ctx)
}

// A page that is read holds what the SDK's client would have read, to the position behind it; anything else is an error.
func FuzzScanAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"Items":[{"id":{"S":"1"}},{"id":{"S":"2"},"n":{"N":"1.50"}}],"Count":2,"ScannedCount":7,"LastEvaluatedKey":{"id":{"S":"2"}},"ConsumedCapacity":{"TableName":"orders","CapacityUnits":0.5}}`,
		`{"Count":0,"Items":[],"ScannedCount":0,"LastEvaluatedKey":null}`,
		"{ \"ScannedCount\" : 1 ,\n\"Items\" : [ { \"a\" : { \"L\" : [ ] } } ] , \"Count\" : 1 }",
		`{"Items":[{"id":{"S":"1"}}],"Count":2,"ScannedCount":2}`,
		`{"Items":null,"Count":0,"ScannedCount":1e0,"ConsumedCapacity":{"CapacityUnits":1,"Table":{"CapacityUnits":"1"}}}`,
		`{"Items":[{"id":{"S":"1"}}],"Count":1,"ScannedCount":1}}`,
		`[]`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		if !plainly(answer) {
			return
		}
		table, client := answered(t, http.StatusOK, answer)
		source, err := table.NewScan(t.Context(), store.Scan{})
		if err != nil {
			t.Fatal(err)
		}
		var page store.Page
		if source.Read(t.Context(), store.Segment{Total: 1}, nil, &page) != nil {
			return
		}
		scan := func(c *dynamodb.Client) func(context.Context) (*dynamodb.ScanOutput, error) {
			return func(ctx context.Context) (*dynamodb.ScanOutput, error) {
				return c.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("orders")})
			}
		}
		want, refusal := sdk(t.Context(), scan(client))
		next := page.Next
		if next == nil {
			next = []byte("null")
		}
		_, again := answered(t, http.StatusOK, fmt.Appendf(nil, `{"Items":[%s],"LastEvaluatedKey":%s}`, bytes.Join(page.Items, []byte(",")), next))
		got, err := sdk(t.Context(), scan(again))
		switch {
		case refusal != nil: // Most often of what no page is read for.
		case err != nil:
			t.Errorf("the SDK takes the answer, and refuses what was read of it: %v", err)
		case len(got.Items)+len(want.Items) > 0 && !reflect.DeepEqual(got.Items, want.Items):
			t.Errorf("the items are %v, want %v", got.Items, want.Items)
		case !reflect.DeepEqual(got.LastEvaluatedKey, want.LastEvaluatedKey):
			t.Errorf("the page ends at %v, want %v", got.LastEvaluatedKey, want.LastEvaluatedKey)
		case page.Filtered != int(want.ScannedCount-want.Count):
			t.Errorf("%d items are filtered, want %d", page.Filtered, want.ScannedCount-want.Count)
		case want.ConsumedCapacity != nil && page.Units != aws.ToFloat64(want.ConsumedCapacity.CapacityUnits):
			t.Errorf("%v units are consumed, want %v", page.Units, aws.ToFloat64(want.ConsumedCapacity.CapacityUnits))
		}
	})
}

// An item of a batch that the SDK's client would have seen sent back is to be written again, and the units are those that it sees.
func FuzzBatchAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"orders","CapacityUnits":3,"Table":{"CapacityUnits":2},"GlobalSecondaryIndexes":{"i":{"CapacityUnits":1}}}]}`,
		`{"UnprocessedItems":{"orders":[{"PutRequest":{"Item":{"n":{"N":"1"},"id":{"S":"b"}}}},{"PutRequest":{"Item":{"id":{"S":"\u0061"}}}}]}}`,
		`{"UnprocessedItems":{"orders":[{"PutRequest":{"Item":{"id":{"S":"d"}}}}]}}`,
		`{"UnprocessedItems":{"orders":[{"PutRequest":{}}]}}`,
		`{"UnprocessedItems":null,"ConsumedCapacity":null}`,
		`{"ConsumedCapacity":[{"CapacityUnits":1},{"CapacityUnits":0x2}]}`,
		`[]`, ``,
	} {
		f.Add([]byte(seed))
	}
	items := [][]byte{[]byte(`{"id":{"S":"a"}}`), []byte(`{"id":{"S":"b"},"n":{"N":"1"}}`), []byte(`{"id":{"S":"c"}}`)}
	keys := []string{"a", "b", "c"}
	f.Fuzz(func(t *testing.T, answer []byte) {
		if !plainly(answer) {
			return
		}
		table, client := answered(t, http.StatusOK, answer)
		sink, err := table.NewPuts()
		if err != nil {
			t.Fatal(err)
		}
		outcomes := make([]store.Outcome, len(items))
		receipt, err := sink.Write(t.Context(), items, outcomes)
		if err != nil {
			if slices.ContainsFunc(outcomes, func(o store.Outcome) bool { return o != store.Pending }) {
				t.Errorf("the answer cannot be read (%v), and the outcomes are %v", err, outcomes)
			}
			return
		}
		want, refusal := sdk(t.Context(), func(ctx context.Context) (*dynamodb.BatchWriteItemOutput, error) {
			return client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"orders": {{
				PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "a"}}},
			}}}})
		})
		if refusal != nil {
			return // There is no telling what was meant.
		}
		units := 0.0
		for _, consumed := range want.ConsumedCapacity {
			units += aws.ToFloat64(consumed.CapacityUnits)
		}
		if receipt.Units != units {
			t.Errorf("%v units are consumed, want %v", receipt.Units, units)
		}
		for _, requests := range want.UnprocessedItems {
			for _, request := range requests {
				if request.PutRequest == nil {
					continue
				}
				id, ok := request.PutRequest.Item["id"].(*types.AttributeValueMemberS)
				if !ok {
					id = &types.AttributeValueMemberS{}
				}
				i := slices.Index(keys, id.Value)
				if i < 0 && slices.Contains(outcomes, store.Pending) {
					continue // It stands under a name that the SDK does not know.
				}
				if i < 0 || outcomes[i] != store.Pending {
					t.Errorf("the item %q was sent back, and counts as written", id.Value)
				}
			}
		}
	})
}
