// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"
)

// order is the n-th item of a table, about 0.5 KB. What it holds follows from n, so a reader knows what to expect.
func order(n int) map[string]types.AttributeValue {
	text := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	number := func(v any) types.AttributeValue { return &types.AttributeValueMemberN{Value: fmt.Sprint(v)} }
	status := []string{"OPEN", "SHIPPED", "CANCELLED"}[n%3]
	return map[string]types.AttributeValue{
		"id": text(strconv.Itoa(n)), "n": number(n), "status": text(status), "paid": &types.AttributeValueMemberBOOL{Value: n%2 == 0},
		"digits": number(fmt.Sprintf("1234567890123456789012345678901%07d", n*10+1)),
		"note":   text(strings.Repeat("ünïcode \"quoted\" ", 12)),
		"tags":   &types.AttributeValueMemberSS{Value: []string{"a" + strconv.Itoa(n%7), "b"}},
		"blob":   &types.AttributeValueMemberB{Value: []byte{0, 1, byte(n), byte(n >> 8)}},
		"lines": &types.AttributeValueMemberL{Value: []types.AttributeValue{
			&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"sku": text("A-" + strconv.Itoa(n%100)), "qty": number(n % 9)}},
			&types.AttributeValueMemberNULL{Value: true},
		}},
	}
}

// table is a table of items that follow from their numbers, which are their ids.
type table struct {
	client *dynamodb.Client
	name   string
	item   func(n int) map[string]types.AttributeValue
}

// fill writes orders 0 to count-1.
func fill(t *testing.T, client *dynamodb.Client, name string, count int) {
	t.Helper()
	table{client, name, order}.fill(t, count)
}

// expectOrders is table.expect for orders.
func expectOrders(t *testing.T, client *dynamodb.Client, name string, count int, wanted func(n int) bool) {
	t.Helper()
	table{client, name, order}.expect(t, count, wanted)
}

// fill writes the items 0 to count-1.
func (of table) fill(t *testing.T, count int) {
	t.Helper()
	var next atomic.Int64
	group, ctx := errgroup.WithContext(t.Context())
	for range 8 {
		group.Go(func() error {
			for {
				first := int(next.Add(25)) - 25
				if first >= count {
					return nil
				}
				var requests []types.WriteRequest
				for n := first; n < min(first+25, count); n++ {
					requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: of.item(n)}})
				}
				if _, err := of.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{of.name: requests}}); err != nil {
					return err
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// expect reads the whole table with the SDK and compares it, item by item, with the items below count that are wanted.
func (of table) expect(t *testing.T, count int, wanted func(n int) bool) {
	t.Helper()
	const segments = 8
	seen := make([]atomic.Bool, count)
	group, ctx := errgroup.WithContext(t.Context())
	for segment := range segments {
		group.Go(func() error {
			pages := dynamodb.NewScanPaginator(of.client, &dynamodb.ScanInput{
				TableName: aws.String(of.name), Segment: aws.Int32(int32(segment)), TotalSegments: aws.Int32(segments), ConsistentRead: aws.Bool(true),
			})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					return err
				}
				for _, item := range page.Items {
					id, ok := item["id"].(*types.AttributeValueMemberS)
					if !ok {
						return fmt.Errorf("an item's id is a %T", item["id"])
					}
					n, err := strconv.Atoi(id.Value)
					if err != nil || n >= count || seen[n].Swap(true) {
						return fmt.Errorf("the table holds item %s, which should not be there", id.Value)
					}
					if !reflect.DeepEqual(item, of.item(n)) {
						return fmt.Errorf("item %d differs:\n got %v\nwant %v", n, item, of.item(n))
					}
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for n := range seen {
		if seen[n].Load() != wanted(n) {
			t.Fatalf("item %d: there %t, wanted %t", n, seen[n].Load(), wanted(n))
		}
	}
}
