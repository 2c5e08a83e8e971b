// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// denyAfter is a proxy that denies an operation after it has let some through.
func denyAfter(t *testing.T, a *account, operation string, some int64) string {
	t.Helper()
	var seen atomic.Int64
	return newProxy(t, a.url, func(o string) *faultproxy.Reply {
		if o != operation || seen.Add(1) <= some {
			return nil
		}
		return denied()
	}).URL
}

// A purge that was interrupted empties the table, with what has been added since, and counts each item once.
func TestAccResume_purge(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	a.put("orders", orders(500)...)
	const purge = `
resource "dynamoops_table_purge" "this" {
  table      = "orders"
  throughput = { concurrency = 1 }
}`
	apply(t, resource.TestStep{
		Config:      hcl(a.through(denyAfter(t, a, "BatchWriteItem", 5)).provider(), purge),
		ExpectError: saying("Permission Missing", "resumes there"),
	})
	left := len(a.scan("orders"))
	if left == 0 || left == 500 {
		t.Fatalf("%d of 500 items are left, so nothing was interrupted", left)
	}
	a.put("orders", orders(500)...) // All that were deleted are there again.
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), purge),
		Check: resource.ComposeTestCheckFunc(
			resource.TestCheckResourceAttr("dynamoops_table_purge.this", "resumed", "true"),
			resource.TestCheckResourceAttr("dynamoops_table_purge.this", "items_deleted", strconv.Itoa(500-left+500)),
			resource.TestCheckResourceAttr("dynamoops_table_purge.this", "items_scanned", strconv.Itoa(500-left+500)),
		),
	})
	equal(t, a.scan("orders"), nil, "id")
}

// Progress is for the same run on the same tables: other triggers begin from the start, and so does a copy whose destination was
// made again, or emptied.
func TestAccResume_onlyTheSameRun(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, test := range map[string]struct {
		trigger string
		between func(t *testing.T, a *account)
		resumed string
	}{
		"the same run":    {"1", func(*testing.T, *account) {}, "true"},
		"another trigger": {"2", func(*testing.T, *account) {}, "false"},
		"another table": {"1", func(_ *testing.T, a *account) {
			a.drop("copy")
			a.create("copy", "id:S")
		}, "false"},
		"an emptied table": {"1", func(t *testing.T, a *account) {
			apply(t, resource.TestStep{Config: hcl(a.provider(), `
resource "dynamoops_table_purge" "copy" {
  table  = "copy"
  method = "delete_items"
}`)})
		}, "false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("from", "id:S")
			a.create("copy", "id:S")
			a.put("from", orders(500)...)
			config := func(a *account, trigger string) string {
				return hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { table = "copy" }
  throughput  = { concurrency = 1, segments = 40 }
  triggers    = { n = %q }
}`, trigger))
			}
			apply(t, resource.TestStep{Config: config(a.through(denyAfter(t, a, "BatchWriteItem", 15)), "1"), ExpectError: saying("Permission Missing")})
			test.between(t, a)
			apply(t, resource.TestStep{
				Config: config(a, test.trigger),
				Check: resource.ComposeTestCheckFunc(
					resource.TestCheckResourceAttr("dynamoops_table_copy.this", "resumed", test.resumed),
					resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_written", "500"),
				),
			})
			equal(t, a.scan("copy"), orders(500), "id")
		})
	}
}
