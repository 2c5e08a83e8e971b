// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// A null among the elements of a list or a map is refused by name, wherever it comes from.
func TestAccNullElements_refused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.create("dst", "id:S")
	a.put("from", orders(3)...)
	const copyWith = `
variable "none" { 
  type    = string
  default = null
}
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { table = "dst" }
  %s
}`
	for name, test := range map[string]struct {
		provider, config string
		want             []string
	}{
		"a step's map":  {"", fmt.Sprintf(copyWith, `transform = [{ set = { status = "'x'", email = var.none } }]`), []string{"Null In A Map", `transform[0].set["email"] is null`, "out of a map called x, write { for k, v"}},
		"a step's list": {"", fmt.Sprintf(copyWith, `transform = [{ remove = ["a", var.none] }]`), []string{"Null In A List", `transform[0].remove[1] is null`, "out of a list called x, write [for v"}},
		"a step":        {"", fmt.Sprintf(copyWith, `transform = [{ remove = ["a"] }, null]`), []string{"Null In A List", `transform[1] is null`}},
		"a tag":         {"", fmt.Sprintf(copyWith, `emr = { tags = { a = var.none } }`), []string{"Null In A Map", `emr.tags["a"] is null`}},
		"a set": {"", `
resource "dynamoops_table_purge" "this" {
  table = "dst"
  allow = [null]
}`, []string{"Null In A Set", "An element of allow is null", "out of a set called x, write [for v"}},
		"a data source": {"", `
data "dynamoops_iam_policy" "this" {
  operation = "purge"
  table     = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
  filter    = { expression = "attribute_exists(#a)", names = { "#a" = null } }
}`, []string{"Null In A Map", `filter.names["#a"] is null`}},
		"the accounts":         {`allowed_account_ids = [null]`, fmt.Sprintf(copyWith, ``), []string{"Null In A List", "allowed_account_ids[0] is null"}},
		"the protected tables": {`protected_tables = ["prod-*", var.none]`, fmt.Sprintf(copyWith, ``), []string{"Null In A List", "protected_tables[1] is null"}},
		"protected tables that a resource names": {
			`protected_tables = [terraform_data.id.id]`, "resource \"terraform_data\" \"id\" {}\n" + fmt.Sprintf(copyWith, ``), []string{"Provider Argument Not Known Yet", "while planning"},
		},
		"known only in the apply": {"", `
resource "terraform_data" "later" {}
` + fmt.Sprintf(copyWith, `transform = [{ remove = ["a", terraform_data.later.id == "" ? "b" : null] }]`), []string{"Null In A List", `transform[0].remove[1] is null`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apply(t, resource.TestStep{Config: hcl(a.provider(test.provider), test.config), ExpectError: saying(test.want...)})
			if got := len(a.scan("dst")); got != 0 {
				t.Errorf("%d items were written", got)
			}
		})
	}
}

// Terraform has the configuration of an action validated before it knows any variable, and then no more: the provider does so itself.
func TestAccActions_validatedWithVariables(t *testing.T) {
	t.Parallel()
	w := newActionWorkspace(t)
	a := orderCopy(t)
	w.write("main.tf", hcl(a.provider(), `
variable "timeout" { default = "10m" }
variable "expression" { default = "'x'" }
action "dynamoops_table_copy" "seed" {
  config {
    source      = { table = "orders" }
    destination = { table = "copy" }
    transform   = [{ set = { status = var.expression } }]
    timeout     = var.timeout
  }
}`))
	for variable, want := range map[string][]string{
		"timeout=0s":      {"Invalid Duration"},
		"timeout=soon":    {"Invalid Duration"},
		"expression=null": {"Null In A Map", `transform[0].set["status"] is null`},
	} {
		if variable == "expression=null" {
			w.write("null.auto.tfvars", "expression = null")
			variable = "timeout=10m"
		}
		output, err := w.terraform("apply", "-auto-approve", "-no-color", "-invoke=action.dynamoops_table_copy.seed", "-var="+variable)
		if err == nil || !saying(want...).MatchString(output) || strings.Contains(output, "error in the provider") {
			t.Errorf("%s: %v\n%s", want, err, output)
		}
	}
	if got := len(a.scan("copy")); got != 0 {
		t.Errorf("%d items were written", got)
	}
}

// A misspelled name in an object is dropped by Terraform. Where it was the only one, the plan says so; what is set in part is not
// warned of.
func TestAccEmptyObjects_warnedOf(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.create("dst", "id:S")
	w := newWorkspace(t)
	w.write("main.tf", hcl(a.provider(), `
resource "dynamoops_table_copy" "this" {
  source      = { table = "from", idnex = "by-status" }
  destination = { table = "dst" }
  throughput  = { write_unit = 5, read_unit = 5 }
  emr         = {}
  export      = { s3_buckt = "b" }
  timeouts    = { craete = "1m" }
}`))
	output := w.must("plan", "-no-color")
	for _, object := range []string{"throughput", "emr", "export", "timeouts"} {
		if !saying("Nothing Is Set In "+object, "Nothing in "+object+" is set, or the names of what is set are misspelled").MatchString(output) {
			t.Errorf("no warning of %s:\n%s", object, output)
		}
	}
	if strings.Contains(output, "Nothing Is Set In source") {
		t.Errorf("a warning of source:\n%s", output)
	}
}
