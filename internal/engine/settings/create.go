// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// CreateTable returns the request that creates a table of that name with the settings of the snapshot, as far as
// CreateTable takes them. PutBack puts the others.
func (s *Snapshot) CreateTable(name string) (*dynamodb.CreateTableInput, error) {
	request := &dynamodb.CreateTableInput{TableName: aws.String(name)}
	for _, setting := range all {
		if err := setting.addTo(request, s.Settings[setting.Name()]); err != nil {
			return nil, err
		}
	}
	if policy := request.ResourcePolicy; policy != nil {
		request.ResourcePolicy = aws.String(string(Identity{ARN: s.Table.ARN}.fill([]byte(*policy))))
	}
	return request, nil
}

// ImportTable returns the parameters with which ImportTable creates a table of that name ("TableCreationParameters"
// in the Amazon DynamoDB API Reference), and the names of the settings that such a table cannot have, since only
// CreateTable takes them.
func (s *Snapshot) ImportTable(name string) (parameters *types.TableCreationParameters, lacking []string, err error) {
	request, err := s.CreateTable(name)
	if err != nil {
		return nil, nil, err
	}
	if len(request.LocalSecondaryIndexes) > 0 {
		lacking = append(lacking, localSecondaryIndexes.name)
	}
	warm := func(i types.GlobalSecondaryIndex) bool { return i.WarmThroughput != nil }
	if slices.ContainsFunc(request.GlobalSecondaryIndexes, warm) {
		lacking = append(lacking, "warm "+globalSecondaryIndexes.name)
	}
	return &types.TableCreationParameters{
		TableName:              request.TableName,
		AttributeDefinitions:   request.AttributeDefinitions,
		KeySchema:              request.KeySchema,
		GlobalSecondaryIndexes: request.GlobalSecondaryIndexes,
		VectorIndexes:          request.VectorIndexes,
		BillingMode:            request.BillingMode,
		ProvisionedThroughput:  request.ProvisionedThroughput,
		OnDemandThroughput:     request.OnDemandThroughput,
		SSESpecification:       request.SSESpecification,
	}, lacking, nil
}

// decode reads the setting into the value, and leaves the value as it is if the setting is not in use.
func (s *Snapshot) decode(name string, value any) error {
	raw := s.Settings[name]
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, value)
}
