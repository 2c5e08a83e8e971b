// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

const region = "eu-west-1"

func TestMain(m *testing.M) { os.Exit(dynamodblocal.Main(m)) }

// fixture is a server with the clients of one account. They do not retry.
type fixture struct {
	*dynamodb.Client
	server    *controlplane.Server
	accessKey string
	scaling   *applicationautoscaling.Client
	lambda    *lambda.Client
}

// setUp starts a server. Its account is its own, so that tests do not meet.
func setUp(t *testing.T) *fixture {
	t.Helper()
	server := controlplane.New(dynamodblocal.Shared(t).URL)
	t.Cleanup(server.Close)
	return clients(server, region, rand.Text())
}

func clients(server *controlplane.Server, region, accessKey string) *fixture {
	config := aws.Config{
		BaseEndpoint: aws.String(server.URL), Region: region, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, dynamodblocal.SecretKey, ""),
	}
	return &fixture{
		server: server, accessKey: accessKey,
		Client:  dynamodb.NewFromConfig(config),
		scaling: applicationautoscaling.NewFromConfig(config), lambda: lambda.NewFromConfig(config),
	}
}

// orders is a table of a hash key, on demand, changed by the edits.
func orders(edits ...func(*dynamodb.CreateTableInput)) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName: aws.String("orders"), BillingMode: types.BillingModePayPerRequest,
		KeySchema: keys("id"), AttributeDefinitions: attributes("id"),
	}
	for _, edit := range edits {
		edit(in)
	}
	return in
}

// keys makes a key of a hash attribute and, if there is a second name, a range attribute.
func keys(names ...string) []types.KeySchemaElement {
	schema := []types.KeySchemaElement{{AttributeName: &names[0], KeyType: types.KeyTypeHash}}
	for _, name := range names[1:] {
		schema = append(schema, types.KeySchemaElement{AttributeName: &name, KeyType: types.KeyTypeRange})
	}
	return schema
}

func attributes(names ...string) []types.AttributeDefinition {
	var list []types.AttributeDefinition
	for _, name := range names {
		list = append(list, types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS})
	}
	return list
}

func globalIndex(name string, schema []types.KeySchemaElement) types.GlobalSecondaryIndex {
	return types.GlobalSecondaryIndex{
		IndexName: &name, KeySchema: schema, Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
	}
}

func units(read, write int64) *types.ProvisionedThroughput {
	return &types.ProvisionedThroughput{ReadCapacityUnits: &read, WriteCapacityUnits: &write}
}

// create makes a table and waits until it is ACTIVE.
func (f *fixture) create(t *testing.T, in *dynamodb.CreateTableInput) *types.TableDescription {
	t.Helper()
	if _, err := f.CreateTable(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	return f.settled(t, *in.TableName)
}

// settled describes a table until it is ACTIVE.
func (f *fixture) settled(t *testing.T, name string) *types.TableDescription {
	t.Helper()
	for range 10 {
		if d := f.describe(t, name); d.TableStatus == types.TableStatusActive {
			return d
		}
	}
	t.Fatalf("%s does not become ACTIVE", name)
	return nil
}

func (f *fixture) describe(t *testing.T, name string) *types.TableDescription {
	t.Helper()
	out, err := f.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return out.Table
}

// drop deletes a table and waits until it is gone.
func (f *fixture) drop(t *testing.T, name string) {
	t.Helper()
	if _, err := f.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := f.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name}); code(err) == "ResourceNotFoundException" {
			return
		}
	}
	t.Fatalf("%s does not go", name)
}

func item(id int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: fmt.Sprint(id)}}
}

func (f *fixture) put(t *testing.T, table string, id int) {
	t.Helper()
	if _, err := f.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item(id)}); err != nil {
		t.Fatal(err)
	}
}

// count returns the number of items of a table.
func (f *fixture) count(t *testing.T, table string) int32 {
	t.Helper()
	out, err := f.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Count
}

// code returns the code of an API's error, "" of none, and the text of any other error.
func code(err error) string {
	if apiError, ok := errors.AsType[smithy.APIError](err); ok {
		return apiError.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// wantCode fails the test unless the error has the code.
func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	if code(err) != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantEqual(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func account(f *fixture) string { return controlplane.Account(f.accessKey) }
