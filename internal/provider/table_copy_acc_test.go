// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// levels is how deep the innermost value lies in lists and maps, counting the item: as deep as DynamoDB takes.
const levels = 32

// everyType are attributes that hold everything an item may hold.
func everyType() item {
	nested := n("-0.00000000000000000000000000000000000000000000000012345678901234567890123456789012345678")
	for depth := range levels - 1 {
		if depth%2 == 0 {
			nested = list(nested, s("beside"))
		} else {
			nested = object(item{"in": nested})
		}
	}
	return item{
		"digits":     n("12345678901234567890123456789012345678"),
		"tiny":       n("1E-130"),
		"huge":       n("-9.9999999999999999999999999999999999999E+125"),
		"fraction":   n("0.12345678901234567890123456789012345678"),
		"zero":       n("0"),
		"empty":      s(""),
		"noBytes":    b(""),
		"bytes":      b("\x00\x01\xfe\xff"),
		"yes":        &types.AttributeValueMemberBOOL{Value: true},
		"no":         &types.AttributeValueMemberBOOL{Value: false},
		"null":       &types.AttributeValueMemberNULL{Value: true},
		"strings":    &types.AttributeValueMemberSS{Value: []string{"a", "", "ü", "\"quoted\""}},
		"numbers":    &types.AttributeValueMemberNS{Value: []string{"1", "-2.5", "12345678901234567890123456789012345678"}},
		"binaries":   &types.AttributeValueMemberBS{Value: [][]byte{{}, {0}, {0xff, 0}}},
		"emptyList":  list(),
		"emptyMap":   object(item{}),
		"deep":       nested,
		"text":       s("line\nbreak\ttab \u2028 \\ / \" <&> \x01 🚀 e\u0301 日本語"),
		"a.b[0]#:ü ": s("a name that no expression can hold"),
		"Item":       object(item{"S": s("looks like DynamoDB JSON")}),
	}
}

// with adds attributes to a copy of the item.
func with(i item, more item) item {
	sum := item{}
	for _, part := range []item{i, more} {
		for name, value := range part {
			sum[name] = value
		}
	}
	return sum
}

func TestAccTableCopy_everyTypeArrivesEqual(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	tables := map[string]struct {
		key   []string
		items []item
	}{
		"strings": {[]string{"id:S", "sort:S"}, []item{
			{"id": s("日本語"), "sort": s("🚀\n\"")}, {"id": s("日本語"), "sort": s("ü")}, {"id": s("e\u0301"), "sort": s("x")}, {"id": s("é"), "sort": s("x")},
			{"id": s("\x00"), "sort": s(" ")}, {"id": s("large"), "sort": s("text"), "big": s(strings.Repeat("ü\n", 136_000))},
			{"id": s("large"), "sort": s("bytes"), "big": b(strings.Repeat("\xfe\x00", 204_000))},
			{"id": s("large"), "sort": s("many"), "big": list(repeated(s("some text"), 30_000)...)},
		}},
		"numbers": {[]string{"id:N", "sort:N"}, []item{
			{"id": n("0"), "sort": n("-1")}, {"id": n("12345678901234567890123456789012345678"), "sort": n("1E-130")},
			{"id": n("12345678901234567890123456789012345679"), "sort": n("1E-130")}, {"id": n("-0.5"), "sort": n("9E+125")},
		}},
		"binaries": {[]string{"id:B", "sort:B"}, []item{
			{"id": b("\x00"), "sort": b("\xff\xfe")}, {"id": b("\x00\x00"), "sort": b("\xff\xfe")}, {"id": b("plain"), "sort": b("text")},
		}},
	}
	var checks []statecheck.StateCheck
	for index, name := range []string{"strings", "numbers", "binaries"} {
		table := tables[name]
		a.create(name, table.key...)
		a.create(name+"-copy", table.key...)
		for i := range table.items {
			if _, large := table.items[i]["big"]; !large {
				table.items[i] = with(everyType(), table.items[i])
			}
		}
		a.put(name, table.items...)
		checks = append(checks, ledger(fmt.Sprintf("dynamoops_table_copy.this[%d]", index), "items_written", int64(len(table.items)), 0))
	}
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), `
locals {
  names = ["strings", "numbers", "binaries"]
}
resource "dynamoops_table_copy" "this" {
  count       = length(local.names)
  source      = { table = local.names[count.index] }
  destination = { table = "${local.names[count.index]}-copy" }
}`),
		ConfigStateChecks: checks,
	})
	for name, table := range tables {
		equal(t, a.scan(name), table.items, "id", "sort")
		equal(t, a.scan(name+"-copy"), table.items, "id", "sort")
	}
}

func repeated(v types.AttributeValue, count int) []types.AttributeValue {
	values := make([]types.AttributeValue, count)
	for i := range values {
		values[i] = v
	}
	return values
}

// A table of many pages is read in many segments and written in many batches.
func TestAccTableCopy_manyPages(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.create("copy", "id:S")
	items := orders(300)
	for i := range items {
		items[i]["filler"] = s(strings.Repeat("x", 20_000))
	}
	a.put("from", items...)
	// What has the key of a copied item is replaced, anything else stays.
	stays := item{"id": s("stays"), "status": s("OLD")}
	a.put("copy", item{"id": items[0]["id"], "status": s("OLD"), "old": s("gone")}, stays)
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), `
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { table = "copy" }
}`),
		ConfigStateChecks: []statecheck.StateCheck{ledger("dynamoops_table_copy.this", "items_written", 300, 0)},
	})
	equal(t, a.scan("copy"), append(items, stays), "id")
}

func TestAccTableCopy_index(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	schema, definitions := keySchema("id:S", "sort:N")
	byStatus, statusDefinition := keySchema("status:S", "sort:N")
	byColour, colourDefinition := keySchema("id:S", "colour:S")
	a.createWith(&dynamodb.CreateTableInput{
		TableName: aws.String("orders"), KeySchema: schema,
		AttributeDefinitions: append(definitions, statusDefinition[0], colourDefinition[1]),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-status"), KeySchema: byStatus, Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{{
			IndexName: aws.String("by-colour"), KeySchema: byColour, Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}},
	})
	status := item{"id": s("a"), "sort": n("1"), "status": s("OPEN"), "more": n("1")}
	colour := item{"id": s("a"), "sort": n("2"), "colour": s("red"), "more": n("2")}
	a.put("orders", status, colour, item{"id": s("b"), "sort": n("3")})
	a.create("global", "status:S", "id:S")
	a.create("local", "id:S", "colour:S")
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), `
resource "dynamoops_table_copy" "global" {
  source      = { table = "orders", index = "by-status" }
  destination = { table = "global" }
}
resource "dynamoops_table_copy" "local" {
  source      = { table = "orders", index = "by-colour", consistent_read = true }
  destination = { table = "local" }
}`),
		ConfigStateChecks: []statecheck.StateCheck{
			ledger("dynamoops_table_copy.global", "items_written", 1, 0),
			ledger("dynamoops_table_copy.local", "items_written", 1, 0),
		},
	})
	equal(t, a.scan("global"), []item{status}, "status", "id")
	equal(t, a.scan("local"), []item{{"id": s("a"), "sort": n("2"), "colour": s("red")}}, "id", "colour")
}

// Each side may be somewhere else, and named by ARN.
func TestAccTableCopy_sides(t *testing.T) {
	t.Parallel()
	acceptance(t)
	here := newAccount(t)
	there := here.in("us-east-1")
	items := orders(40)
	here.create("orders", "id:S")
	there.create("orders", "id:S")
	there.create("by-arn", "id:S")
	here.put("orders", items...)
	nowhere := here.through("http://127.0.0.1:1") // Every side says its own endpoint.
	apply(t, resource.TestStep{
		Config: hcl(nowhere.provider(), fmt.Sprintf(`
locals {
  endpoint = %q
}
resource "dynamoops_table_copy" "region" {
  source      = { table = "orders", endpoint = local.endpoint }
  destination = { table = "orders", endpoint = local.endpoint, region = "us-east-1" }
}
resource "dynamoops_table_copy" "arn" {
  source      = { table = %q, endpoint = local.endpoint }
  destination = { table = %q, endpoint = local.endpoint, region = "us-east-1" }
}`, here.url, here.arn("orders"), there.arn("by-arn"))),
		ConfigStateChecks: []statecheck.StateCheck{
			ledger("dynamoops_table_copy.region", "items_written", 40, 0),
			ledger("dynamoops_table_copy.arn", "items_written", 40, 0),
			value("dynamoops_table_copy.arn", "source_table_arn", here.arn("orders")),
			value("dynamoops_table_copy.arn", "destination_table_arn", there.arn("by-arn")),
		},
	})
	equal(t, there.scan("orders"), items, "id")
	equal(t, there.scan("by-arn"), items, "id")
}
