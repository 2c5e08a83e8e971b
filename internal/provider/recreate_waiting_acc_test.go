// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// A recreate that stops between the drop and the creation leaves the table's settings in the journal. What looks at the table then, and
// what forgets a run on it, says where they are and how to have the table again.
func TestAccRecreate_waits(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	a.put("orders", item{"id": s("1"), "sort": s("a")})
	const first = `
resource "dynamoops_table_purge" "first" {
  table  = "orders"
  method = "delete_items"
}`
	const second = `
resource "dynamoops_table_purge" "second" {
  table      = "orders"
  method     = "recreate"
  allow      = ["stream"]
  depends_on = [dynamoops_table_purge.first]
}`
	w := newWorkspace(t)
	providerBlock := a.recreateProvider()
	w.write("main.tf", hcl(providerBlock, first))
	w.must("apply", "-auto-approve")

	dropped := false
	server.OnRequest(func(call controlplane.Call, _ []byte) error {
		dropped = dropped || call.Operation == "DeleteTable"
		if dropped && call.Operation == "CreateTable" {
			return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
		}
		return nil
	})
	w.write("main.tf", hcl(providerBlock, first, second))
	if output, err := w.terraform("apply", "-auto-approve", "-no-color"); err == nil || !saying("was dropped").MatchString(output) {
		t.Fatalf("the recreate: %v\n%s", err, output)
	}
	server.OnRequest(nil)
	records, err := filepath.Glob(filepath.Join(a.journal, "recreate-*.json"))
	if err != nil || len(records) != 1 {
		t.Fatalf("records %q, %v", records, err)
	}
	record := regexp.MustCompile(`recreate-[0-9a-f]+`).FindString(records[0])
	waits := []string{"Table Waits To Be Recreated", record, "Apply a dynamoops_table_purge of this table"}

	w.write("main.tf", hcl(providerBlock, first, `
data "dynamoops_table" "this" { table = "orders" }
output "exists" { value = data.dynamoops_table.this.exists }`))
	if output := w.must("plan", "-no-color"); !saying(`exists = false`).MatchString(output) || !saying(waits...).MatchString(output) {
		t.Errorf("the data source:\n%s", output)
	}
	w.write("main.tf", hcl(providerBlock, first))
	if output := w.must("plan", "-destroy", "-no-color"); !saying(waits...).MatchString(output) {
		t.Errorf("the plan of a destroy:\n%s", output)
	}
	if output := w.must("destroy", "-auto-approve", "-no-color"); !saying(waits...).MatchString(output) {
		t.Errorf("the destroy:\n%s", output)
	}

	w.write("main.tf", hcl(providerBlock, first))
	w.must("apply", "-auto-approve")
	if output := w.must("destroy", "-auto-approve", "-no-color"); saying("Table Waits").MatchString(output) {
		t.Errorf("the destroy after the purge:\n%s", output)
	}
	if a.status("orders") != "ACTIVE" {
		t.Error("the table is not there again")
	}
}
