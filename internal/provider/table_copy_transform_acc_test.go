// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// A migration: two renames, a mask and a drop, to a table with another key. What no step names arrives as it was.
func TestAccTableCopy_transformMigration(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	a.create("migrated", "order_id:S")
	var want []item
	for i := range 300 {
		from := with(everyType(), item{"id": s(fmt.Sprintf("o-%03d", i)), "cust": s("c-1"), "card": s("4111111111111234"), "amount": n(fmt.Sprint(i % 3))})
		if i > 0 {
			delete(from, "deep")
		}
		a.put("orders", from)
		if i%3 != 0 {
			to := with(from, item{"order_id": from["id"], "customer_id": from["cust"], "card": s("************1234")})
			delete(to, "id")
			delete(to, "cust")
			want = append(want, to)
		}
	}
	config := func(version int) string {
		return hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "orders" }
  destination = { table = "migrated" }
  transform = [
    { rename = { id = "order_id", cust = "customer_id" } },
    { mask = ["card"] },
    { drop_if = "item.amount == 0" },
  ]
  hmac_key_wo_version = %d
}`, version))
	}
	counts := resource.ComposeTestCheckFunc(
		resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_scanned", "300"),
		resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_dropped", "100"),
		resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_written", "200"),
	)
	replaced := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction("dynamoops_table_copy.this", plancheck.ResourceActionReplace)}}
	apply(t,
		resource.TestStep{Config: config(1), Check: counts},
		resource.TestStep{Config: config(2), Check: counts, ConfigPlanChecks: replaced},
		resource.TestStep{Config: strings.Replace(config(2), "== 0", "== 0.0", 1), Check: counts, ConfigPlanChecks: replaced},
	)
	equal(t, a.scan("migrated"), want, "order_id")
}

// A file whose items have another key than the table is transformed too.
func TestAccTableCopy_transformFile(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "order_id:S")
	file := writeFile(t, filepath.Join(t.TempDir(), "orders.jsonl"), plainLines)
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { file = %q }
  destination = { table = "orders" }
  transform = [
    { set = { order_id = "'o-' + item.id", run = "run.id", at = "string(run.started_at.getFullYear() > 2000)" } },
    { keep = ["order_id", "run", "at", "lines[0].sku", "amount"] },
  ]
}
output "run" {
  value = dynamoops_table_copy.this.id
}`, file)),
		Check: resource.ComposeTestCheckFunc(
			resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_written", "2"),
			func(state *terraform.State) error {
				run := s(fmt.Sprint(state.RootModule().Outputs["run"].Value))
				equal(t, a.scan("orders"), []item{
					{"order_id": s("o-ü-1"), "run": run, "at": s("true"), "amount": n("12345678901234567890123456789012345678"), "lines": list(object(item{"sku": s("A")}))},
					{"order_id": s("o-2"), "run": run, "at": s("true"), "amount": n("-0.001"), "lines": list()},
				}, "order_id")
				return nil
			},
		),
	})
}

// What is wrong with a transform is an error of the plan, at its place.
func TestAccTableCopy_transformRefused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	a.create("copy", "id:S")
	a.create("other", "customer:S")
	a.createIndexed("indexed")
	a.put("orders", item{"id": s("a")})
	config := func(to, transform string) string {
		return hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "orders" }
  destination = { table = %q }
  transform   = %s
}`, to, transform))
	}
	for _, test := range []struct {
		to, transform string
		words         []string
	}{
		{"copy", `[{ remove = ["x"] }, { set = { email = "lower(item.email)" } }]`, []string{"Invalid Transform", "Line 1, column 6", "'lower'"}},
		{"copy", `[{ remove = ["x"], keep = ["y"] }]`, []string{"Invalid Transform", "2 are given"}},
		{"copy", `[{ remove = ["id"] }]`, []string{"Transform Takes Out A Key", `"id"`}},
		{"copy", `[{ set = { id = "1" } }]`, []string{"Transform Does Not Fit The Key", "type N"}},
		{"indexed", `[{ set = { email = "1" } }]`, []string{"Transform Does Not Fit The Key", "type N", "the key of an index of the destination wants S"}},
		{"copy", `[{ set = { a = "hmac(item.id)" } }]`, []string{"Invalid Transform", "hmac_key_wo", "DYNAMOOPS_HMAC_KEY"}},
		{"other", `[{ remove = ["x"] }]`, []string{"Keys Do Not Fit", "rename or set"}},
	} {
		apply(t, resource.TestStep{Config: config(test.to, test.transform), PlanOnly: true, ExpectError: saying(test.words...)})
	}
	apply(t, resource.TestStep{Config: config("other", `[{ rename = { id = "customer" } }]`)})
}

// An item that a step cannot be done with ends the run, or is set aside as it was.
func TestAccTableCopy_transformItemRefused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	a.create("copy", "id:S")
	good := orders(40)
	bad := item{"id": s("bad"), "name": s("planted-name")}
	a.put("orders", append(good, bad)...)
	config := func(onItemError string) string {
		return hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source        = { table = "orders" }
  destination   = { table = "copy" }
  transform     = [{ drop_if = "false" }, { remove = ["name.first"] }]
  on_item_error = %q
}`, onItemError))
	}
	apply(t, resource.TestStep{Config: config("fail"), ExpectError: saying("Transform Failed", "transform[1].remove[0]", "type S", "segment", `on_item_error = "skip"`)})
	apply(t, resource.TestStep{Config: config("skip"), Check: resource.ComposeTestCheckFunc(
		resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_scanned", "41"),
		resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_written", "40"),
		resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_failed", "1"),
	)})
	equal(t, a.scan("copy"), good, "id")
	files, err := filepath.Glob(filepath.Join(a.journal, "dead-letters-*.jsonl"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files of refused items: %v, %v", files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil || strings.Count(string(content), "\n") != 1 || !strings.Contains(string(content), `"name":{"S":"planted-name"}`) || !strings.Contains(string(content), `"Step":"transform[1].remove[0]"`) {
		t.Errorf("the file of refused items holds %s, %v", content, err)
	}
	// Corrected, it is a source for the same steps.
	corrected := writeFile(t, t.TempDir()+"/corrected.jsonl", strings.ReplaceAll(string(content), `{"S":"planted-name"}`, `{"M":{"first":{"S":"x"}}}`))
	apply(t, resource.TestStep{Config: strings.Replace(config("fail"), `table = "orders"`, fmt.Sprintf("file = %q", corrected), 1)})
	equal(t, a.scan("copy"), append(good, item{"id": s("bad"), "name": object(item{})}), "id")
}

// hmac() gets its key from the write-only argument; nothing keeps it.
func TestAccTableCopy_transformHMACKey(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	a.create("copy", "id:S")
	a.put("orders", item{"id": s("abc")})
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), `
resource "dynamoops_table_copy" "this" {
  source      = { table = "orders" }
  destination = { table = "copy" }
  transform   = [{ set = { id = "hmac(item.id)" } }]
  hmac_key_wo = "key"
}`),
		Check: resource.TestCheckNoResourceAttr("dynamoops_table_copy.this", "hmac_key_wo"),
	})
	equal(t, a.scan("copy"), []item{{"id": s("9c196e32dc0175f86f4b1cb89289d6619de6bee699e4c378e68309ed97a1a6ab")}}, "id")
}

// Without the argument it is the environment that has the key, and says nothing of it either.
func TestAccTableCopy_transformHMACKeyOfTheEnvironment(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	a.create("copy", "id:S")
	a.put("orders", item{"id": s("abc")})
	w := newWorkspace(t)
	w.environment = append(w.environment, "DYNAMOOPS_HMAC_KEY=key-of-the-environment")
	w.write("main.tf", hcl(a.provider(), `
resource "dynamoops_table_copy" "this" {
  source      = { table = "orders" }
  destination = { table = "copy" }
  transform   = [{ set = { id = "hmac(item.id)" } }]
}`))
	said := w.must("apply", "-auto-approve", "-no-color")
	mac := hmac.New(sha256.New, []byte("key-of-the-environment"))
	mac.Write([]byte("abc"))
	equal(t, a.scan("copy"), []item{{"id": s(hex.EncodeToString(mac.Sum(nil)))}}, "id")
	lacks(t, "what Terraform said", []byte(said), "key-of-the-environment")
	for name, content := range rest(t, w.folder, a.journal) {
		lacks(t, name, content, "key-of-the-environment")
	}
}

// A copy that goes on where it was interrupted is the same run: its id in the items too, and each item is counted once.
func TestAccTableCopy_transformResumed(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	a.create("copy", "id:S")
	all := orders(500)
	for i := range all {
		all[i]["number"] = n(fmt.Sprint(i))
	}
	a.put("orders", all...)
	const copying = `
resource "dynamoops_table_copy" "this" {
  source      = { table = "orders" }
  destination = { table = "copy" }
  transform   = [{ drop_if = "item.number % 5 == 0" }, { set = { run = "run.id" } }, { keep = ["id", "run"] }]
  throughput  = { concurrency = 1, segments = 40 }
}`
	apply(t, resource.TestStep{
		Config:      hcl(a.through(denyAfter(t, a, "BatchWriteItem", 10)).provider(), copying),
		ExpectError: saying("Permission Missing", "resumes there"),
	})
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), copying),
		Check: resource.ComposeTestCheckFunc(
			resource.TestCheckResourceAttr("dynamoops_table_copy.this", "resumed", "true"),
			resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_scanned", "500"),
			resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_dropped", "100"),
			resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_written", "400"),
			func(state *terraform.State) error {
				run := s(state.RootModule().Resources["dynamoops_table_copy.this"].Primary.ID)
				var want []item
				for i, order := range all {
					if i%5 != 0 {
						want = append(want, item{"id": order["id"], "run": run})
					}
				}
				equal(t, a.scan("copy"), want, "id")
				return nil
			},
		),
	})
}

// Steps that are not known when the run is planned are compiled when it begins.
func TestAccTableCopy_transformNotKnown(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	a.create("copy", "tenant:S")
	a.put("orders", item{"id": s("a")})
	config := func(expression string) string {
		return hcl(a.provider(), fmt.Sprintf(`
resource "terraform_data" "tenant" {
  input = "test"
}
resource "dynamoops_table_copy" "this" {
  source      = { table = "orders" }
  destination = { table = "copy" }
  transform   = [{ set = { tenant = "%s${terraform_data.tenant.output}'" } }]
}`, expression))
	}
	apply(t, resource.TestStep{Config: config("1 + '"), ExpectError: saying("Invalid Transform", "no matching overload")})
	apply(t, resource.TestStep{Config: config("'t-")})
	equal(t, a.scan("copy"), []item{{"id": s("a"), "tenant": s("t-test")}}, "tenant")
	a.create("seeded", "tenant:S")
	file := fmt.Sprintf("source      = { file = %q }", writeFile(t, filepath.Join(t.TempDir(), "one.jsonl"), `{"id":"a"}`))
	apply(t, resource.TestStep{Config: strings.NewReplacer(`source      = { table = "orders" }`, file, `"copy"`, `"seeded"`).Replace(config("'t-"))})
	equal(t, a.scan("seeded"), []item{{"id": s("a"), "tenant": s("t-test")}}, "tenant")
}

// A sample of a file is taken before the steps, by the partition key that the items have then.
func TestAccTableCopy_transformSampledFile(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("copy", "tenant:S", "id:S")
	config := func(lines string) string {
		return hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source         = { file = %q }
  destination    = { table = "copy" }
  transform      = [{ set = { id = "item.tenant + item.name" } }]
  sample_percent = 50
}`, writeFile(t, filepath.Join(t.TempDir(), "items.jsonl"), lines)))
	}
	apply(t, resource.TestStep{Config: config(`{"name":"a"}`), PlanOnly: true, ExpectError: saying("Malformed File", "Line 1", `"tenant" is missing`)})
	var lines strings.Builder
	for i := range 200 {
		fmt.Fprintf(&lines, `{"tenant":"%d","name":"%d"}`+"\n", i/2, i)
	}
	apply(t, resource.TestStep{Config: config(lines.String()), Check: counts(map[string]int{"items_scanned": 200})})
	tenants := map[string]int{}
	for _, got := range a.scan("copy") {
		tenants[fmt.Sprint(got["tenant"])]++
	}
	for tenant, items := range tenants {
		if items != 2 {
			t.Errorf("of %s there are %d items, want both or none", tenant, items)
		}
	}
	if len(tenants) < 25 || len(tenants) > 75 {
		t.Errorf("a sample of 50 %% has %d of 100 tenants", len(tenants))
	}
}

// Items that a step cannot be done with are not missed, also where the destination has a key that they have not.
func TestAccTableCopy_transformVerified(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for _, verify := range []string{"count", "full"} {
		t.Run(verify, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("orders", "id:S")
			a.create("copy", "order_id:S")
			a.put("orders", append(orders(40), item{"id": s("bad"), "name": s("text")}, item{"id": s("dropped"), "drop": s("yes")})...)
			apply(t, resource.TestStep{
				Config: hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "orders" }
  destination = { table = "copy" }
  transform = [
    { drop_if = "has(item.drop)" },
    { remove = ["name.first"] },
    { set = { order_id = "hmac(item.id)" } },
    { remove = ["id"] },
  ]
  hmac_key_wo   = "key"
  on_item_error = "skip"
  verify        = %q
}`, verify)),
				Check: resource.ComposeTestCheckFunc(
					resource.TestCheckResourceAttr("dynamoops_table_copy.this", "verified", "true"),
					counts(map[string]int{"items_scanned": 42, "items_written": 40, "items_dropped": 1, "items_failed": 1}),
				),
			})
		})
	}
}
