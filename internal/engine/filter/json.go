// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
)

// wireFilter is a Filter whose values are DynamoDB JSON, so that it can be read where the types are not known.
type wireFilter struct {
	Expression string            `json:"expression"`
	Names      map[string]string `json:"names,omitempty"`
	Values     json.RawMessage   `json:"values,omitempty"`
}

// MarshalJSON gives the filter with its values as DynamoDB JSON.
func (f *Filter) MarshalJSON() ([]byte, error) {
	w := wireFilter{Expression: f.Expression, Names: f.Names}
	if f.Values != nil {
		var err error
		if w.Values, err = attributevalue.MarshalMapJSON(f.Values); err != nil {
			return nil, err
		}
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON gave.
func (f *Filter) UnmarshalJSON(raw []byte) error {
	var w wireFilter
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	*f = Filter{Expression: w.Expression, Names: w.Names}
	if w.Values == nil {
		return nil
	}
	var err error
	f.Values, err = attributevalue.UnmarshalMapJSON(w.Values)
	return err
}
