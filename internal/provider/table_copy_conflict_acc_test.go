// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// conflicting copies from to copy, as on_conflict says.
func conflicting(a *account, onConflict string, more ...string) string {
	return hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { table = "copy" }
  on_conflict = %q
  %s
}`, onConflict, hcl(more...)))
}

// counts checks some of the outputs of the copy.
func counts(outputs map[string]int) resource.TestCheckFunc {
	var checks []resource.TestCheckFunc
	for name, want := range outputs {
		checks = append(checks, resource.TestCheckResourceAttr("dynamoops_table_copy.this", name, strconv.Itoa(want)))
	}
	return resource.ComposeTestCheckFunc(checks...)
}

// olderOrders are every third of the orders with another content, and every seventh as it is.
func olderOrders(count int) (older []item, merged []item) {
	merged = orders(count)
	for i := range merged {
		switch {
		case i%3 == 0:
			merged[i] = item{"id": merged[i]["id"], "status": s("OLD")}
			older = append(older, merged[i])
		case i%7 == 0:
			older = append(older, merged[i])
		}
	}
	return older, merged
}

func TestAccTableCopy_onConflict(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.create("copy", "id:S")
	a.put("from", orders(300)...)
	older, merged := olderOrders(300)
	stays := item{"id": s("stays")}
	a.put("copy", append(older, stays)...)
	apply(t, resource.TestStep{
		Config:      conflicting(a, "fail"),
		ExpectError: saying("Item Exists At The Destination", "Table: copy", "items read", `on_conflict is "fail"`, `"skip"`),
	})
	// What was on its way when that run ended may still arrive, so the others have tables of their own.
	into := func(table, config string) string { return strings.Replace(config, `"copy"`, strconv.Quote(table), 1) }
	a.create("kept", "id:S")
	a.put("kept", append(older, stays)...)
	apply(t, resource.TestStep{
		Config: into("kept", conflicting(a, "skip")),
		Check:  counts(map[string]int{"items_scanned": 300, "items_skipped": len(older), "items_written": 300 - len(older), "items_failed": 0}),
	})
	equal(t, a.scan("kept"), append(merged, stays), "id")
	a.create("empty", "id:S")
	a.put("empty", stays)
	apply(t, resource.TestStep{
		Config: into("empty", conflicting(a, "fail")),
		Check:  counts(map[string]int{"items_scanned": 300, "items_skipped": 0, "items_written": 300}),
	})
	equal(t, a.scan("empty"), append(orders(300), stays), "id")
	apply(t, resource.TestStep{ // Whatever is there now is equal, and is there nevertheless.
		Config: into("empty", conflicting(a, "skip", `triggers = { n = "2" }`)),
		Check:  counts(map[string]int{"items_skipped": 300, "items_written": 0}),
	})
}

// An answer that is lost makes the run put the item again, and find it there: its own write is no conflict.
func TestAccTableCopy_onConflictUnderFaults(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for _, onConflict := range []string{"skip", "fail"} {
		t.Run(onConflict, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("from", "id:S")
			a.create("copy", "id:S")
			items := awkward(600)
			a.put("from", items...)
			want, skipped := items, 0
			if onConflict == "skip" {
				for i := 0; i < len(items); i += 5 {
					want[i] = item{"id": items[i]["id"], "old": s("old")}
					skipped++
					a.put("copy", want[i])
				}
			}
			p := faultproxy.New(a.url, faultproxy.Faults{Seed: 7, DropAfter: 0.1, ServerError: 0.1, DropBefore: 0.05, Corrupt: 0.1, Throttle: 0.05})
			t.Cleanup(p.Close)
			apply(t, resource.TestStep{
				Config: conflicting(a.through(p.URL), onConflict),
				Check:  counts(map[string]int{"items_scanned": 600, "items_skipped": skipped, "items_written": 600 - skipped}),
			})
			equal(t, a.scan("copy"), want, "id")
			if injected := p.Injected(); injected.DropAfter == 0 || injected.ServerError == 0 || injected.Corrupt == 0 {
				t.Errorf("not every fault was injected: %+v", injected)
			}
		})
	}
}

// awkward are items that the server writes down in another way than they were sent.
func awkward(count int) []item {
	items := orders(count)
	for i := range items {
		items[i]["amount"] = n(fmt.Sprintf("%d00e-2", i))
		items[i]["nested"] = object(item{"b": list(n("1.50"), s("\"é\" & <")), "a": n("-0.0")})
		items[i]["set"] = &types.AttributeValueMemberNS{Value: []string{"3.0", fmt.Sprint(-i - 1), "2"}}
	}
	return items
}

// What an interrupted attempt has written, and not yet entered, is no conflict of the next one.
func TestAccTableCopy_onConflictResumed(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for _, onConflict := range []string{"skip", "fail"} {
		for _, after := range []int64{1, 30, 250, 420} {
			t.Run(fmt.Sprintf("%s after %d", onConflict, after), func(t *testing.T) {
				t.Parallel()
				a := newAccount(t)
				a.create("from", "id:S")
				a.create("copy", "id:S")
				items := awkward(500)
				a.put("from", items...)
				want, skipped := items, 0
				if onConflict == "skip" {
					for i := 0; i < len(items); i += 10 {
						want[i] = item{"id": items[i]["id"], "old": s("old")}
						skipped++
						a.put("copy", want[i])
					}
				}
				const slow = `throughput = { concurrency = 4, segments = 40 }`
				apply(t, resource.TestStep{Config: conflicting(a.through(denyAfter(t, a, "PutItem", after)), onConflict, slow), ExpectError: saying("Permission Missing", "dynamodb:PutItem")})
				apply(t, resource.TestStep{
					Config: conflicting(a, onConflict, slow),
					Check:  counts(map[string]int{"items_scanned": 500, "items_skipped": skipped, "items_written": 500 - skipped}),
				})
				equal(t, a.scan("copy"), want, "id")
			})
		}
	}
}

// What an earlier attempt has written is known by the run's id and its start too, if it ended before its first page was complete, or
// longer ago than its progress is good for.
func TestAccTableCopy_onConflictRepeated(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for _, onConflict := range []string{"skip", "fail"} {
		for name, test := range map[string]struct {
			more  string
			after int64
			aged  bool
		}{
			"before the first page": {`throughput = { segments = 4 }`, 3, false},
			"days ago":              {`throughput = { concurrency = 4, segments = 40 }`, 250, true},
		} {
			t.Run(onConflict+" "+name, func(t *testing.T) {
				t.Parallel()
				a := newAccount(t)
				a.create("from", "id:S")
				a.create("copy", "id:S")
				a.put("from", orders(500)...)
				config := func(a *account) string {
					return conflicting(a, onConflict, test.more, `transform = [{ set = { run = "run.id", at = "run.started_at" } }]`)
				}
				apply(t, resource.TestStep{Config: config(a.through(denyAfter(t, a, "PutItem", test.after))), ExpectError: saying("Permission Missing", "dynamodb:PutItem")})
				if test.aged {
					a.ageRecords(48 * time.Hour)
				}
				apply(t, resource.TestStep{Config: config(a), Check: resource.ComposeTestCheckFunc(
					resource.TestCheckResourceAttr("dynamoops_table_copy.this", "resumed", "false"),
					counts(map[string]int{"items_scanned": 500, "items_skipped": 0, "items_written": 500}),
				)})
				runs := map[string]int{}
				for _, i := range a.scan("copy") {
					runs[fmt.Sprint(i["run"], i["at"])]++
				}
				if len(runs) != 1 {
					t.Errorf("the items are those of %d runs", len(runs))
				}
			})
		}
	}
}

// ageRecords makes what is in the journal older.
func (a *account) ageRecords(by time.Duration) {
	a.t.Helper()
	paths, err := filepath.Glob(filepath.Join(a.journal, "*.json"))
	if err != nil || len(paths) == 0 {
		a.t.Fatal("there is no record in the journal", err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			a.t.Fatal(err)
		}
		var record map[string]any
		if err := json.Unmarshal(content, &record); err != nil {
			a.t.Fatal(err)
		}
		record["UpdatedAt"] = time.Now().Add(-by)
		if content, err = json.Marshal(record); err == nil {
			err = os.WriteFile(path, content, 0o600)
		}
		if err != nil {
			a.t.Fatal(err)
		}
	}
}

// A file is replaced as a whole.
func TestAccTableCopy_onConflictOfAFile(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { file = %q }
  on_conflict = "skip"
}`, filepath.Join(t.TempDir(), "copy.jsonl"))),
		ExpectError: saying("A File Is Made Anew"),
	})
}
