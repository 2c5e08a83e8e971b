// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter

import (
	"bytes"
	"errors"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// errValuesJSON does not say more, because the text holds values.
var errValuesJSON = errors.New(`not one object of DynamoDB JSON, such as {":open": {"S": "OPEN"}, ":min": {"N": "10"}}`)

// ParseValues reads the values of a filter as DynamoDB JSON, which has the form of an item. They are nil if the object
// is empty. err is worded to follow "is", and holds no value.
func ParseValues(text string) (map[string]types.AttributeValue, error) {
	raw := bytes.TrimSpace([]byte(text))
	if len(raw) == 0 || item.CheckText(raw) != nil {
		return nil, errValuesJSON
	}
	// The SDK reads what it does not know as nothing, and one of two types.
	if end, err := item.End(raw, 0); err != nil || end != len(raw) || item.Check(raw) != nil {
		return nil, errValuesJSON
	}
	values, err := attributevalue.UnmarshalMapJSON(raw)
	if err != nil {
		return nil, errValuesJSON
	}
	if len(values) == 0 {
		return nil, nil
	}
	return values, nil
}
