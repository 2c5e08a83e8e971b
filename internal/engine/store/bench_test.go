// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// mixedItem is an item of about 0.5 KB with the key n.
func mixedItem(n int) []byte {
	return fmt.Appendf(nil, `{"id":{"S":"order#%d"},"amount":{"N":"1234.56"},"paid":{"BOOL":true},"tags":{"SS":["new","web"]},`+
		`"address":{"M":{"street":{"S":"1 Long Street"},"geo":{"M":{"lat":{"N":"48.137154"},"lon":{"N":"11.576124"}}}}},`+
		`"lines":{"L":[{"M":{"sku":{"S":"A-1"},"qty":{"N":"2"}}},{"M":{"sku":{"S":"B-2"},"qty":{"N":"1"}}}]},"note":{"S":"%s"}}`, n, strings.Repeat("x", 200))
}

// cannedTable opens a table whose every other request meets the answer, with no network in between.
func cannedTable(b testing.TB, answer []byte) *store.Table {
	b.Helper()
	return answeringTable(b, http.StatusOK, answer)
}

// answeringTable is the same with another status.
func answeringTable(b testing.TB, status int, answer []byte) *store.Table {
	b.Helper()
	table, _ := answered(b, status, answer)
	return table
}

// answered is the same with the client that the table was opened with.
func answered(b testing.TB, status int, answer []byte) (*store.Table, *dynamodb.Client) {
	b.Helper()
	const description = `{"Table":{"TableName":"orders","TableStatus":"ACTIVE","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],` +
		`"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]}}`
	client := dynamodb.New(dynamodb.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String("http://localhost"),
		Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("AKID", "SECRET", "")),
		HTTPClient: smithyhttp.ClientDoFunc(func(r *http.Request) (*http.Response, error) {
			body, status := answer, status
			if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeTable") {
				body, status = []byte(description), http.StatusOK
			}
			return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body))}, nil
		}),
	})
	table, err := store.OpenTable(b.Context(), client, "orders", "bench")
	if err != nil {
		b.Fatal(err)
	}
	return table, client
}

// BenchmarkReadPage reads a page of 500 items and finds them in it.
func BenchmarkReadPage(b *testing.B) {
	const n = 500
	items := make([][]byte, n)
	for i := range items {
		items[i] = mixedItem(i)
	}
	answer := fmt.Appendf(nil, `{"Items":[%s],"Count":%d,"ScannedCount":%[2]d,"ConsumedCapacity":{"CapacityUnits":31},"LastEvaluatedKey":{"id":{"S":"order#499"}}}`, bytes.Join(items, []byte(",")), n)
	source, err := cannedTable(b, answer).NewScan(b.Context(), store.Scan{})
	if err != nil {
		b.Fatal(err)
	}
	var page store.Page
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		if err := source.Read(b.Context(), store.Segment{Number: 1, Total: 16}, []byte(`{"id":{"S":"order#0"}}`), &page); err != nil || len(page.Items) != n {
			b.Fatal(len(page.Items), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/item")
}

// BenchmarkWriteBatch writes batches of 25 items: one that DynamoDB takes, and one of which it sends five items back.
func BenchmarkWriteBatch(b *testing.B) {
	const n, back = 25, 5
	items := make([][]byte, n)
	for i := range items {
		items[i] = mixedItem(i)
	}
	var unprocessed [][]byte
	for _, raw := range items[:back] {
		unprocessed = append(unprocessed, fmt.Appendf(nil, `{"PutRequest":{"Item":%s}}`, raw))
	}
	for name, answer := range map[string][]byte{
		"taken":     []byte(`{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"orders","CapacityUnits":25}]}`),
		"sent back": fmt.Appendf(nil, `{"UnprocessedItems":{"orders":[%s]},"ConsumedCapacity":[{"TableName":"orders","CapacityUnits":20}]}`, bytes.Join(unprocessed, []byte(","))),
	} {
		b.Run(name, func(b *testing.B) {
			sink, err := cannedTable(b, answer).NewPuts()
			if err != nil {
				b.Fatal(err)
			}
			outcomes := make([]store.Outcome, n)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := sink.Write(b.Context(), items, outcomes); err != nil || outcomes[n-1] != store.Written {
					b.Fatal(outcomes, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/item")
		})
	}
}
