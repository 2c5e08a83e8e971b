// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package everysetting makes a table on a control plane with every setting away from its default, and reads all that
// AWS says of a table, for tests of what puts settings back.
package everysetting

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

// Region is where the tables are, and CustomerKey the KMS key of the full one.
const (
	Region      = "eu-west-1"
	CustomerKey = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
)

// Account reaches one account of a control plane. Its clients send each request once.
type Account struct {
	Server      *controlplane.Server
	AccessKey   string
	DynamoDB    *dynamodb.Client
	AutoScaling *applicationautoscaling.Client
	Lambda      *lambda.Client
}

// AtOnce has every state of a table pass at once, for tests that wait for none.
func AtOnce(server *controlplane.Server) {
	for _, operation := range []string{
		"CreateTable", "DeleteTable", "UpdateTable", "CreateBackup", "UpdateContinuousBackups",
		"EnableKinesisStreamingDestination", "UpdateContributorInsights", "CreateEventSourceMapping",
		"DeleteEventSourceMapping",
	} {
		server.SetLooks(operation, 0)
	}
}

// NewAccount connects to the account of the access key.
func NewAccount(server *controlplane.Server, accessKey string) *Account {
	key := credentials.NewStaticCredentialsProvider(accessKey, dynamodblocal.SecretKey, "")
	return &Account{
		Server: server, AccessKey: accessKey,
		DynamoDB: dynamodb.New(
			dynamodb.Options{BaseEndpoint: &server.URL, Region: Region, Credentials: key, RetryMaxAttempts: 1},
		),
		AutoScaling: applicationautoscaling.New(
			applicationautoscaling.Options{BaseEndpoint: &server.URL, Region: Region, Credentials: key, RetryMaxAttempts: 1},
		),
		Lambda: lambda.New(
			lambda.Options{BaseEndpoint: &server.URL, Region: Region, Credentials: key, RetryMaxAttempts: 1},
		),
	}
}

// Create makes a table and waits until it is ACTIVE.
func (a *Account) Create(t *testing.T, request *dynamodb.CreateTableInput) {
	t.Helper()
	if _, err := a.DynamoDB.CreateTable(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if a.Describe(t, *request.TableName).TableStatus == types.TableStatusActive {
			return
		}
	}
	t.Fatal("the table does not become ACTIVE")
}

// Describe describes a table.
func (a *Account) Describe(t *testing.T, table string) *types.TableDescription {
	t.Helper()
	described, err := a.DynamoDB.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	return described.Table
}
