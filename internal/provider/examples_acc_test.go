// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

const examples = "../../examples"

// exampleRuns say, for each example of a resource, an action or a data source, how many items a table holds afterwards. There are five orders, and four
// in the file.
var exampleRuns = map[string]struct {
	region, table string
	holds         int
}{
	"actions/dynamoops_table_copy/after_change.tf":              {"eu-west-1", "orders-staging", 5},
	"actions/dynamoops_table_copy/invoke.tf":                    {"eu-west-1", "orders-staging", 6},
	"actions/dynamoops_table_purge/invoke.tf":                   {"eu-west-1", "orders", 3},
	"data-sources/dynamoops_estimate/copy.tf":                   {"eu-west-1", "orders-staging", 1},
	"data-sources/dynamoops_estimate/purge.tf":                  {"eu-west-1", "orders-staging", 1},
	"data-sources/dynamoops_iam_policy/copy.tf":                 {"eu-west-1", "orders", 5},
	"data-sources/dynamoops_iam_policy/emr.tf":                  {"eu-west-1", "orders", 5},
	"data-sources/dynamoops_iam_policy/purge.tf":                {"eu-west-1", "orders", 5},
	"data-sources/dynamoops_table/data-source.tf":               {"eu-west-1", "orders", 5},
	"resources/dynamoops_table_copy/copy_table.tf":              {"eu-west-1", "orders-staging", 6}, // One was there.
	"resources/dynamoops_table_copy/cross_account.tf":           {"eu-west-1", "orders", 5},
	"resources/dynamoops_table_copy/emr.tf":                     {"eu-west-1", "orders-test", 5},
	"resources/dynamoops_table_copy/emr_cluster.tf":             {"eu-west-1", "orders-test", 5},
	"resources/dynamoops_table_copy/export_import.tf":           {"eu-west-1", "orders-test", 5},
	"resources/dynamoops_table_copy/export_import_new_table.tf": {"eu-west-1", "orders-new", 5},
	"resources/dynamoops_table_copy/export_to_s3.tf":            {"eu-west-1", "orders-test", 5},
	"resources/dynamoops_table_copy/filter.tf":                  {"eu-west-1", "orders-open", 2},
	"resources/dynamoops_table_copy/index.tf":                   {"eu-west-1", "orders-in-warehouse", 1},
	"resources/dynamoops_table_copy/limit_throughput.tf":        {"eu-west-1", "orders-test", 5},
	"resources/dynamoops_table_copy/make_destination.tf":        {"eu-west-1", "orders-eu", 5},
	"resources/dynamoops_table_copy/other_region.tf":            {"us-east-1", "orders-us", 5},
	"resources/dynamoops_table_copy/purge_then_copy.tf":         {"eu-west-1", "orders-staging", 5},
	"resources/dynamoops_table_copy/sample.tf":                  {"eu-west-1", "orders-test", 1},
	"resources/dynamoops_table_copy/seed_from_file.tf":          {"eu-west-1", "orders-test", 4},
	"resources/dynamoops_table_copy/seed_from_s3.tf":            {"eu-west-1", "orders-test", 2},
	"resources/dynamoops_table_copy/skip_refused.tf":            {"eu-west-1", "orders-test", 5},
	"resources/dynamoops_table_copy/backup_restore.tf":          {"eu-west-1", "orders-restored", 5},
	"resources/dynamoops_table_copy/point_in_time.tf":           {"eu-west-1", "orders", 5},
	"resources/dynamoops_table_copy/transform.tf":               {"eu-west-1", "orders-test", 3},
	"resources/dynamoops_table_copy/skip_existing.tf":           {"eu-west-1", "orders-staging", 6},
	"resources/dynamoops_table_copy/verify.tf":                  {"eu-west-1", "orders-test", 5},
	"resources/dynamoops_table_copy/write_to_file.tf":           {"eu-west-1", "orders", 5},
	"resources/dynamoops_table_purge/cross_account.tf":          {"eu-central-1", "orders", 0},
	"resources/dynamoops_table_purge/emr.tf":                    {"eu-west-1", "orders", 3},
	"resources/dynamoops_table_purge/every_apply.tf":            {"eu-west-1", "sessions-test", 0},
	"resources/dynamoops_table_purge/filter.tf":                 {"eu-west-1", "orders", 4},
	"resources/dynamoops_table_purge/filter_values.tf":          {"eu-west-1", "orders", 4},
	"resources/dynamoops_table_purge/recreate.tf":               {"eu-west-1", "orders-staging", 0},
	"resources/dynamoops_table_purge/whole_table.tf":            {"eu-west-1", "orders-staging", 0},
	"resources/dynamoops_table_purge/without_recheck.tf":        {"eu-west-1", "orders", 4},
}

// Each example of the documentation works as it stands.
func TestAccExamples_documentation(t *testing.T) {
	t.Parallel()
	acceptance(t)
	files, err := filepath.Glob(filepath.Join(examples, "*", "dynamoops_*", "*.tf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		name := strings.TrimPrefix(filepath.ToSlash(file), examples+"/")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, ok := exampleRuns[name]
			if !ok {
				t.Fatal("say in exampleRuns what this example does")
			}
			a := exampleAccount(t, recovered.MatchString(name))
			if strings.HasPrefix(name, "resources/") && strings.Contains(name, "/emr") {
				a.withEMR("example-dynamoops")
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			// Files are read beside the example, and written elsewhere.
			module, err := filepath.Abs(filepath.Dir(file))
			if err != nil {
				t.Fatal(err)
			}
			config := strings.ReplaceAll(string(text), "${path.module}/fixtures", filepath.ToSlash(module)+"/fixtures")
			config = strings.ReplaceAll(config, "${path.module}", filepath.ToSlash(t.TempDir()))
			holds := func(holder *account) {
				t.Helper()
				if got := len(holder.in(want.region).scan(want.table)); got != want.holds {
					t.Errorf("%s in %s holds %d items, want %d", want.table, want.region, got, want.holds)
				}
			}
			if strings.HasPrefix(name, "actions/") {
				w := newActionWorkspace(t)
				w.write("main.tf", hcl(a.provider(), config))
				arguments := []string{"apply", "-auto-approve"}
				if invoked := invocation.FindString(config); invoked != "" {
					arguments = append(arguments, invoked)
				}
				w.must(arguments...)
				holds(a)
				return
			}
			profiles := writeFile(t, filepath.Join(t.TempDir(), "config"),
				fmt.Sprintf("[profile production-read-only]\naws_access_key_id = %s\naws_secret_access_key = %s\n", a.accessKey, a.secretKey))
			step := resource.TestStep{Config: hcl(a.provider(fmt.Sprintf("shared_config_files = [%q]", profiles)), config)}
			if strings.Contains(config, "plantimestamp()") {
				step.ExpectNonEmptyPlan = true
				step.Check = func(*terraform.State) error { time.Sleep(time.Second); return nil } // It counts in seconds.
			}
			apply(t, step)
			holder := a
			if strings.HasSuffix(name, "cross_account.tf") {
				holder = a.role()
			}
			holds(holder)
		})
	}
}

// recovered are the examples that need point-in-time recovery, or backups.
var recovered = regexp.MustCompile(`/(backup_restore|export_import|export_import_new_table|point_in_time)\.tf$`)

// invocation is how an example of an action says that it is invoked.
var invocation = regexp.MustCompile(`-invoke=\S+`)

// role is the account of the roles that the examples assume.
func (a account) role() *account {
	a.accessKey = "ROLE" + a.accessKey
	return a.in(a.region)
}

// exampleAccount has the tables that the examples name, and lets the roles that they name be assumed. With exports, "orders" can be exported.
func exampleAccount(t *testing.T, exports bool) *account {
	t.Helper()
	a := newAccount(t)
	var server *controlplane.Server
	if exports {
		server = controlplane.New(dynamodblocal.Shared(t).URL)
		t.Cleanup(server.Close)
		a = a.through(server.URL).in(a.region)
	}
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("Action") != "AssumeRole" {
			http.Error(w, "no such action", http.StatusBadRequest)
			return
		}
		_, _ = fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`+
			`<SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, a.role().accessKey)
	}))
	t.Cleanup(sts.Close)
	a.sts = sts.URL
	store := a.withS3()
	store.MakeBucket(t, "example-exports")
	store.MakeBucket(t, "example-fixtures")
	store.bucket = "example-fixtures"
	store.put(t, "fixtures/orders/one.jsonl", `{"customer_id": "c-1", "order_id": "1"}`)
	store.put(t, "fixtures/orders/more/two.jsonl.gz", gzipped(t, `{"customer_id": "c-1", "order_id": "2"}`))
	key := []string{"customer_id:S", "order_id:S"}
	schema, definitions := keySchema(key...)
	a.createWith(&dynamodb.CreateTableInput{
		TableName: aws.String("orders"), KeySchema: schema,
		AttributeDefinitions: append(definitions, types.AttributeDefinition{AttributeName: aws.String("warehouse"), AttributeType: types.ScalarAttributeTypeS}),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-warehouse"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
			KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("warehouse"), KeyType: types.KeyTypeHash}},
		}},
	})
	some := []item{
		{"customer_id": s("c-1001"), "order_id": s("2026-10-28#1"), "status": s("OPEN"), "amount": n("24.90"), "warehouse": s("Leipzig")},
		{"customer_id": s("c-1001"), "order_id": s("2026-11-02#1"), "status": s("SHIPPED"), "amount": n("8")},
		{"customer_id": s("c-1002"), "order_id": s("2026-11-03#1"), "status": s("OPEN"), "amount": n("129")},
		{"customer_id": s("c-1003"), "order_id": s("2026-11-03#2"), "status": s("CANCELLED"), "amount": n("0")},
		{
			"customer_id": s("c-1004"), "order_id": s("2024-05-06#1"), "status": s("CANCELLED"), "amount": n("1"),
			"created_at": s("2024-05-06T07:08:09Z"), "test_run": s("nightly"),
		},
	}
	a.put("orders", some...)
	if exports {
		server.UseS3(store.Client())
		a.recover("orders")
	}
	stale := item{"customer_id": s("c-1"), "order_id": s("stale")}
	for _, table := range []string{"orders-staging", "orders-open", "orders-in-warehouse", "orders-test"} {
		a.create(table, key...)
	}
	a.put("orders-staging", stale)
	a.create("sessions-test", "id:S")
	a.put("sessions-test", orders(3)...)
	a.in("us-east-1").create("orders-us", key...)
	a.role().create("orders", key...)
	there := a.role().in("eu-central-1")
	there.create("orders", key...)
	there.put("orders", some...)
	return a
}

// The example of the provider block is one that Terraform accepts.
func TestAccExamples_provider(t *testing.T) {
	t.Parallel()
	acceptance(t)
	text, err := os.ReadFile(filepath.Join(examples, "provider", "provider.tf"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkspace(t)
	w.write("required.tf", "")
	w.write("provider.tf", string(text))
	w.must("validate")
}
