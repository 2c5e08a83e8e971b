// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// useConfiguration copies a complete example into the workspace. The account is in place of the providers, and a module that
// only knows the table's name and ARN, the ARN after the apply, in place of the one that makes it with the AWS provider.
func (w *workspace) useConfiguration(a *account, example, prefix, table string) {
	w.t.Helper()
	source := filepath.Join(examples, example)
	if err := os.CopyFS(w.folder, os.DirFS(source)); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(w.folder, "providers.tf")); err != nil {
		w.t.Fatal(err)
	}
	w.write("provider_test.tf", a.provider())
	w.write("tables/main.tf", fmt.Sprintf(`
variable "environment" { default = "" }

resource "terraform_data" "table" {
  input = { name = %q, arn = %q }
}

output "%[3]s_arn" { value = terraform_data.table.output.arn }
output "%[3]s_name" { value = terraform_data.table.output.name }
`, table, a.arn(table), prefix))
	w.must("get")
}

func TestAccExamples_seedTestEnvironment(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("test-countries", "code:S")
	w := newWorkspace(t)
	w.useConfiguration(a, "seed-test-environment", "countries", "test-countries")
	w.must("apply", "-auto-approve")
	if got := len(a.scan("test-countries")); got != 252 {
		t.Errorf("the table holds %d countries, want 252", got)
	}
	w.must("plan", "-detailed-exitcode")

	// Another fixture seeds again.
	w.write("fixtures/countries.jsonl", `{"code": "XX", "name": "Elsewhere"}`)
	w.must("apply", "-auto-approve")
	if got := len(a.scan("test-countries")); got != 253 {
		t.Errorf("the table holds %d countries, want 253", got)
	}
}

func TestAccExamples_resetStaging(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("staging-orders", "customer_id:S", "order_id:S")
	baseline, err := os.ReadFile(filepath.Join(examples, "reset-staging", "fixtures", "orders.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Count(strings.TrimSpace(string(baseline)), "\n") + 1
	w := newWorkspace(t)
	w.useConfiguration(a, "reset-staging", "orders", "staging-orders")
	for _, reset := range []string{"2026-11", "2026-12"} {
		a.put("staging-orders", item{"customer_id": s("c-1"), "order_id": s("left over")})
		if output := w.must("apply", "-auto-approve", "-var=reset="+reset); strings.Contains(output, "Dropped") {
			t.Errorf("the table is not to be dropped, and the plan says\n%s", output)
		}
		if got := len(a.scan("staging-orders")); got != want {
			t.Errorf("after the reset for %s the table holds %d orders, want %d", reset, got, want)
		}
		w.must("plan", "-detailed-exitcode", "-var=reset="+reset)
	}
}
