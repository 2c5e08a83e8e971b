// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// CreateTable returns the request that makes a table of that name with the settings of the snapshot, as far as CreateTable
// takes them; PutBack gives it the others.
func (s *Snapshot) CreateTable(name string) (*dynamodb.CreateTableInput, error) {
	request := &dynamodb.CreateTableInput{TableName: aws.String(name)}
	for _, setting := range all {
		if err := setting.addTo(request, s.Settings[setting.Name()]); err != nil {
			return nil, err
		}
	}
	return request, nil
}

// decode reads the value of a setting, which is left as it is if the setting is not in use.
func (s *Snapshot) decode(name string, value any) error {
	raw := s.Settings[name]
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, value)
}
