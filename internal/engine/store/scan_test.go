// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// A run that was interrupted is found by what it reads. So the same scan has the same definition each time, in whatever order its
// names and values come, and another one has another.
func TestScanDefinition(t *testing.T) {
	t.Parallel()
	opened := cannedTable(t, nil)
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	definition := func(least string) string {
		source, err := opened.NewScan(t.Context(), store.Scan{KeysOnly: true, Filter: &filter.Filter{
			Expression: "#a = :a OR #b = :b OR #c > :c",
			Names:      map[string]string{"#a": "a", "#b": "b", "#c": "c"},
			Values:     map[string]types.AttributeValue{":a": text("1"), ":b": text("2"), ":c": text(least)},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return string(source.Definition())
	}
	first := definition("3")
	for range 20 {
		if again := definition("3"); again != first {
			t.Fatalf("the definition was\n%s\nand is now\n%s", first, again)
		}
	}
	if definition("4") == first {
		t.Error("scans with other values have the same definition")
	}
}
