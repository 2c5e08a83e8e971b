// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"
)

// later is what no plan knows: whether there is to be something, and the name of a protected table.
const later = `
resource "terraform_data" "later" {
  input = { given = false, table = "prod-orders" }
}
locals {
  given = terraform_data.later.output.given
  table = terraform_data.later.output.table
}
`

// What a run would do without an argument that turns out to be null, no plan has said. So a plan that does not know the argument is
// refused, of a resource and of an action alike; and what only the apply finds out is refused before anything is read or written.
func TestAccUndecided(t *testing.T) {
	t.Parallel()
	const purge, copies = `table = "copy"`, "source = { table = \"orders\" }\n  destination = { table = \"copy\" }"
	const byApply = true
	for name, test := range map[string]struct {
		kind, arguments string
		byApply         bool
		want            []string
	}{
		"purge with a filter or none": {
			"purge", purge + "\n  filter = local.given ? { expression = \"attribute_exists(test_run)\" } : null", !byApply,
			[]string{"Filter Not Known", "Write the filter as an object of which only parts are unknown"},
		},
		"copy with a filter or none": {
			"copy", copies + "\n  filter = local.given ? { expression = \"attribute_exists(test_run)\" } : null", !byApply, []string{"Filter Not Known"},
		},
		"transform or none":        {"copy", copies + "\n  transform = local.given ? [{ mask = [\"status\"] }] : null", !byApply, []string{"Transform Not Known", "copied as they are"}},
		"transform without steps":  {"copy", copies + "\n  transform = local.given ? [{ mask = [\"status\"] }] : []", !byApply, []string{"Transform Not Known"}},
		"paths of a step or none":  {"copy", copies + "\n  transform = [{ mask = local.given ? [\"status\"] : null }]", !byApply, []string{"Transform Not Known"}},
		"a sample or all":          {"copy", copies + "\n  sample_percent = local.given ? 1 : null", !byApply, []string{"Argument Not Known", "all items would be copied"}},
		"expression of null":       {"copy", copies + "\n  transform = [{ set = { status = local.given ? \"'x'\" : null } }]", byApply, []string{"Null In A Map", "status"}},
		"path of null":             {"copy", copies + "\n  transform = [{ mask = [local.given ? \"status\" : null] }]", byApply, []string{"Null In A List"}},
		"only condition of null":   {"copy", copies + "\n  transform = [{ drop_if = local.given ? \"true\" : null }]", byApply, []string{"A step is exactly one of", "0 are given"}},
		"filter without condition": {"purge", purge + "\n  filter = { expression = local.given ? \"attribute_exists(a)\" : null }", byApply, []string{"expression"}},
		"no filter to recheck":     {"purge", purge + "\n  recheck_filter = local.given", byApply, []string{"Invalid Attribute Combination"}},
		"protected table":          {"purge", `table = local.table`, byApply, []string{"Table Is Protected"}},
	} {
		for form, block := range map[string]string{"resource": "%s\n}", "action": `config {
    %s
  }
}
resource "terraform_data" "trigger" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.dynamoops_table_` + test.kind + `.this]
    }
  }
}`} {
			t.Run(name+", "+form, func(t *testing.T) {
				t.Parallel()
				w := newActionWorkspace(t)
				a := newAccount(t)
				for _, table := range []string{"orders", "copy", "prod-orders"} {
					a.create(table, "id:S")
					a.put(table, orders(3)...)
				}
				a.put("copy", item{"id": s("order-00000"), "status": s("untouched")})
				before := a.scan("copy")
				w.write("main.tf", hcl(a.provider(`protected_tables = ["prod-*"]`), later, fmt.Sprintf("%s \"dynamoops_table_%s\" \"this\" {\n  "+block, form, test.kind, test.arguments)))
				output, err := w.terraform("apply", "-auto-approve", "-no-color")
				if err == nil || !saying(test.want...).MatchString(output) {
					t.Errorf("got %v, want an error that says %q:\n%s", err, test.want, output)
				}
				if applied := strings.Contains(output, "terraform_data.later: Creating..."); applied != test.byApply {
					t.Errorf("refused by the apply: %v", applied)
				}
				equal(t, a.scan("copy"), before, "id")
				equal(t, a.scan("prod-orders"), orders(3), "id")
			})
		}
	}
}
