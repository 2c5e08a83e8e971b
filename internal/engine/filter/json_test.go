// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
)

func TestJSONKeepsTheFilter(t *testing.T) {
	t.Parallel()
	tests := map[string]*filter.Filter{
		"none": nil,
		"bare": {Expression: "attribute_exists(a)"},
		"every type": {
			Expression: "#a IN (:s, :n, :b, :bool, :null, :l, :m, :ss, :ns, :bs)",
			Names:      map[string]string{"#a": "a.b"},
			Values: map[string]types.AttributeValue{
				":s":    &types.AttributeValueMemberS{Value: "\"\u2028<&>"},
				":n":    &types.AttributeValueMemberN{Value: "12345678901234567890123456789012345678"},
				":b":    &types.AttributeValueMemberB{Value: []byte{0, 255}},
				":bool": &types.AttributeValueMemberBOOL{Value: true},
				":null": &types.AttributeValueMemberNULL{Value: true},
				":l":    &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberN{Value: "1.50"}}},
				":m":    &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"x": &types.AttributeValueMemberS{Value: ""}}},
				":ss":   &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
				":ns":   &types.AttributeValueMemberNS{Value: []string{"1", "2"}},
				":bs":   &types.AttributeValueMemberBS{Value: [][]byte{{1}}},
			},
		},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			var got *filter.Filter
			if err := json.Unmarshal(raw, &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s came back as %+v", raw, got)
			}
		})
	}
}
