// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// Two items that a transform gives one key, in requests far apart, are one at the destination: verify finds it, either way.
func TestAccTableCopy_transformedKeysCollide(t *testing.T) {
	t.Parallel()
	acceptance(t)
	var lines strings.Builder
	for i := range 100 {
		fmt.Fprintf(&lines, `{"id": {"S": "order-%02d"}, "at": {"N": "%d"}}`+"\n", i, i)
	}
	for verify, want := range map[string]string{
		"full":  "Of the 100 items of the source, 1 are missing at the destination",
		"count": "wrote 100 items. Now it holds 99.",
	} {
		t.Run(verify, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("copy", "id:S")
			config := hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { file = %q }
  destination = { table = "copy" }
  transform   = [{ set = { id = "item.at == 99 ? 'order-00' : item.id" } }]
  verify      = %q
}`, writeFile(t, t.TempDir()+"/orders.jsonl", lines.String()), verify))
			apply(t, resource.TestStep{
				Config: config, ExpectError: saying("Destination Differs From The Source", want, "two items of the source have the same key"),
			})
			if left := len(a.scan("copy")); left != 99 {
				t.Errorf("the destination holds %d items", left)
			}
		})
	}
}

// A plan remarks on keys that need not tell the items apart, unless the run would find that out.
func TestAccTableCopy_keysMayCollide(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S", "at:N")
	a.create("copy", "id:S", "at:N")
	a.create("latest", "id:S")
	file := writeFile(t, t.TempDir()+"/orders.jsonl", `{"id": {"S": "1"}, "at": {"N": "1"}}`)
	table, to := `source = { table = "orders" }`, `destination = { table = "copy" }`
	const same = `transform = [{ set = { id = "'same'" } }]`
	for name, test := range map[string]struct {
		arguments []string
		says      string // Nothing if the plan does not remark.
	}{
		"set":                {[]string{table, to, same}, "the others are lost"},
		"set, and skipped":   {[]string{table, to, same, `on_conflict = "skip"`}, "the others count as skipped"},
		"set, and counted":   {[]string{table, to, same, `verify = "count"`}, ""},
		"set, and failing":   {[]string{table, to, same, `on_conflict = "fail"`}, ""},
		"set, of a file":     {[]string{fmt.Sprintf("source = { file = %q }", file), to, same}, "the others are lost"},
		"renamed, of a file": {[]string{fmt.Sprintf("source = { file = %q }", file), to, `transform = [{ rename = { x = "y" } }]`}, ""},
		"renamed there":      {[]string{table, to, `transform = [{ rename = { id = "x" } }, { rename = { x = "id" } }]`}, ""},
		"a part of the key":  {[]string{table, `destination = { table = "latest" }`}, "the others are lost"},
		"nothing":            {[]string{table, to}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			w.write("main.tf", hcl(a.provider(), "resource \"dynamoops_table_copy\" \"this\" {", hcl(test.arguments...), "}"))
			said := w.must("plan", "-json")
			if remarks := strings.Contains(said, `"summary":"Items May Get The Same Key"`); remarks != (test.says != "") || !strings.Contains(said, test.says) {
				t.Errorf("the plan says:\n%s", said)
			}
		})
	}
}
