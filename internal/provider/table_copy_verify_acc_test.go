// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

func verifying(a *account, verify string, more ...string) string {
	return hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { table = "copy" }
  verify      = %q
  %s
}`, verify, hcl(more...)))
}

// A proxy that calls between, once, when the copy has been written and is about to be read back.
func beforeReadingBack(t *testing.T, a *account, between func()) string {
	t.Helper()
	var written atomic.Bool
	var once sync.Once
	p := newProxy(t, a.url, nil)
	p.OnRequest(func(operation string, body []byte) *faultproxy.Reply {
		if operation == "BatchWriteItem" || operation == "PutItem" {
			written.Store(true)
		}
		if operation == "Scan" && written.Load() && bytes.Contains(body, []byte(`"copy"`)) {
			once.Do(between)
		}
		return nil
	})
	return p.URL
}

func TestAccTableCopy_verify(t *testing.T) {
	t.Parallel()
	acceptance(t)
	others := []item{{"id": s("other-1")}, {"id": s("other-2")}}
	for _, verify := range []string{"count", "full"} {
		for name, test := range map[string]struct {
			others  []item
			more    string
			scanned int
			dropped bool
			skipped int
		}{
			"empty":        {nil, ``, 300, false, 0},
			"others there": {others, ``, 300, false, 0},
			"filter":       {nil, `filter = { expression = "#s = :open", names = { "#s" = "status" }, values = { ":open" = "OPEN" } }`, 100, false, 0},
			"sample":       {nil, `sample_percent = 30.5`, 300, true, 0},
			"limited":      {nil, `throughput = { read_units = 1000 }`, 300, false, 0},
			"skip":         {append(others, item{"id": s("order-00007"), "old": s("old")}), `on_conflict = "skip"`, 300, false, 1},
			"fail":         {others, `on_conflict = "fail"`, 300, false, 0},
		} {
			t.Run(verify+" "+name, func(t *testing.T) {
				t.Parallel()
				a := newAccount(t)
				a.create("from", "id:S")
				a.create("copy", "id:S")
				a.put("from", awkward(300)...)
				a.put("copy", test.others...)
				checks := []resource.TestCheckFunc{
					resource.TestCheckResourceAttr("dynamoops_table_copy.this", "verified", "true"),
					counts(map[string]int{"items_scanned": test.scanned, "items_skipped": test.skipped}),
				}
				if !test.dropped {
					checks = append(checks, counts(map[string]int{"items_written": test.scanned - test.skipped, "items_dropped": 0}))
				}
				apply(t, resource.TestStep{Config: verifying(a, verify, test.more), Check: resource.ComposeTestCheckFunc(checks...)})
				nothingLeft(t, a)
			})
		}
	}
}

// nothingLeft looks for what a verification has left behind.
func nothingLeft(t *testing.T, a *account) {
	t.Helper()
	entries, err := os.ReadDir(a.journal)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "verify-") {
			t.Errorf("%s is left", entry.Name())
		}
	}
}

// What somebody else does to the destination in the meantime is found.
func TestAccTableCopy_verifyMismatch(t *testing.T) {
	t.Parallel()
	acceptance(t)
	stranger := item{"id": s("stranger")}
	for name, test := range map[string]struct {
		verify, more string
		before       []item
		change       []item
		remove       string
		want         []string // Nothing if the run is to succeed.
	}{
		"full, missing":             {"full", ``, nil, nil, "order-00003", []string{"Of the 50 items of the source, 1 are missing at the destination, and 0 are different"}},
		"full, different":           {"full", ``, nil, []item{{"id": s("order-00003"), "amount": n("4")}}, "", []string{"0 are missing at the destination, and 1 are different", "holds 0 items"}},
		"full, unexpected":          {"full", ``, nil, []item{stranger}, "", []string{"0 are missing at the destination, and 0 are different", "holds 1 items"}},
		"full, others, missing":     {"full", ``, []item{stranger}, nil, "order-00003", []string{"1 are missing at the destination, and 0 are different there."}},
		"full, others, unexpected":  {"full", ``, []item{{"id": s("x")}}, []item{stranger}, "", nil},
		"full, skip, one different": {"full", `on_conflict = "skip"`, []item{{"id": s("order-00003")}}, []item{{"id": s("order-00004")}}, "", []string{"2 are different there (1 were different before the run, and skipped)"}},
		"full, skip, one equal":     {"full", `on_conflict = "skip"`, orders(4)[3:], []item{{"id": s("order-00004")}}, "", []string{"1 are different there."}},
		"count, missing":            {"count", ``, nil, nil, "order-00003", []string{"which wrote 50 items. Now it holds 49."}},
		"count, unexpected":         {"count", ``, nil, []item{stranger}, "", []string{"which wrote 50 items. Now it holds 51."}},
		"count, others, unexpected": {"count", ``, []item{{"id": s("x")}}, []item{stranger}, "", nil},
		"count, others, missing":    {"count", ``, []item{{"id": s("order-00004")}}, nil, "order-00003", []string{"The run wrote 50 items and skipped 0 that were there. The destination holds 49."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("from", "id:S")
			a.create("copy", "id:S")
			a.put("from", orders(50)...)
			a.put("copy", test.before...)
			url := beforeReadingBack(t, a, func() {
				a.put("copy", test.change...)
				if test.remove != "" {
					a.remove(item{"id": s(test.remove)})
				}
			})
			if test.want == nil {
				apply(t, resource.TestStep{Config: verifying(a.through(url), test.verify, test.more)})
				return
			}
			apply(t, resource.TestStep{
				Config:      verifying(a.through(url), test.verify, test.more),
				ExpectError: saying(append(append([]string{"Destination Differs From The Source", "Table: copy"}, test.want...), "items read")...),
			})
			nothingLeft(t, a)
			// The run is forgotten: the next apply copies all of it.
			apply(t, resource.TestStep{
				Config: verifying(a, "none"),
				Check: resource.ComposeTestCheckFunc(
					resource.TestCheckResourceAttr("dynamoops_table_copy.this", "verified", "false"),
					resource.TestCheckResourceAttr("dynamoops_table_copy.this", "resumed", "false"),
					counts(map[string]int{"items_written": 50}),
				),
			})
		})
	}
}

// A run that replaces no item knows its own again after a mismatch, and what has damaged them is not an item that was there before: it is
// verified once that is corrected.
func TestAccTableCopy_verifyMismatchAgain(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for onConflict, again := range map[string]string{"skip": "1 are different there", "fail": "Item Exists At The Destination"} {
		t.Run(onConflict, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("from", "id:S")
			a.create("copy", "id:S")
			a.put("from", orders(50)...)
			damaged := item{"id": s("order-00004")}
			url := beforeReadingBack(t, a, func() { a.put("copy", damaged) })
			config := func(a *account) string {
				return verifying(a, "full", fmt.Sprintf(`on_conflict = %q`, onConflict), `transform = [{ set = { run = "run.id + string(run.started_at)" } }]`)
			}
			apply(t, resource.TestStep{Config: config(a.through(url)), ExpectError: saying("1 are different there", "deleting it there", "change triggers")})
			apply(t, resource.TestStep{Config: config(a), ExpectError: saying(again)})
			a.remove(damaged)
			apply(t, resource.TestStep{Config: config(a), Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr("dynamoops_table_copy.this", "verified", "true"),
				counts(map[string]int{"items_written": 50, "items_skipped": 0}),
			)})
			// To another run what is there was there before.
			if onConflict == "skip" {
				a.put("copy", damaged)
				apply(t, resource.TestStep{
					Config: verifying(a, "full", `on_conflict = "skip"`, `triggers = { n = "2" }`), Check: counts(map[string]int{"items_skipped": 50}),
				})
			}
		})
	}
}

// A run that was interrupted while it verified does so again, and copies nothing again.
func TestAccTableCopy_verifyResumed(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for _, verify := range []string{"count", "full"} {
		t.Run(verify, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("from", "id:S")
			a.create("copy", "id:S")
			a.put("from", orders(500)...)
			var written atomic.Bool
			p := newProxy(t, a.url, nil)
			p.OnRequest(func(operation string, body []byte) *faultproxy.Reply {
				if operation == "BatchWriteItem" {
					written.Store(true)
				}
				if operation == "Scan" && written.Load() && bytes.Contains(body, []byte(`"copy"`)) {
					return denied()
				}
				return nil
			})
			apply(t, resource.TestStep{
				Config:      verifying(a.through(p.URL), verify),
				ExpectError: saying("Permission Missing", "Table: copy", "500 written", "dynamodb:Scan", "resumes there"),
			})
			nothingLeft(t, a)
			// The first attempt found the destination empty, which the second knows.
			a.put("copy", item{"id": s("stranger")})
			again := newProxy(t, a.url, nil)
			apply(t, resource.TestStep{Config: verifying(a.through(again.URL), verify), ExpectError: saying("Destination Differs From The Source")})
			a.remove(item{"id": s("stranger")})
			if sent := again.Requests()["BatchWriteItem"]; sent != 0 {
				t.Errorf("the second attempt sent %d batches", sent)
			}
		})
	}
}

// Items that were set aside are not missed.
func TestAccTableCopy_verifyItemsRefused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.createIndexed("copy")
	a.put("from", orders(30)...)
	a.put("from", item{"id": s("bad"), "email": n("1")}, item{"id": s("worse"), "email": n("2")})
	a.put("copy", item{"id": s("bad"), "email": s("fine")})
	apply(t, resource.TestStep{
		Config: verifying(a, "full", `on_item_error = "skip"`),
		Check:  counts(map[string]int{"items_scanned": 32, "items_written": 30, "items_failed": 2}),
	})
}

// An item that a step refused does not keep the one from being missed that was to get its key.
func TestAccTableCopy_verifyItemsRefusedByAStep(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.create("copy", "id:S")
	a.put("from", item{"id": s("x"), "new": s("y")}, item{"id": s("y")}, item{"id": s("z"), "new": s("z")})
	config := func(a *account) string {
		return verifying(a, "full", `on_item_error = "skip"`, `transform = [{ set = { id = "item.new" } }]`)
	}
	url := beforeReadingBack(t, a, func() { a.remove(item{"id": s("y")}) })
	apply(t, resource.TestStep{Config: config(a.through(url)), ExpectError: saying("Of the 2 items of the source, 1 are missing")})
	apply(t, resource.TestStep{Config: config(a), Check: counts(map[string]int{"items_written": 2, "items_failed": 1})})
}

// Files are read back as well, on either side.
func TestAccTableCopy_verifyFile(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for _, verify := range []string{"count", "full"} {
		t.Run(verify, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("from", "id:S")
			a.create("back", "id:S")
			a.put("from", awkward(200)...)
			path := filepath.Join(t.TempDir(), "copy.jsonl.gz")
			apply(t, resource.TestStep{
				Config: hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source         = { table = "from" }
  destination    = { file = %[2]q }
  verify         = %[1]q
}
resource "dynamoops_table_copy" "back" {
  source         = { file = dynamoops_table_copy.this.verified ? %[2]q : "" }
  destination    = { table = "back" }
  sample_percent = 50
  verify         = %[1]q
}`, verify, path)),
				Check: counts(map[string]int{"items_written": 200}),
			})
			some := len(a.scan("back"))
			if some < 60 || some > 140 {
				t.Errorf("a sample of 50 %% has %d of 200 items", some)
			}
		})
	}
}
