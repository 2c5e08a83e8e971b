// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// roleOf is the ARN of a role in the account.
func (a *account) roleOf() string {
	return "arn:aws:iam::" + controlplane.Account(a.accessKey) + ":role/migration"
}

// rolesOf is an STS that lets the accounts' roles be assumed by those who know the external id.
func rolesOf(t *testing.T, externalID string, accounts ...*account) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, a := range accounts {
			if r.FormValue("Action") == "AssumeRole" && r.FormValue("RoleArn") == a.roleOf() && r.FormValue("ExternalId") == externalID {
				_, _ = fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`+
					`<SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, a.accessKey)
				return
			}
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to assume the role</Message></Error></ErrorResponse>`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// The module moves a table to another account and changes its items, then empties the old one.
func TestAccExamples_migrateAcrossAccounts(t *testing.T) {
	t.Parallel()
	acceptance(t)
	_, from := tableAccount(t)
	to, caller := newAccount(t).through(from.url).in("eu-west-1"), newAccount(t)
	var old, moved []item
	for i := range 200 {
		id := s(fmt.Sprint(i))
		order := item{"id": id, "sort": s("a"), "cust": s("c-1"), "amt": n("24.90"), "email": s("someone@example.com"), "tags": &types.AttributeValueMemberSS{Value: []string{"b", "a"}}}
		old = append(old, order)
		if i%4 == 0 {
			order["test_run"] = s("nightly")
			continue
		}
		moved = append(moved, item{"id": id, "sort": s("a"), "customer_id": s("c-1"), "amount": n("24.90"), "tags": order["tags"]})
	}
	from.put("orders", old...)

	w := newWorkspace(t)
	if err := os.CopyFS(filepath.Join(w.folder, "migrate"), os.DirFS(filepath.Join(examples, "migrate-across-accounts"))); err != nil {
		t.Fatal(err)
	}
	caller.journal = from.journal
	providerBlock, _, _ := strings.Cut(caller.through(from.url).tableConfig("orders"), "data ")
	providerBlock = strings.Replace(providerBlock, "endpoints {", fmt.Sprintf("journal { path = %q }\n  endpoints {\n    sts = %q", from.journal, rolesOf(t, "orders-2026", from, to)), 1)
	config := func(more string) string {
		return hcl(providerBlock, fmt.Sprintf(`
module "orders" {
  source            = "./migrate"
  source_table      = { name = "orders", role_arn = %q, external_id = "orders-2026" }
  destination_table = { name = "orders", role_arn = %q, external_id = "orders-2026", kms_key_arn = "arn:aws:kms:eu-west-1:%s:key/b" }
  transform = [
    { rename = { cust = "customer_id", amt = "amount" } },
    { mask = ["email"] },
    { drop_if = "has(item.test_run)" },
  ]
  migration = "2026-11"
  %s
}
output "all" { value = module.orders }`, from.roleOf(), to.roleOf(), controlplane.Account(to.accessKey), more))
	}
	w.write("main.tf", config(""))
	w.must("get")
	planned := w.must("plan", "-no-color")
	if !strings.Contains(planned, "Settings Not Copied") || !strings.Contains(planned, "resource_policy") {
		t.Errorf("the plan does not say what stays out:\n%s", planned)
	}
	w.must("apply", "-auto-approve")
	got := to.scan("orders")
	for i := range got {
		if masked, ok := got[i]["email"].(*types.AttributeValueMemberS); !ok || masked.Value == "someone@example.com" {
			t.Fatalf("an item is %v", got[i])
		}
		delete(got[i], "email")
	}
	equal(t, got, moved, "id", "sort")
	made, err := to.client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
	if err != nil {
		t.Fatal(err)
	}
	if d := made.Table; !*d.DeletionProtectionEnabled || !*d.StreamSpecification.StreamEnabled || !strings.HasSuffix(*d.SSEDescription.KMSMasterKeyArn, "key/b") ||
		len(d.GlobalSecondaryIndexes) != 1 || !strings.Contains(*d.TableArn, controlplane.Account(to.accessKey)) {
		t.Errorf("the table that was made is %+v", d)
	}
	w.must("plan", "-detailed-exitcode")
	if left := len(from.scan("orders")); left != len(old) {
		t.Errorf("the old table holds %d items, want %d", left, len(old))
	}
	w.write("main.tf", config("empty_source = true"))
	w.must("apply", "-auto-approve")
	if left := len(from.scan("orders")); left != 0 {
		t.Errorf("the old table holds %d items", left)
	}
	if there := len(to.scan("orders")); there != len(moved) {
		t.Errorf("the new table holds %d items, want %d", there, len(moved))
	}
	w.must("plan", "-detailed-exitcode")
}
