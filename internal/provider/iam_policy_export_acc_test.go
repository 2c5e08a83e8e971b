// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// The policy for a copy by an export has every action of DynamoDB that the run calls, and no other. What AWS does in S3 for it is not
// to be seen in calls.
func TestAccIAMPolicy_export(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, test := range map[string]struct {
		more   string
		s3     []string
		direct bool
	}{
		"bulk":   {``, []string{"s3:AbortMultipartUpload", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:PutObjectAcl"}, false},
		"read":   {`on_conflict = "skip"`, []string{"s3:AbortMultipartUpload", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:PutObjectAcl"}, false},
		"direct": {``, []string{"s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExporting(t)
			from, dest := x.arn("from"), x.arn("dest")
			destination := fmt.Sprintf("{ table = %q }\n  export = { s3_bucket = %q }", dest, x.storage.bucket)
			if test.direct {
				destination = fmt.Sprintf("{ s3 = { bucket = %q } }", x.storage.bucket)
			}
			before := len(x.server.Calls())
			apply(t, resource.TestStep{
				Config: hcl(x.provider(), fmt.Sprintf(`
data "dynamoops_iam_policy" "this" {
  operation   = "copy"
  source      = { table = %[1]q }
  destination = %[2]s
  method      = "export_import"
  %[3]s
}
resource "dynamoops_table_copy" "this" {
  source      = { table = %[1]q }
  destination = %[2]s
  method      = "export_import"
  %[3]s
}`, from, destination, test.more)),
				Check: resource.TestCheckResourceAttrWith("data.dynamoops_iam_policy.this", "json", func(policy string) error {
					want := map[permission]bool{}
					for _, call := range needed(x.server.Calls()[before:]) {
						want[permission{"dynamodb:" + call.Operation, call.Table}] = true
					}
					for _, action := range test.s3 {
						want[permission{action, ""}] = true
					}
					if got := actionsOf(t, policy); !maps.Equal(got, want) {
						return fmt.Errorf("the policy allows\n%v\nthe run called\n%v", got, want)
					}
					return nil
				}),
			})
		})
	}
}

// needed are the calls that a run cannot do without. It asks for the bulk operations under way if it may.
func needed(calls []controlplane.Call) []controlplane.Call {
	return slices.DeleteFunc(calls, func(call controlplane.Call) bool { return call.Operation == "ListBulkOperations" })
}

// actionsOf are the actions of a policy by the names of the tables that they, or what belongs to them, are allowed on; none for S3. Its
// wildcards stand for what has a name only when it has been made.
func actionsOf(t *testing.T, policy string) map[permission]bool {
	t.Helper()
	var document struct {
		Statement []struct {
			Action   []string
			Resource string
		}
	}
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		t.Fatal(err)
	}
	actions := map[permission]bool{}
	for _, statement := range document.Statement {
		if strings.Contains(strings.TrimSuffix(statement.Resource, "/*"), "*") || slices.Contains(statement.Action, "*") {
			t.Errorf("%v on %s is not the least", statement.Action, statement.Resource)
		}
		_, table, _ := strings.Cut(statement.Resource, ":table/")
		table, _, _ = strings.Cut(table, "/")
		for _, action := range statement.Action {
			actions[permission{action, table}] = true
		}
	}
	return actions
}
