// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package wire_test

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// BenchmarkDo builds, signs and sends a request of 25 items and checks its response, without a network.
func BenchmarkDo(b *testing.B) {
	request := fmt.Appendf(nil, `{"RequestItems":{"orders":[%s]}}`, strings.Repeat("x", 25*700))
	body := []byte(`{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"orders","CapacityUnits":25}]}`)
	header := http.Header{"X-Amz-Crc32": {fmt.Sprint(crc32.ChecksumIEEE(body))}}
	client, err := wire.New(b.Context(), dynamodb.New(dynamodb.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String("http://localhost"),
		Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("AKID", "SECRET", "TOKEN")),
		HTTPClient: smithyhttp.ClientDoFunc(func(*http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: http.StatusOK, Header: header,
				ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)),
			}, nil
		}),
	}), "orders", "bench")
	if err != nil {
		b.Fatal(err)
	}
	var reply wire.Reply
	b.ReportAllocs()
	for b.Loop() {
		if err := client.Do(b.Context(), wire.BatchWriteItem, request, &reply); err != nil {
			b.Fatal(err)
		}
	}
}
