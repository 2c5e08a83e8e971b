// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// The module moves a table to another account: settings, items with a transform, comparison, and then the purge of the old table.
func TestAccExamples_migrateAcrossAccounts(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	other := a.role()
	role := other.roleOf()
	a.sts = rolesOf(t, "orders-migration", other)
	from, to := a.arn("orders"), controlplane.TableARN(other.region, other.accessKey, "orders")
	key := "arn:aws:kms:eu-west-1:" + controlplane.Account(other.accessKey) + ":key/b"
	kept := item{"id": s("1"), "sort": s("a"), "cust": s("Ada"), "note": s("ring twice"), "card": s("4111111111111111"), "amount": n("1.50")}
	plain := item{"id": s("2"), "sort": s("b"), "status": s("OPEN")}
	a.put("orders", kept, plain, item{"id": s("3"), "sort": s("c"), "status": s("CANCELLED")})
	want := []item{
		{"id": s("1"), "sort": s("a"), "customer": s("Ada"), "comment": s("ring twice"), "card": s("************1111"), "amount": n("1.50")},
		plain,
	}

	w := newWorkspace(t)
	if err := os.CopyFS(filepath.Join(w.folder, "migrate"), os.DirFS(filepath.Join(examples, "migrate-across-accounts"))); err != nil {
		t.Fatal(err)
	}
	migration := "2026-11"
	config := func(externalID, more string) string {
		providerBlock, _, _ := strings.Cut(a.tableConfig("orders"), "data ")
		return hcl(strings.Replace(providerBlock, "endpoints {", fmt.Sprintf("journal { path = %q }\n  endpoints {\n    sts = %q", a.journal, a.sts), 1), fmt.Sprintf(`
module "orders" {
  source = "./migrate"
  from   = { table = %q }
  to = {
    table       = %q
    kms_key_arn = %q
    assume_role = { role_arn = %q, external_id = %q }
  }
  transform = [
    { drop_if = "has(item.status) && item.status == 'CANCELLED'" },
    { rename = { cust = "customer", note = "comment" } },
    { mask = ["card"] },
  ]
  migration = %q
  %s
}

output "orders" { value = module.orders }`, from, to, key, role, externalID, migration, more))
	}
	w.write("main.tf", config("a guess", ""))
	w.must("get")
	calls := len(server.Calls())
	if output, err := w.terraform("apply", "-auto-approve"); err == nil || !strings.Contains(output, "sts:AssumeRole") {
		t.Fatalf("with another external id: %v\n%s", err, output)
	}
	noWrites(t, server, calls)

	w.write("main.tf", config("orders-migration", ""))
	w.must("apply", "-auto-approve")
	equal(t, other.scan("orders"), want, "id", "sort")
	if got := len(a.scan("orders")); got != 3 {
		t.Errorf("the old table holds %d items, want 3: nobody asked for a purge", got)
	}
	var moved struct {
		TableARN          string   `json:"table_arn"`
		SettingsNotCopied []string `json:"settings_not_copied"`
		Created, Verified bool
		Items             struct{ Read, Written, Dropped int }
		ItemsPurged       *int `json:"items_purged"`
	}
	outputs := func() {
		t.Helper()
		if err := json.Unmarshal([]byte(w.must("output", "-json", "orders")), &moved); err != nil {
			t.Fatal(err)
		}
	}
	outputs()
	if moved.TableARN != to || !moved.Created || !moved.Verified || moved.ItemsPurged != nil || moved.Items != (struct{ Read, Written, Dropped int }{3, 2, 1}) {
		t.Errorf("the outputs are %+v", moved)
	}
	if !slices.Equal(moved.SettingsNotCopied, []string{"resource_policy"}) {
		t.Errorf("not copied are %q, want the resource policy, which is of the other account", moved.SettingsNotCopied)
	}
	if old, made := a.settingsOf("orders"), other.settingsOf("orders"); old != made {
		t.Errorf("the new table is\n%s\nwant\n%s", made, old)
	}
	if made := other.description("orders"); aws.ToString(made.SSEDescription.KMSMasterKeyArn) != key {
		t.Errorf("the new table is encrypted with %+v, want %s", made.SSEDescription, key)
	}
	w.must("plan", "-detailed-exitcode")

	// Until the final copy, an order is cancelled, which the transform drops, and another is deleted: neither stays in the new table.
	gone := item{"id": s("4"), "sort": s("d")}
	for _, there := range []*account{a, other} {
		there.put("orders", gone)
	}
	if _, err := a.client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("orders"), Key: gone}); err != nil {
		t.Fatal(err)
	}
	a.put("orders", item{"id": s("2"), "sort": s("b"), "status": s("CANCELLED")}, item{"id": s("5"), "sort": s("e")})
	want = []item{want[0], {"id": s("5"), "sort": s("e")}}
	migration = "2026-11-final"
	w.write("main.tf", config("orders-migration", "empty_new_table = true"))
	w.must("apply", "-auto-approve")
	equal(t, other.scan("orders"), want, "id", "sort")
	outputs()
	if moved.Created || !moved.Verified || moved.ItemsPurged != nil || moved.Items != (struct{ Read, Written, Dropped int }{4, 2, 2}) {
		t.Errorf("the outputs of the final copy are %+v", moved)
	}
	w.must("plan", "-detailed-exitcode")

	// The purge is refused until it can be undone, and then is all that runs.
	w.write("main.tf", config("orders-migration", "empty_new_table = true\n  purge_old_table = true"))
	if output, err := w.terraform("apply", "-auto-approve"); err == nil || !strings.Contains(output, "No Point-In-Time Recovery") {
		t.Fatalf("a purge without point-in-time recovery: %v\n%s", err, output)
	}
	if got := len(a.scan("orders")); got != 4 {
		t.Errorf("a purge that was refused left %d items, want 4", got)
	}
	a.recoverable("orders")
	w.must("apply", "-auto-approve")
	if left := a.scan("orders"); len(left) != 0 {
		t.Errorf("the old table still holds %d items", len(left))
	}
	equal(t, other.scan("orders"), want, "id", "sort")
	outputs()
	if moved.ItemsPurged == nil || *moved.ItemsPurged != 4 {
		t.Errorf("the outputs are %+v, want 4 items purged", moved)
	}
	w.must("plan", "-detailed-exitcode")
}
