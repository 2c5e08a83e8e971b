// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

func TestAccTablePurge_whole(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	tables := map[string][]string{"strings": {"id:S", "sort:S"}, "numbers": {"id:N", "sort:N"}, "binaries": {"id:B"}, "empty": {"id:S"}}
	for name, key := range tables {
		a.create(name, key...)
	}
	for i := range 60 {
		text := fmt.Sprintf("ü\"%d", i)
		a.put("strings", with(everyType(), item{"id": s(text), "sort": s("\x00")}))
		a.put("numbers", item{"id": n(fmt.Sprintf("1234567890123456789012345678901234567%d", i%9)), "sort": n(fmt.Sprintf("-%dE-100", i+1))})
		a.put("binaries", item{"id": b("\xff" + text)})
	}
	a.create("other", "id:S")
	a.put("other", orders(3)...)
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_purge" "this" {
  count = 4
  table = ["strings", "numbers", "binaries", "empty"][count.index]
}
resource "dynamoops_table_purge" "arn" {
  table          = %q
  method         = "delete_items"
  recheck_filter = true
  depends_on     = [dynamoops_table_purge.this]
}`, a.arn("empty"))),
		ConfigStateChecks: []statecheck.StateCheck{
			ledger(`dynamoops_table_purge.this[0]`, "items_deleted", 60, 0),
			ledger(`dynamoops_table_purge.this[1]`, "items_deleted", 60, 0),
			ledger(`dynamoops_table_purge.this[2]`, "items_deleted", 60, 0),
			ledger(`dynamoops_table_purge.this[3]`, "items_deleted", 0, 0),
			ledger(`dynamoops_table_purge.arn`, "items_deleted", 0, 0),
			value(`dynamoops_table_purge.this[0]`, "table_arn", a.arn("strings")),
		},
	})
	for name := range tables {
		if left := a.scan(name); len(left) != 0 {
			t.Errorf("%s still holds %d items", name, len(left))
		}
	}
	equal(t, a.scan("other"), orders(3), "id") // Neither the purge nor the destroy touched it.
}

func TestAccTablePurge_filter(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for _, recheck := range []bool{true, false} {
		t.Run(fmt.Sprintf("recheck=%t", recheck), func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("orders", "id:S")
			items := orders(99)
			a.put("orders", items...)
			apply(t, resource.TestStep{
				Config:            hcl(a.provider(), openPurge(recheck)),
				ConfigStateChecks: []statecheck.StateCheck{ledger("dynamoops_table_purge.this", "items_deleted", 33, 66)},
			})
			equal(t, a.scan("orders"), chosen(items, func(i item) bool { return !isOpen(i) }), "id")
		})
	}
}

func openPurge(recheck bool) string {
	return fmt.Sprintf(`
resource "dynamoops_table_purge" "this" {
  table          = "orders"
  recheck_filter = %t
  filter = {
    expression = "#s = :open"
    names      = { "#s" = "status" }
    values     = { ":open" = "OPEN" }
  }
}`, recheck)
}

// An item that stops passing the filter between its read and its delete stays, unless the filter is not checked again.
func TestAccTablePurge_itemChangesBeforeItsDelete(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for recheck, deletes := range map[bool]string{true: "DeleteItem", false: "BatchWriteItem"} {
		t.Run(fmt.Sprintf("recheck=%t", recheck), func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("orders", "id:S")
			items := orders(9) // Three of them are open.
			a.put("orders", items...)
			var once sync.Once
			p := newProxy(t, a.url, func(operation string) *faultproxy.Reply {
				if operation == deletes {
					once.Do(func() { a.ship(items[3]) })
				}
				return nil
			})
			items[3]["status"] = s("SHIPPED")
			deleted, filtered := int64(3), int64(6)
			want := chosen(items, func(i item) bool { return !isOpen(i) })
			if recheck {
				deleted, filtered = 2, 7
			} else {
				want = append(want[:2:2], want[3:]...)
			}
			apply(t, resource.TestStep{
				Config:            hcl(a.through(p.URL).provider(), openPurge(recheck)),
				ConfigStateChecks: []statecheck.StateCheck{ledger("dynamoops_table_purge.this", "items_deleted", deleted, filtered)},
			})
			equal(t, a.scan("orders"), want, "id")
		})
	}
}

// ship is what another writer does during a run.
func (a *account) ship(i item) {
	_, err := a.client.UpdateItem(a.t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String("orders"), Key: item{"id": i["id"]}, UpdateExpression: aws.String("SET #s = :shipped"),
		ExpressionAttributeNames: map[string]string{"#s": "status"}, ExpressionAttributeValues: item{":shipped": s("SHIPPED")},
	})
	if err != nil {
		a.t.Error(err)
	}
}
