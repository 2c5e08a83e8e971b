// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package faultproxy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

func puts(from, to int) []types.WriteRequest {
	var all []types.WriteRequest
	for id := from; id < to; id++ {
		all = append(all, types.WriteRequest{PutRequest: &types.PutRequest{Item: item(id)}})
	}
	return all
}

func count(requests map[string][]types.WriteRequest) int {
	n := 0
	for _, list := range requests {
		n += len(list)
	}
	return n
}

func TestUnprocessedItemsArriveWhenResent(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{Seed: 3, Unprocessed: 1})
	createTable(t, f.direct, "returns")
	pending := map[string][]types.WriteRequest{"orders": puts(0, 15), "returns": puts(15, 25)}

	requests, came := 0, 0
	for len(pending) > 0 {
		sent := count(pending)
		result, err := f.client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
			RequestItems: pending, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			t.Fatal(err)
		}
		pending = result.UnprocessedItems
		back := count(pending)
		requests++
		came += back
		if back >= sent || (back == 0 && sent > 1) {
			t.Fatalf("%d of %d came back", back, sent)
		}
		var units float64
		for _, capacity := range result.ConsumedCapacity {
			units += aws.ToFloat64(capacity.CapacityUnits)
		}
		if units != float64(sent-back) {
			t.Errorf("%v units for %d items", units, sent-back)
		}
	}

	if orders, returns := stored(t, f.direct, "orders"), stored(t, f.direct, "returns"); orders != 15 || returns != 10 {
		t.Errorf("%d and %d items arrived, want 15 and 10", orders, returns)
	}
	injected := f.proxy.Injected()
	if injected.UnprocessedOperations != came || came == 0 {
		t.Errorf("%d operations came back, %d counted", came, injected.UnprocessedOperations)
	}
	// The last request may have been one of a single item, which is left alone.
	if n := injected.Unprocessed; n != requests && n != requests-1 {
		t.Errorf("%d of %d requests counted", n, requests)
	}
}

func TestUnprocessedItemsKeepTheirBytes(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{Seed: 3, Unprocessed: 1})
	one := `{"PutRequest":{"Item":{"id":{"S":"<a> & b"},"n":{"N":"1.2345678901234567890123456789012345678E+100"}}}}`
	two := `{"DeleteRequest":{"Key":{"id":{"S":"two"}}}}`
	body := `{"RequestItems":{"orders":[` + one + `,` + two + `]},"ReturnConsumedCapacity":"TOTAL"}`

	seen := map[string]bool{}
	for range 20 {
		_, checksum, answer := post(t, f.proxy.URL, "BatchWriteItem", f.accessKey, body)
		if checksum != sum(answer) {
			t.Fatalf("checksum %s of a body whose sum is %s", checksum, sum(answer))
		}
		var reply struct {
			UnprocessedItems map[string][]json.RawMessage
			ConsumedCapacity []struct{ TableName string }
		}
		if err := json.Unmarshal([]byte(answer), &reply); err != nil {
			t.Fatal(err)
		}
		back := reply.UnprocessedItems["orders"]
		if len(reply.UnprocessedItems) != 1 || len(back) != 1 || len(reply.ConsumedCapacity) != 1 {
			t.Fatalf("got %s", answer)
		}
		seen[string(back[0])] = true
	}
	if !seen[one] || !seen[two] || len(seen) != 2 {
		t.Errorf("came back: %v", seen)
	}
}

func TestSingleRequestIsLeftAlone(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{Unprocessed: 1})
	result, err := f.client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{"orders": puts(0, 1)},
	})
	if err != nil || len(result.UnprocessedItems) != 0 {
		t.Errorf("got %v, %v", result, err)
	}
	if n := stored(t, f.direct, "orders"); n != 1 {
		t.Errorf("%d items stored", n)
	}
	if got := f.proxy.Injected(); got != (faultproxy.Injected{}) {
		t.Errorf("injected %+v", got)
	}
}

func TestUnprocessedOfABodyThatIsNoBatch(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{Unprocessed: 1})
	for _, body := range []string{"", "nonsense", "{}", `{"RequestItems":[]}`} {
		_, _, answer := post(t, f.proxy.URL, "BatchWriteItem", f.accessKey, body)
		if !strings.Contains(answer, `"__type"`) {
			t.Errorf("%q: the server's own error does not pass: %s", body, answer)
		}
	}
}
