// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

const (
	region    = "eu-west-1"
	accessKey = "demo"
	// tableWait bounds the wait for a new table.
	tableWait = time.Minute
)

// server is the DynamoDB that the demo works on: the one at DYNAMODB_ENDPOINT, or one of its own.
type server struct {
	url    string
	client *dynamodb.Client
	suffix string
	made   []string              // names of tables
	own    *dynamodblocal.Server // nil if somebody else runs it
}

func startServer(ctx context.Context) (*server, error) {
	s := &server{url: os.Getenv("DYNAMODB_ENDPOINT"), suffix: "-" + strings.ToLower(rand.Text()[:8])}
	if s.url == "" {
		var err error
		if s.own, err = dynamodblocal.Start(ctx, dynamodblocal.Options{}); err != nil {
			return nil, err
		}
		s.url = s.own.URL
	}
	s.client = dynamodblocal.NewClient(s.url, region, accessKey)
	return s, nil
}

// createTable makes an empty table, waits for it and returns its name. All its key attributes are strings.
func (s *server) createTable(ctx context.Context, name string, key ...string) (string, error) {
	name = "dynamoops-demo-" + name + s.suffix
	input := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest}
	for i, attribute := range key {
		kind := types.KeyTypeHash
		if i > 0 {
			kind = types.KeyTypeRange
		}
		input.KeySchema = append(input.KeySchema, types.KeySchemaElement{AttributeName: &attribute, KeyType: kind})
		input.AttributeDefinitions = append(input.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: &attribute, AttributeType: types.ScalarAttributeTypeS})
	}
	if _, err := s.client.CreateTable(ctx, input); err != nil {
		return "", fmt.Errorf("create table %s: %w", name, err)
	}
	s.made = append(s.made, name)
	waiter := dynamodb.NewTableExistsWaiter(s.client)
	return name, waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, tableWait)
}

// count reads a table with the plain AWS SDK and returns how many items it has.
func (s *server) count(ctx context.Context, table string) (int, error) {
	pages := dynamodb.NewScanPaginator(s.client, &dynamodb.ScanInput{
		TableName: &table, Select: types.SelectCount, ConsistentRead: aws.Bool(true),
	})
	items := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, fmt.Errorf("count %s: %w", table, err)
		}
		items += int(page.Count)
	}
	return items, nil
}

// close removes the tables that were made, and ends the server if it is the demo's own.
func (s *server) close(ctx context.Context) error {
	var errs []error
	for _, name := range s.made {
		if _, err := s.client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
			errs = append(errs, fmt.Errorf("delete table %s: %w", name, err))
		}
	}
	if s.own != nil {
		errs = append(errs, s.own.Close())
	}
	return errors.Join(errs...)
}
