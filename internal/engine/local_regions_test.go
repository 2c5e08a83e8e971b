// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

// localServer is DynamoDB Local without a shared database, behind a proxy that refuses some requests.
type localServer struct {
	*httptest.Server
	// refuses reports whether a request is refused, given its operation and body; nil for none.
	refuses atomic.Pointer[func(operation, body string) bool]
}

func newLocalServer(t *testing.T) *localServer {
	t.Helper()
	to, err := url.Parse(dynamodblocal.Shared(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	l, proxy := &localServer{}, httputil.NewSingleHostReverseProxy(to)
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if refuses := l.refuses.Load(); refuses != nil && (*refuses)(operation, string(body)) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprint(w, `{"__type":"com.amazon.coral.service#AccessDeniedException","message":"no"}`)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(l.Close)
	return l
}

// Two Regions of DynamoDB Local have tables of their own, whose ARNs are alike. A run on one of them neither resumes nor removes what an
// interrupted run on the other has left, and does not recreate the other's table.
func TestLocalRegionsAreApart(t *testing.T) {
	t.Parallel()
	server, directory, accessKey := newLocalServer(t), t.TempDir(), "AKIALOCALREGIONS"
	clients := map[string]*dynamodb.Client{}
	for _, region := range []string{"eu-west-1", "us-east-1"} {
		clients[region] = dynamodblocal.NewClient(server.URL, region, accessKey)
		_, err := clients[region].CreateTable(t.Context(), &dynamodb.CreateTableInput{
			TableName: aws.String("orders"), BillingMode: types.BillingModePayPerRequest,
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
			KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 60 {
			if _, err := clients[region].PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("orders"), Item: map[string]types.AttributeValue{
				"id": &types.AttributeValueMemberS{Value: fmt.Sprintf("%s-%02d", region, i)},
			}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	connections, err := awsconn.New(t.Context(), awsconn.Settings{
		Region: "eu-west-1", AccessKey: accessKey, SecretKey: dynamodblocal.SecretKey, SkipCredentialsValidation: true, SkipRequestingAccountID: true, MaxRetries: aws.Int(0),
		Endpoints: map[string]string{"dynamodb": server.URL},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(connections, directory)
	purge := func(region, method string, refuses func(operation, body string) bool) (*engine.Result, error) {
		t.Helper()
		if refuses != nil {
			server.refuses.Store(&refuses)
			defer server.refuses.Store(nil)
		}
		return e.Purge(t.Context(), job.Purge{Table: "orders", Method: method, Connection: awsconn.Connection{Region: region}}, engine.Observer{})
	}
	records := func() []string {
		t.Helper()
		names, err := journal.Local(directory).Names(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return names
	}

	// A purge that deletes items, one of which is refused.
	oneItem := func(operation, body string) bool {
		return operation == "BatchWriteItem" && strings.Contains(body, "eu-west-1-33")
	}
	if _, err := purge("eu-west-1", job.MethodDeleteItems, oneItem); err == nil {
		t.Fatal("nothing was refused")
	}
	left := records()
	if len(left) != 1 {
		t.Fatalf("the journal holds %q", left)
	}
	if result, err := purge("us-east-1", job.MethodDeleteItems, nil); err != nil || result.Resumed || result.Ledger.Written != 60 {
		t.Errorf("the purge in the other Region: %+v, %v", result, err)
	}
	if now := records(); !slices.Equal(now, left) {
		t.Errorf("the journal holds %q, and held %q", now, left)
	}
	if result, err := purge("eu-west-1", job.MethodDeleteItems, nil); err != nil || !result.Resumed {
		t.Errorf("the purge once more: %+v, %v", result, err)
	}

	// A recreate that is interrupted after the drop. The proof before the drop is a CreateTable too.
	var dropped atomic.Bool
	creation := func(operation, _ string) bool {
		if operation == "DeleteTable" {
			dropped.Store(true)
		}
		return operation == "CreateTable" && dropped.Load()
	}
	if _, err := purge("eu-west-1", job.MethodRecreate, creation); err == nil || !dropped.Load() {
		t.Fatalf("not interrupted: %v", err)
	}
	left = records()
	before, err := clients["us-east-1"].DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
	if err != nil {
		t.Fatal(err)
	}
	if found := e.CheckPurge(t.Context(), job.Purge{Table: "orders", Method: job.MethodDeleteItems, Connection: awsconn.Connection{Region: "us-east-1"}}); len(found) > 0 {
		t.Errorf("the plan in the other Region: %v", found[0])
	}
	if result, err := purge("us-east-1", job.MethodDeleteItems, nil); err != nil || result.Resumed || result.Method != job.MethodDeleteItems {
		t.Errorf("the purge in the other Region: %+v, %v", result, err)
	}
	if now := records(); !slices.Equal(now, left) {
		t.Errorf("the journal holds %q, and held %q", now, left)
	}
	after, err := clients["us-east-1"].DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
	if err != nil || !after.Table.CreationDateTime.Equal(*before.Table.CreationDateTime) {
		t.Errorf("the table of the other Region is another: %v", err)
	}
	if result, err := purge("us-east-1", job.MethodRecreate, nil); err != nil || result.Resumed {
		t.Errorf("the recreate in the other Region: %+v, %v", result, err)
	}
	if result, err := purge("eu-west-1", job.MethodRecreate, nil); err != nil || !result.Resumed {
		t.Errorf("the recreate once more: %+v, %v", result, err)
	}
	if now := records(); len(now) > 0 {
		t.Errorf("the journal holds %q", now)
	}
}
