// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestParseValues(t *testing.T) {
	t.Parallel()
	got, err := ParseValues(` {":s": {"S": "a"}, ":b": {"B": "AAE="}, ":bs": {"BS": ["AAE="]}, ":m": {"M": {"k": {"L": [{"NULL": true}]}}}} `)
	want := map[string]types.AttributeValue{
		":s": &types.AttributeValueMemberS{Value: "a"}, ":b": &types.AttributeValueMemberB{Value: []byte{0, 1}},
		":bs": &types.AttributeValueMemberBS{Value: [][]byte{{0, 1}}},
		":m": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
			"k": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberNULL{Value: true}}},
		}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := ParseValues("{}"); got != nil || err != nil {
		t.Errorf("of an empty object: %v, %v", got, err)
	}
	for _, text := range []string{
		``, `null`, `[]`, `"secret"`, `{} {}`, `{":a": "secret"}`, `{":a": {"s": "secret"}}`, `{":a": {"Q": "secret"}}`, `{":a": {}}`, `{":a": null}`, `{":a": {"S": null}}`,
		`{":a": {"S": "secret", "N": "1"}}`, `{":a": {"BOOL": "true"}}`, `{":a": {"N": 1}}`, `{":a": {"B": "!!"}}`, `{":a": {"L": [null]}}`,
		`{":a": {"SS": ["secret", 1]}}`, `{":a": {"S": "secret"}, ":a": {"S": "b"}}`, "{\":a\": {\"S\": \"\xff\"}}",
	} {
		if got, err := ParseValues(text); got != nil || err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("of %s: %v, %v", text, got, err)
		}
	}
}
