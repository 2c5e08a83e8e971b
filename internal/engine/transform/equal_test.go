// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// sameValue compares two pieces of DynamoDB JSON, numbers by value.
func sameValue(t *testing.T, a, b []byte) bool {
	t.Helper()
	return reflect.DeepEqual(plain(t, a), plain(t, b))
}

func plain(t *testing.T, raw []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return normal(v)
}

func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			text, isText := member.(string)
			if number, err := item.Number(text); name == "N" && isText && err == nil {
				member = number
			}
			v[name] = normal(member)
		}
	case []any:
		for i := range v {
			v[i] = normal(v[i])
		}
	}
	return v
}
