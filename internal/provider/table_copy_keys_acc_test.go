// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// Two items that a transform gives one key are found: in a file by the plan, which names both lines, in a table by the run.
func TestAccTableCopy_transformedKeysCollide(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	a.create("copy", "id:S")
	var lines strings.Builder
	for i := range 100 {
		fmt.Fprintf(&lines, `{"id": {"S": "order-%02d"}, "at": {"N": "%d"}}`+"\n", i, i)
		a.put("orders", item{"id": s(fmt.Sprintf("order-%02d", i)), "at": n(fmt.Sprint(i))})
	}
	for source, want := range map[string]string{
		fmt.Sprintf("file = %q", writeFile(t, t.TempDir()+"/orders.jsonl", lines.String())): "has the same key as the one in line 1",
		`table = "orders"`: "Two Items With One Key", // Also where both are in one request, which DynamoDB refuses.
	} {
		for _, verify := range []string{"none", "full", "count"} {
			apply(t, resource.TestStep{Config: hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { %s }
  destination = { table = "copy" }
  transform   = [{ set = { id = "item.at == 99 ? 'order-00' : item.id" } }]
  verify      = %q
}`, source, verify)), ExpectError: saying(want)})
		}
	}
}

// A plan warns of keys that need not tell the items apart, unless the run would find that out.
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
		"set":                {[]string{table, to, same}, "compares the keys and fails then"},
		"set, and skipped":   {[]string{table, to, same, `on_conflict = "skip"`}, "the others count as skipped"},
		"set, and counted":   {[]string{table, to, same, `verify = "count"`}, ""},
		"set, and failing":   {[]string{table, to, same, `on_conflict = "fail"`}, ""},
		"set, of a file":     {[]string{fmt.Sprintf("source = { file = %q }", file), to, same}, ""},
		"skipped, of a file": {[]string{fmt.Sprintf("source = { file = %q }", file), to, same, `on_conflict = "skip"`}, "the others count as skipped"},
		"renamed, of a file": {[]string{fmt.Sprintf("source = { file = %q }", file), to, `transform = [{ rename = { x = "y" } }]`}, ""},
		"renamed there":      {[]string{table, to, `transform = [{ rename = { id = "x" } }, { rename = { x = "id" } }]`}, ""},
		"a part of the key":  {[]string{table, `destination = { table = "latest" }`}, "compares the keys and fails then"},
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
