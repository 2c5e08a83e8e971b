// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

// item is an item as the SDK has it.
type item = map[string]types.AttributeValue

// account is a place for tables that no other test sees: DynamoDB Local keeps apart those of each access key and Region.
type account struct {
	t                    *testing.T
	url                  string
	accessKey, secretKey string
	region               string
	journal              string
	sts, s3              string
	endpoints            string // More of the endpoints block.
	client               *dynamodb.Client
}

func newAccount(t *testing.T) *account {
	t.Helper()
	a := account{t: t, url: dynamodblocal.Shared(t).URL, sts: "http://127.0.0.1:1", s3: "http://127.0.0.1:1", accessKey: "AKIA" + rand.Text()[:16], secretKey: "secret" + rand.Text(), journal: t.TempDir()}
	return a.in("eu-west-1")
}

// in is the same account in another Region.
func (a account) in(region string) *account {
	a.region = region
	a.client = dynamodb.New(dynamodb.Options{
		Region: region, BaseEndpoint: aws.String(a.url),
		Credentials: credentials.NewStaticCredentialsProvider(a.accessKey, a.secretKey, ""),
	})
	return &a
}

// through is the same account, which the provider reaches by another URL.
func (a account) through(url string) *account {
	a.url = url
	return &a
}

// provider is the provider block, with more arguments.
func (a *account) provider(arguments ...string) string {
	return fmt.Sprintf(`
provider "dynamoops" {
  region                      = %q
  access_key                  = %q
  secret_key                  = %q
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  endpoints {
    dynamodb = %q
    sts      = %q
    s3       = %q
    %s
  }
  journal { path = %q }
  %s
}
`, a.region, a.accessKey, a.secretKey, a.url, a.sts, a.s3, a.endpoints, a.journal, strings.Join(arguments, "\n  "))
}

// create makes a table. A key is NAME:TYPE, the partition key first.
func (a *account) create(table string, key ...string) {
	a.t.Helper()
	schema, definitions := keySchema(key...)
	a.createWith(&dynamodb.CreateTableInput{TableName: aws.String(table), KeySchema: schema, AttributeDefinitions: definitions})
}

func (a *account) createWith(input *dynamodb.CreateTableInput) {
	a.t.Helper()
	input.BillingMode = types.BillingModePayPerRequest
	if _, err := a.client.CreateTable(a.t.Context(), input); err != nil {
		a.t.Fatal(err)
	}
	for a.status(aws.ToString(input.TableName)) != types.TableStatusActive { // The state passes after one look.
		continue
	}
}

func keySchema(key ...string) (schema []types.KeySchemaElement, definitions []types.AttributeDefinition) {
	for i, attribute := range key {
		name, kind, _ := strings.Cut(attribute, ":")
		schema = append(schema, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]})
		definitions = append(definitions, types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeType(kind)})
	}
	return schema, definitions
}

// put writes items.
func (a *account) put(table string, items ...item) {
	a.t.Helper()
	for _, i := range items {
		if _, err := a.client.PutItem(a.t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: i}); err != nil {
			a.t.Fatal(err)
		}
	}
}

// remove deletes the item of that key from the table copy.
func (a *account) remove(key item) {
	a.t.Helper()
	if _, err := a.client.DeleteItem(a.t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("copy"), Key: key}); err != nil {
		a.t.Fatal(err)
	}
}

// scan reads a table with the SDK's typed client.
func (a *account) scan(table string) []item {
	a.t.Helper()
	var items []item
	pages := dynamodb.NewScanPaginator(a.client, &dynamodb.ScanInput{TableName: aws.String(table), ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(a.t.Context())
		if err != nil {
			a.t.Fatal(err)
		}
		items = append(items, page.Items...)
	}
	return items
}

// arn is the ARN of a table.
func (a *account) arn(table string) string {
	a.t.Helper()
	answer, err := a.client.DescribeTable(a.t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(table)})
	if err != nil {
		a.t.Fatal(err)
	}
	return aws.ToString(answer.Table.TableArn)
}

// drop deletes a table.
func (a *account) drop(table string) {
	a.t.Helper()
	if _, err := a.client.DeleteTable(a.t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String(table)}); err != nil {
		a.t.Fatal(err)
	}
}
