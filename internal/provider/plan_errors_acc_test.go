// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// orderTables makes the tables of the tests of plans: orders with an index of each kind, copy with the same key, and two
// with keys that do not fit.
func orderTables(t *testing.T) *account {
	t.Helper()
	a := newAccount(t)
	schema, definitions := keySchema("id:S", "sort:N")
	byStatus, statusDefinition := keySchema("status:S", "sort:N")
	a.createWith(&dynamodb.CreateTableInput{
		TableName: aws.String("orders"), KeySchema: schema, AttributeDefinitions: append(definitions, statusDefinition[0]),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-status"), KeySchema: byStatus, Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}},
	})
	a.create("copy", "id:S", "sort:N")
	a.create("prod-orders", "id:S", "sort:N")
	a.create("other-name", "number:S", "sort:N")
	a.create("other-type", "id:B", "sort:N")
	return a
}

func TestAccPlan_refusesCopy(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := orderTables(t)
	folder := t.TempDir()
	file := func(name, content string) string { return writeFile(t, filepath.Join(folder, name), content) }
	tests := map[string]struct {
		source, destination, more string
		want                      []string
	}{
		"source missing":      {`table = "gone"`, `table = "copy"`, ``, []string{"Table Not Found", `There is no table "gone"`, "by the arn of its resource"}},
		"destination missing": {`table = "orders"`, `table = "gone"`, ``, []string{"Table Not Found", `There is no table "gone"`}},
		"key's name":          {`table = "orders"`, `table = "other-name"`, ``, []string{"Keys Do Not Fit", "number (S), sort (N)", "id (S), sort (N)"}},
		"key's type":          {`table = "orders"`, `table = "other-type"`, ``, []string{"Keys Do Not Fit", "id (B), sort (N)", "id (S), sort (N)"}},
		"same table":          {`table = "orders"`, `table = "orders"`, ``, []string{"Source Equals Destination"}},
		"same table by ARN":   {`table = "orders"`, fmt.Sprintf("table = %q", a.arn("orders")), ``, []string{"Source Equals Destination"}},
		"index missing":       {`table = "orders", index = "by-colour"`, `table = "copy"`, ``, []string{"Index Not Found", `no secondary index "by-colour"`}},
		"consistent index": {
			`table = "orders", index = "by-status", consistent_read = true`, `table = "copy"`, ``,
			[]string{"Consistent Read Of A Global Index", "eventual consistency only"},
		},
		"ARN and Region": {
			`table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", region = "us-east-1"`, `table = "copy"`, ``,
			[]string{"Region And ARN Contradict Each Other", "ARN says eu-west-1, region says us-east-1"},
		},
		"ARN of a stream": {`table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/1"`, `table = "copy"`, ``, []string{"Not A Table ARN"}},
		"protected":       {`table = "orders"`, `table = "prod-orders"`, ``, []string{"Table Is Protected", `"prod-*"`}},
		"protected by ARN": {
			`table = "orders"`, fmt.Sprintf("table = %q", a.arn("prod-orders")), ``, []string{"Table Is Protected", `"prod-*"`},
		},
		"unused name": {
			`table = "orders"`, `table = "copy"`, `filter = { expression = "attribute_exists(a)", names = { "#b" = "b" } }`,
			[]string{"Unused Placeholder", "does not use #b"},
		},
		"missing value": {
			`table = "orders"`, `table = "copy"`, `filter = { expression = "a = :v" }`, []string{"Undefined Placeholder", "uses :v, which values does not define"},
		},
		"syntax": {
			`table = "orders"`, `table = "copy"`, `filter = { expression = "a == :v", values = { ":v" = 1 } }`, []string{"Invalid Filter Expression", "Column", "Write = in place of =="},
		},
		"reserved word": {
			`table = "orders"`, `table = "copy"`, `filter = { expression = "status = :v", values = { ":v" = 1 } }`, []string{"status", "reserved"},
		},
		"only DynamoDB knows": { // A filter may not compare a primary key.
			`table = "orders"`, `table = "copy"`, `filter = { expression = "begins_with(a, :v)", values = { ":v" = 1 } }`, []string{"begins_with"},
		},
		"file missing":   {fmt.Sprintf("file = %q", filepath.Join(folder, "gone")), `table = "copy"`, ``, []string{"File Cannot Be Used", "no such file"}},
		"folder missing": {`table = "orders"`, fmt.Sprintf("file = %q", filepath.Join(folder, "gone", "dump")), ``, []string{"File Cannot Be Used", "folder of the destination file"}},
		"malformed file": {
			fmt.Sprintf("file = %q", file("malformed", `{"id": "1", "sort": 1}`+"\n\n"+`{"id": "2", "sort": 2`+"\n")), `table = "copy"`, ``,
			[]string{"Malformed File", "Line 3 of"},
		},
		"file without key": {
			fmt.Sprintf("file = %q", file("no-key", `{"id": "1", "sort": 1}`+"\n"+`{"id": "2"}`+"\n")), `table = "copy"`, ``, []string{"Malformed File", "Line 2 of", "sort"},
		},
		"key of another type in file": {
			fmt.Sprintf("file = %q", file("key-type", `{"id": "1", "sort": "1"}`+"\n")), `table = "copy"`, ``, []string{"Malformed File", "Line 1 of", "sort"},
		},
		"duplicate key": {
			fmt.Sprintf("file = %q", file("duplicate", `{"id": "1", "sort": 1}`+"\n"+`{"id": "1", "sort": 2}`+"\n"+`{"id": "1", "sort": 1.0}`+"\n")), `table = "copy"`, ``,
			[]string{"Malformed File", "Line 3 of", "same key as the one in line 1"},
		},
		"file with filter": {
			fmt.Sprintf("file = %q", file("good", `{"id": "1", "sort": 1}`)), `table = "copy"`, `filter = { expression = "attribute_exists(a)" }`, []string{"A File Has No Filter"},
		},
		"table and file": {`table = "orders", file = "x"`, `table = "copy"`, ``, []string{"Invalid Attribute Combination", "source = {", "Exactly one of table, s3 and file must be given. 2 are."}},
		"neither":        {`table = "orders"`, `region = "eu-west-1"`, ``, []string{"Invalid Attribute Combination", "destination = {", "Exactly one of table, s3 and file must be given. None is."}},
		"emr":            {`table = "orders"`, `table = "copy"`, `emr = { s3_uri = "s3://work" }`, []string{"EMR Without Its Method", `Set method = "emr"`}},
		"method":         {`table = "orders"`, `table = "copy"`, `method = "teleport"`, []string{"method", `"auto" "scan"`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusedAtPlan(t, a, fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source = { %s }
  destination = { %s }
  %s
}`, test.source, test.destination, test.more), test.want...)
		})
	}
}

func TestAccPlan_refusesPurge(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := orderTables(t)
	for name, test := range map[string]struct {
		arguments string
		want      []string
	}{
		"missing": {`table = "gone"`, []string{"Table Not Found", "dynamoops_table_purge.this", `table = "gone"`, `There is no table "gone"`}},
		"missing, beside what is not known": {
			"table = \"gone\"\n  filter = { expression = \"a = :v\", values = { \":v\" = terraform_data.later.id } }", []string{"Table Not Found", `There is no table "gone"`},
		},
		"39 digits beside what is not known": {
			"table = \"orders\"\n  filter = { expression = \"a IN (:v, :w)\", values = { \":v\" = 123456789012345678901234567890123456789, \":w\" = terraform_data.later.id } }",
			[]string{"Filter Value", "38"},
		},
		"a filter or none": {
			"table = \"orders\"\n  filter = terraform_data.later.id == \"1\" ? null : { expression = \"a = :v\", values = { \":v\" = terraform_data.later.id } }",
			[]string{"Filter Not Known", "Write the filter as an object of which only parts are unknown"},
		},
		"protected":              {`table = "prod-orders"`, []string{"Table Is Protected", `"prod-*"`}},
		"no filter to recheck":   {"table = \"orders\"\n  recheck_filter = false", []string{"Invalid Attribute Combination", `"filter" must be specified when "recheck_filter" is specified`}},
		"emr":                    {"table = \"orders\"\n  emr = { s3_uri = \"s3://work\" }", []string{"EMR Without Its Method", `Set method = "emr"`}},
		"undefined name":         {"table = \"orders\"\n  filter = { expression = \"attribute_exists(#a)\" }", []string{"Undefined Placeholder", "#a"}},
		"value without colon":    {"table = \"orders\"\n  filter = { expression = \"a = :v\", values = { v = 1 } }", []string{"does not begin with", ":v"}},
		"empty set":              {"table = \"orders\"\n  filter = { expression = \"a = :v\", values = { \":v\" = toset([]) } }", []string{"empty set"}},
		"no DynamoDB JSON":       {"table = \"orders\"\n  filter = { expression = \"a = :v\", values_json = jsonencode({ \":v\" = \"x\" }) }", []string{"Invalid Filter Values", "one object of DynamoDB JSON"}},
		"values given twice":     {"table = \"orders\"\n  filter = { expression = \"a = :v\", values = { \":v\" = 1 }, values_json = \"{}\" }", []string{"Invalid Attribute Combination", "values"}},
		"39 digits":              {"table = \"orders\"\n  filter = { expression = \"a = :v\", values = { \":v\" = 123456789012345678901234567890123456789 } }", []string{"Filter Value", "38"}},
		"Region and ARN":         {"table = \"arn:aws:dynamodb:eu-west-1:111122223333:table/orders\"\n  region = \"us-east-1\"", []string{"Region And ARN Contradict Each Other"}},
		"neither name nor ARN":   {`table = "no/table"`, []string{"must be a table name"}},
		"unknown method":         {"table = \"orders\"\n  method = \"burn\"", []string{"method"}},
		"timeout is no duration": {"table = \"orders\"\n  timeouts = { create = \"soon\" }", []string{"Invalid Duration", "dynamoops_table_purge.this", "of 1s or more"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusedAtPlan(t, a, fmt.Sprintf("resource \"terraform_data\" \"later\" {}\nresource \"dynamoops_table_purge\" \"this\" {\n  %s\n}", test.arguments), test.want...)
		})
	}
}

func refusedAtPlan(t *testing.T, a *account, config string, want ...string) {
	t.Helper()
	apply(t, resource.TestStep{
		Config: hcl(a.provider(`protected_tables = ["prod-*"]`), config), PlanOnly: true, ExpectError: saying(want...),
	})
}

// What is not known yet passes the plan: a table that the same apply makes.
func TestAccPlan_unknownPasses(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.put("from", orders(5)...)
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), `
resource "terraform_data" "made" {
  input = { table = "made", status = "OPEN" }
}
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { table = terraform_data.made.output.table }
  filter = {
    expression = "#s = :s"
    names      = { "#s" = "status" }
    values     = { ":s" = terraform_data.made.output.status }
  }
}
resource "dynamoops_table_purge" "this" {
  table    = terraform_data.made.output.table
  triggers = { copy = dynamoops_table_copy.this.id }
}`),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{afterPlan(func() { a.create("made", "id:S") })}},
		ConfigStateChecks: []statecheck.StateCheck{
			ledger("dynamoops_table_copy.this", "items_written", 2, 3),
			ledger("dynamoops_table_purge.this", "items_deleted", 2, 0),
		},
	})
}

// afterPlan does something between the plan and the apply.
type afterPlan func()

func (do afterPlan) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	do()
}
