// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What Terraform makes of a changed spelling: nothing, or an update that moves no data where something was left out. A new meaning is a
// replacement, and the plan gives the reason.
func TestAccSpelling(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	a.create("copy", "id:S")
	a.put("orders", orders(3)...)
	p := newProxy(t, a.url, nil)
	w := newWorkspace(t)
	write := func(values, copies string) {
		t.Helper()
		w.write("main.tf", hcl(a.through(p.URL).provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "orders" }
  destination = { table = "copy" }
  filter      = { expression = "contains(:v, #s) AND id <> :n", names = { "#s" = "status" }, values = %s }
  transform   = [{ remove = ["amount"] }]
  %s
}
resource "dynamoops_table_purge" "this" {
  table      = "orders"
  filter     = { expression = "contains(:v, #s) AND id <> :n", names = { "#s" = "status" }, values = %[1]s }
  depends_on = [dynamoops_table_copy.this]
}`, values, copies)))
	}
	write(`{ ":v" = ["OPEN", "PAID"], ":n" = 1 }`, ``)
	w.must("apply", "-auto-approve", "-no-color")
	called := requests(p)

	for _, test := range []struct{ name, values, copies, says string }{
		{"as it was", `{ ":v" = ["OPEN", "PAID"], ":n" = 1 }`, ``, "No changes."},
		{"an older state", `{ ":v" = ["OPEN", "PAID"], ":n" = 1 }`, ``, "No changes."},
		{"a list", `{ ":v" = tolist(["OPEN", "PAID"]), ":n" = 1.0 }`, ``, "No changes."},
		{"DynamoDB JSON", `null, values_json = jsonencode({ ":v" = { L = [{ S = "OPEN" }, { S = "PAID" }] }, ":n" = { N = "1.0" } })`, ``, "No changes."},
		{"what is empty", `{ ":v" = ["OPEN", "PAID"], ":n" = 1 }`, "export = {}\n  triggers = {}\n  method = \"auto\"", "0 to add, 1 to change, 0 to destroy."},
		{"another default", `{ ":v" = tolist(["OPEN", "PAID"]), ":n" = 1 }`, `verify = "none"`, "0 to add, 1 to change, 0 to destroy."},
	} {
		if test.name == "an older state" {
			forgetNulls(t, filepath.Join(w.folder, "terraform.tfstate"))
		}
		write(test.values, test.copies)
		if output := w.must("plan", "-no-color"); !strings.Contains(output, test.says) {
			t.Errorf("%s: want %q:\n%s", test.name, test.says, output)
		}
		w.must("apply", "-auto-approve", "-no-color")
	}
	if now := requests(p); now != called {
		t.Errorf("DynamoDB was called %d times", now-called)
	}

	for name, test := range map[string]struct {
		values string
		says   []string
	}{
		"a set":          {`{ ":v" = toset(["OPEN", "PAID"]), ":n" = 1 }`, []string{"must be replaced", "Filter Value Changes Its Type", "in resource", "filter", "lists and sets alike"}},
		"another value":  {`{ ":v" = ["OPEN", "LATE"], ":n" = 1 }`, []string{"must be replaced", "~ filter", "# forces replacement", "2 to add, 0 to change, 2 to destroy"}},
		"another number": {`{ ":v" = ["OPEN", "PAID"], ":n" = 2 }`, []string{"must be replaced", "~ filter", "# forces replacement", "2 to add, 0 to change, 2 to destroy"}},
	} {
		write(test.values, ``)
		if output := w.must("plan", "-no-color"); !saying(test.says...).MatchString(output) {
			t.Errorf("%s: want %q:\n%s", name, test.says, output)
		}
	}
}

// forgetNulls leaves out of a state what is null in it, as a version of the provider would that does not know the arguments.
func forgetNulls(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(content, &state); err != nil {
		t.Fatal(err)
	}
	forgotten := 0
	var forget func(any)
	forget = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for name, member := range value {
				if member == nil {
					delete(value, name)
					forgotten++
				}
				forget(member)
			}
		case []any:
			for _, element := range value {
				forget(element)
			}
		}
	}
	resources, _ := state["resources"].([]any)
	for _, resource := range resources {
		resource, _ := resource.(map[string]any)
		instances, _ := resource["instances"].([]any)
		for _, instance := range instances {
			instance, _ := instance.(map[string]any)
			forget(instance["attributes"])
		}
	}
	if forgotten == 0 {
		t.Fatal("nothing is null in the state")
	}
	if content, err = json.Marshal(state); err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
