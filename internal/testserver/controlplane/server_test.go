// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane_test

import (
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// post sends a request that the SDK would not make, and returns the answer.
func (f *fixture) post(t *testing.T, operation, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.server.URL, strings.NewReader(body))
	do(t, err)
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+f.accessKey+"/20260101/"+region+"/dynamodb/aws4_request, Signature=x")
	response, err := http.DefaultClient.Do(request)
	do(t, err)
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	do(t, err)
	return string(answer)
}

func TestBodiesThatAWSRefuses(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	const table = `"TableName":"orders","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],` +
		`"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]`
	index := func(member string) string {
		return `{` + table + `,"GlobalSecondaryIndexes":[{"IndexName":"all","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],` +
			`"Projection":{"ProjectionType":"ALL"},` + member + `}]}`
	}
	for name, body := range map[string]string{
		"no JSON":                "orders",
		"a member of another":    `{` + table + `,"TableStatus":"ACTIVE"}`,
		"a member in lower case": `{` + table + `,"tableName":"orders"}`,
		"an index's status":      index(`"IndexStatus":"ACTIVE"`),
		"an index's ARN":         index(`"IndexArn":"arn"`),
		"an index's size":        index(`"IndexSizeBytes":0`),
		"a warm status":          index(`"WarmThroughput":{"Status":"ACTIVE"}`),
		"decreases":              index(`"ProvisionedThroughput":{"NumberOfDecreasesToday":0}`),
		"a number for a name":    `{"TableName":1}`,
		"a list for a name":      `{"TableName":[]}`,
	} {
		if answer := f.post(t, "CreateTable", body); !strings.Contains(answer, "SerializationException") {
			t.Errorf("%s: %s", name, answer)
		}
	}
	if answer := f.post(t, "CreateTable", `{`+table+`}`); !strings.Contains(answer, "TableDescription") {
		t.Error(answer)
	}
	if answer := f.post(t, "CreateTables", `{}`); !strings.Contains(answer, "UnknownOperationException") {
		t.Error(answer)
	}
}

// A connection that DynamoDB Local closes as a request comes costs those nothing that may be sent twice.
func TestConnectionClosedBelow(t *testing.T) {
	t.Parallel()
	var used sync.Map
	local := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, again := used.LoadOrStore(r.RemoteAddr, true); again && !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "Table") {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(local.Close)
	server := controlplane.New(local.URL)
	t.Cleanup(server.Close)
	f := clients(server, region, rand.Text())
	f.create(t, orders())
	if _, err := f.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("orders")}); err != nil {
		t.Errorf("a Scan: %v", err)
	}
	f.backUp(t, "orders") // Which reads the table.
	if _, err := f.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("orders"), Item: map[string]types.AttributeValue{}}); err == nil {
		t.Error("a PutItem was sent twice")
	}
}

func TestCallsAreLogged(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.create(t, orders())
	f.put(t, *d.TableArn, 1)
	_, err := f.ListTagsOfResource(t.Context(), &dynamodb.ListTagsOfResourceInput{ResourceArn: d.TableArn})
	do(t, err)
	_, err = f.scaling.DescribeScalingPolicies(t.Context(), &applicationautoscaling.DescribeScalingPoliciesInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ResourceId: aws.String("table/orders/index/byDate"),
	})
	do(t, err)
	_, err = f.lambda.ListEventSourceMappings(t.Context(), &lambda.ListEventSourceMappingsInput{
		EventSourceArn: aws.String(*d.TableArn + "/stream/2026-01-01T00:00:00.000"),
	})
	do(t, err)
	_, err = f.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("absent")})
	wantCode(t, err, "ResourceNotFoundException")

	call := controlplane.Call{Service: "dynamodb", Account: controlplane.Account(f.accessKey), Region: region, Table: "orders"}
	want := []controlplane.Call{call, call, call, call, call, call, call, call}
	for i, operation := range []string{
		"CreateTable", "DescribeTable", "DescribeTable", "PutItem", "ListTagsOfResource", "DescribeScalingPolicies",
		"ListEventSourceMappings", "DeleteTable",
	} {
		want[i].Operation = operation
	}
	want[0].Writes, want[3].Writes, want[7].Writes = true, true, true
	want[5].Service, want[6].Service, want[7].Table = "application-autoscaling", "lambda", "absent"
	wantEqual(t, f.server.Calls(), want)
}

func TestInjectedErrors(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	left := 2
	f.server.OnRequest(func(call controlplane.Call, body []byte) error {
		if call.Operation != "CreateTable" || !strings.Contains(string(body), "orders") || left == 0 {
			return nil
		}
		left--
		if left == 0 {
			return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
		}
		return &types.LimitExceededException{Message: aws.String("later")}
	})
	for _, want := range []string{"LimitExceededException", "AccessDeniedException", ""} {
		_, err := f.CreateTable(t.Context(), orders())
		wantCode(t, err, want)
	}
	f.server.OnRequest(func(controlplane.Call, []byte) error { return &types.InternalServerError{} })
	_, err := f.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	wantCode(t, err, "InternalServerError")
	f.server.OnRequest(nil)
	f.settled(t, "orders")
}

func TestItemsOfTables(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.server.SetLooks("CreateTable", 1)
	_, err := f.CreateTable(t.Context(), orders())
	do(t, err)
	scan := &dynamodb.ScanInput{TableName: aws.String("orders")}
	_, err = f.Scan(t.Context(), scan)
	wantCode(t, err, "ResourceNotFoundException")
	f.settled(t, "orders")
	f.put(t, "orders", 1)
	if got := f.count(t, "orders"); got != 1 {
		t.Errorf("%d items", got)
	}
	if d := f.describe(t, "orders"); *d.ItemCount != 0 {
		t.Errorf("the count is not stale: %d", *d.ItemCount)
	}

	f.server.EditTable(region, f.accessKey, "orders", func(d *types.TableDescription) {
		d.ItemCount, d.TableStatus = aws.Int64(1000), types.TableStatusInaccessibleEncryptionCredentials
	})
	if d := f.describe(t, "orders"); *d.ItemCount != 1000 || d.TableStatus != types.TableStatusInaccessibleEncryptionCredentials {
		t.Errorf("got %+v", d)
	}
	_, err = f.Scan(t.Context(), scan)
	wantCode(t, err, "AccessDeniedException")
}

func TestAccountsAndRegions(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.create(t, orders())
	f.put(t, "orders", 1)
	name := &dynamodb.DescribeTableInput{TableName: aws.String("orders")}

	elsewhere := clients(f.server, "us-east-1", f.accessKey)
	_, err := elsewhere.DescribeTable(t.Context(), name)
	wantCode(t, err, "ResourceNotFoundException")
	_, err = elsewhere.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: d.TableArn})
	wantCode(t, err, "ResourceNotFoundException")

	other := clients(f.server, region, rand.Text())
	_, err = other.DescribeTable(t.Context(), name)
	wantCode(t, err, "ResourceNotFoundException")
	scan := &dynamodb.ScanInput{TableName: d.TableArn}
	_, err = other.Scan(t.Context(), scan)
	wantCode(t, err, "AccessDeniedException")
	_, err = f.PutResourcePolicy(t.Context(), &dynamodb.PutResourcePolicyInput{
		ResourceArn: d.TableArn, Policy: aws.String(`{"Statement":[{"Effect":"Allow","Resource":"` + *d.TableArn + `"}]}`),
	})
	do(t, err)
	if got := other.count(t, *d.TableArn); got != 1 {
		t.Errorf("%d items", got)
	}
}
