// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// Values of every kind that HCL has reach DynamoDB as what they are.
func TestAccTableCopy_filterValues(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	items := map[string]item{
		"string":   {"v": s("OPEN \"now\"\n")},
		"number":   {"v": n("12345678901234567890123456789012345678")},
		"near":     {"v": n("12345678901234567890123456789012345679")},
		"fraction": {"v": n("10.50")},
		"true":     {"v": &types.AttributeValueMemberBOOL{Value: true}},
		"false":    {"v": &types.AttributeValueMemberBOOL{Value: false}},
		"null":     {"v": &types.AttributeValueMemberNULL{Value: true}},
		"list":     {"v": list(n("1"), s("two"), &types.AttributeValueMemberBOOL{Value: true}, &types.AttributeValueMemberNULL{Value: true})},
		"object":   {"v": object(item{"city": s("Nowhere"), "zip": &types.AttributeValueMemberNULL{Value: true}, "lines": list(s("1"))})},
		"strings":  {"v": &types.AttributeValueMemberSS{Value: []string{"phone", "shop"}}},
		"numbers":  {"v": &types.AttributeValueMemberNS{Value: []string{"1", "2.5"}}},
		"none":     {"other": s("OPEN")},
	}
	a.create("all", "id:S")
	for id, i := range items {
		items[id] = with(i, item{"id": s(id)})
		a.put("all", items[id])
	}
	tests := map[string]struct {
		filter string
		want   []string
	}{
		"string":  {`expression = "v = :v", values = { ":v" = "OPEN \"now\"\n" }`, []string{"string"}},
		"number":  {`expression = "v = :v", values = { ":v" = 12345678901234567890123456789012345678 }`, []string{"number"}},
		"between": {`expression = "v BETWEEN :low AND :high", values = { ":low" = 10.5, ":high" = 12345678901234567890123456789012345678 }`, []string{"fraction", "number"}},
		"true":    {`expression = "v = :v", values = { ":v" = true }`, []string{"true"}},
		"false":   {`expression = "v = :v", values = { ":v" = false }`, []string{"false"}},
		"null":    {`expression = "v = :v", values = { ":v" = null }`, []string{"null"}},
		"list":    {`expression = "v = :v", values = { ":v" = [1, "two", true, null] }`, []string{"list"}},
		"object":  {`expression = "v = :v", values = { ":v" = { city = "Nowhere", zip = null, lines = ["1"] } }`, []string{"object"}},
		"strings": {`expression = "v = :v", values = { ":v" = toset(["shop", "phone"]) }`, []string{"strings"}},
		"numbers": {`expression = "v = :v", values = { ":v" = toset([2.5, 1]) }`, []string{"numbers"}},
		"names":   {`expression = "attribute_exists(#o) AND NOT #o IN (:a, :b)", names = { "#o" = "other" }, values = { ":a" = "x", ":b" = "y" }`, []string{"none"}},
		"nothing": {`expression = "attribute_exists(#dots)", names = { "#dots" = "a.b" }`, nil},
		"unused":  {`expression = "attribute_not_exists(v)"`, []string{"none"}},
	}
	config := []string{a.provider()}
	var checks []statecheck.StateCheck
	for name, test := range tests {
		a.create("to-"+name, "id:S")
		config = append(config, fmt.Sprintf(`
resource "dynamoops_table_copy" %q {
  source      = { table = "all" }
  destination = { table = "to-%s" }
  filter      = { %s }
}`, name, name, test.filter))
		checks = append(checks, ledger("dynamoops_table_copy."+name, "items_written", int64(len(test.want)), int64(len(items)-len(test.want))))
	}
	apply(t, resource.TestStep{Config: strings.Join(config, "\n"), ConfigStateChecks: checks})
	for name, test := range tests {
		var want []item
		for id, i := range items {
			if slices.Contains(test.want, id) {
				want = append(want, i)
			}
		}
		t.Logf("filter %s", name)
		equal(t, a.scan("to-"+name), want, "id")
	}
}
