// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package faultproxy_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

const region = "eu-west-1"

func TestMain(m *testing.M) { os.Exit(dynamodblocal.Main(m)) }

// fixture is a table called orders, reached with and without the proxy. The client of the proxy does not retry.
type fixture struct {
	proxy          *faultproxy.Proxy
	direct, client *dynamodb.Client
	accessKey      string
}

// setUp gives the test tables of its own: its access key is its own.
func setUp(t *testing.T, faults faultproxy.Faults) *fixture {
	t.Helper()
	server := dynamodblocal.Shared(t)
	proxy := faultproxy.New(server.URL, faults)
	t.Cleanup(proxy.Close)
	f := &fixture{proxy: proxy, accessKey: rand.Text()}
	f.direct = server.Client(region, f.accessKey)
	f.client = f.retrying(aws.NopRetryer{})
	createTable(t, f.direct, "orders")
	return f
}

func (f *fixture) retrying(retryer aws.Retryer) *dynamodb.Client {
	return dynamodb.New(dynamodblocal.NewClient(f.proxy.URL, region, f.accessKey).Options(),
		func(o *dynamodb.Options) { o.Retryer = retryer })
}

func createTable(t *testing.T, client *dynamodb.Client, name string) {
	t.Helper()
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func item(id int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: fmt.Sprintf("item-%d", id)}}
}

func put(t *testing.T, client *dynamodb.Client, id int) error {
	t.Helper()
	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("orders"), Item: item(id)})
	return err
}

// stored counts the items of a table.
func stored(t *testing.T, client *dynamodb.Client, table string) int {
	t.Helper()
	page, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Items)
}

// post sends a request as it stands and returns status, checksum header and body of the answer.
func post(t *testing.T, url, operation, accessKey, body string) (status int, checksum, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+accessKey+"/20260101/"+region+
		"/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("X-Amz-Crc32"), string(text)
}

func sum(body string) string { return fmt.Sprint(crc32.ChecksumIEEE([]byte(body))) }

func TestWithoutFaultsNothingChanges(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{})
	for id := range 3 {
		if err := put(t, f.client, id); err != nil {
			t.Fatal(err)
		}
	}

	const scan = `{"TableName":"orders"}`
	wantStatus, wantSum, want := post(t, dynamodblocal.Shared(t).URL, "Scan", f.accessKey, scan)
	status, checksum, got := post(t, f.proxy.URL, "Scan", f.accessKey, scan)
	if status != wantStatus || checksum != wantSum || got != want {
		t.Errorf("got  %d %s %s\nwant %d %s %s", status, checksum, got, wantStatus, wantSum, want)
	}
	if checksum != sum(got) {
		t.Errorf("checksum %s of a body whose sum is %s", checksum, sum(got))
	}
	if got, want := f.proxy.Requests(), map[string]int{"PutItem": 3, "Scan": 1}; !maps.Equal(got, want) {
		t.Errorf("requests %v, want %v", got, want)
	}
	if got := f.proxy.Injected(); got != (faultproxy.Injected{}) {
		t.Errorf("injected %+v", got)
	}
}

func TestErrorOfTheServerPasses(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{Unprocessed: 1})
	_, err := f.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("missing")})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("Scan: %v", err)
	}
	_, err = f.client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{"missing": puts(0, 2)},
	})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("BatchWriteItem: %v", err)
	}
	if got := f.proxy.Injected(); got != (faultproxy.Injected{}) {
		t.Errorf("injected %+v", got)
	}
}

func TestLargeBodies(t *testing.T) {
	t.Parallel()
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body) // of unknown length, so it is chunked
	}))
	t.Cleanup(echo.Close)
	proxy := faultproxy.New(echo.URL+"/", faultproxy.Faults{})
	t.Cleanup(proxy.Close)

	body := strings.Repeat("0123456789abcdef", 1<<20)
	status, checksum, got := post(t, proxy.URL, "BatchWriteItem", "large", body)
	if status != http.StatusOK || checksum != sum(body) || got != body {
		t.Errorf("got status %d, checksum %s, %d bytes", status, checksum, len(got))
	}
}

func TestServerGone(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	proxy := faultproxy.New(gone.URL, faultproxy.Faults{})
	t.Cleanup(proxy.Close)

	status, _, body := post(t, proxy.URL, "Scan", "gone", "{}")
	if status != http.StatusBadGateway || !strings.Contains(body, "fault proxy: ") {
		t.Errorf("got %d %s", status, body)
	}
}

func TestOnRequest(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{Throttle: 1})
	codes := []string{
		"AccessDeniedException", "ExpiredTokenException", "ResourceNotFoundException", "ValidationException",
		"ResourceInUseException", "UnrecognizedClientException",
	}
	for _, code := range codes {
		f.proxy.OnRequest(func(operation string, body []byte) *faultproxy.Reply {
			if operation != "PutItem" || !bytes.Contains(body, []byte(`"item-7"`)) {
				t.Errorf("called with %s %s", operation, body)
			}
			return faultproxy.Error(http.StatusBadRequest, code, "said so")
		})
		apiError, ok := errors.AsType[smithy.APIError](put(t, f.client, 7))
		if !ok || apiError.ErrorCode() != code || apiError.ErrorMessage() != "said so" {
			t.Errorf("%s: got %v", code, apiError)
		}
	}
	if n := f.proxy.Injected().Throttle; n != 0 {
		t.Errorf("%d throttles in place of replies", n)
	}

	for name, call := range map[string]func(string, []byte) *faultproxy.Reply{
		"returns nil": func(string, []byte) *faultproxy.Reply { return nil },
		"removed":     nil,
	} {
		f.proxy.OnRequest(call)
		if _, ok := errors.AsType[*types.ProvisionedThroughputExceededException](put(t, f.client, 7)); !ok {
			t.Errorf("%s: the request did not go on to the faults", name)
		}
	}
	if got, want := f.proxy.Requests()["PutItem"], len(codes)+2; got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
}

func TestOnRequestMayBlock(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{})
	arrived, release := make(chan struct{}), make(chan struct{})
	f.proxy.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
		if operation == "PutItem" {
			close(arrived)
			<-release
		}
		return nil
	})
	done := make(chan error, 1)
	go func() { done <- put(t, f.client, 1) }()

	<-arrived
	if n := stored(t, f.client, "orders"); n != 0 {
		t.Errorf("%d items while the request is held", n)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := stored(t, f.client, "orders"); n != 1 {
		t.Errorf("%d items afterwards", n)
	}
}

func TestCloseEndsWaitingRequests(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{Slow: 1, SlowFor: time.Hour})
	done := make(chan error, 1)
	go func() { done <- put(t, f.client, 1) }()
	for f.proxy.Injected().Slow == 0 {
		time.Sleep(time.Millisecond)
	}

	f.proxy.Close()
	if err := <-done; err == nil {
		t.Error("the request got an answer")
	}
	if n := stored(t, f.direct, "orders"); n != 1 {
		t.Errorf("the server has %d items, want the one whose answer was slow", n)
	}
}

func TestRetriesOfTheSDK(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{Throttle: 1})
	client := f.retrying(retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 4
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	}))
	err := put(t, client, 1)
	if _, ok := errors.AsType[*types.ProvisionedThroughputExceededException](err); !ok {
		t.Errorf("got %v", err)
	}
	if requests, injected := f.proxy.Requests()["PutItem"], f.proxy.Injected().Throttle; requests != 4 || injected != 4 {
		t.Errorf("%d requests, %d throttles, want 4 of each", requests, injected)
	}

	f.proxy.SetFaults(faultproxy.Faults{})
	if err := put(t, client, 1); err != nil {
		t.Errorf("after the faults: %v", err)
	}
}
