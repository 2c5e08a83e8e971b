// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

// plane is an account on a control plane, and an engine with its credentials.
type plane struct {
	*controlplane.Server
	account   *everysetting.Account
	engine    *engine.Engine
	directory string
}

func newPlane(t *testing.T) *plane {
	t.Helper()
	server := controlplane.New(dynamodblocal.Shared(t).URL)
	t.Cleanup(server.Close)
	everysetting.AtOnce(server)
	return (&plane{Server: server, directory: t.TempDir()}).in(t, rand.Text())
}

// in is another account of the same control plane, whose engine uses the same journal.
func (p *plane) in(t *testing.T, accessKey string) *plane {
	t.Helper()
	connections, err := awsconn.New(t.Context(), awsconn.Settings{
		Region: everysetting.Region, AccessKey: accessKey, SecretKey: dynamodblocal.SecretKey, SkipCredentialsValidation: true, SkipRequestingAccountID: true, MaxRetries: aws.Int(0),
		Endpoints: map[string]string{"dynamodb": p.URL, "application_autoscaling": p.URL, "lambda": p.URL},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &plane{Server: p.Server, account: everysetting.NewAccount(p.Server, accessKey), engine: newEngine(connections, p.directory), directory: p.directory}
}

// create makes a table with so many items.
func (p *plane) create(t *testing.T, table string, items int) {
	t.Helper()
	p.account.Create(t, &dynamodb.CreateTableInput{
		TableName: aws.String(table), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeN}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		Tags:                 []types.Tag{{Key: aws.String("team"), Value: aws.String("shop")}},
	})
	for i := range items {
		if _, err := p.account.DynamoDB.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: map[string]types.AttributeValue{
			"id": &types.AttributeValueMemberN{Value: string(rune('0' + i))},
		}}); err != nil {
			t.Fatal(err)
		}
	}
}

func (p *plane) purge(t *testing.T, table, method string) (*engine.Result, error) {
	t.Helper()
	return p.engine.Purge(t.Context(), job.Purge{Table: table, Method: method}, engine.Observer{})
}

// saying checks that the error is a problem with these texts.
func saying(t *testing.T, err error, texts ...string) {
	t.Helper()
	found, ok := errors.AsType[*problem.Problem](err)
	if !ok {
		t.Fatalf("the error is %v", err)
	}
	text := found.Summary + "\n" + found.Detail()
	for _, want := range texts {
		if !strings.Contains(text, want) {
			t.Errorf("the problem is %q, which does not say %q", text, want)
		}
	}
}

// count is how many items the table "orders" holds.
func (p *plane) count(t *testing.T) int32 {
	t.Helper()
	page, err := p.account.DynamoDB.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("orders"), ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	return page.Count
}
