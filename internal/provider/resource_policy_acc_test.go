// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

// A table of another account that lets the caller in by its resource policy is read, written and emptied by its ARN, with no role.
// Without the policy the plan is refused.
func TestAccResourcePolicy(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server := controlplane.New(dynamodblocal.Shared(t).URL)
	t.Cleanup(server.Close)
	theirs, ours := newAccount(t).through(server.URL).in("eu-west-1"), newAccount(t).through(server.URL).in("eu-west-1")
	theirs.create("orders", "id:S")
	ours.create("orders", "id:S")
	theirs.put("orders", orders(40)...)
	arn := theirs.arn("orders")
	config := hcl(ours.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "from" {
  source      = { table = %[1]q }
  destination = { table = "orders" }
  verify      = "full"
}
resource "dynamoops_table_purge" "old" {
  table      = %[1]q
  method     = "delete_items"
  filter     = { expression = "begins_with(id, :p)", values = { ":p" = "order-0001" } }
  depends_on = [dynamoops_table_copy.from]
}
resource "dynamoops_table_copy" "to" {
  source      = { table = "orders" }
  destination = { table = %[1]q }
  on_conflict = "skip"
  depends_on  = [dynamoops_table_purge.old]
}`, arn))
	apply(t,
		resource.TestStep{Config: config, PlanOnly: true, ExpectError: saying("Permission Missing", arn)},
		resource.TestStep{
			PreConfig: func() {
				if _, err := theirs.client.PutResourcePolicy(t.Context(), &dynamodb.PutResourcePolicyInput{ResourceArn: &arn, Policy: aws.String(tablePolicy(arn))}); err != nil {
					t.Fatal(err)
				}
			},
			Config: hcl(ours.provider(), fmt.Sprintf(`
resource "dynamoops_table_purge" "old" {
  table        = %q
  method       = "delete_items"
  require_pitr = true
}`, arn)),
			PlanOnly:    true,
			ExpectError: saying("Table Of Another Account", "profile or assume_role"),
		},
		resource.TestStep{
			Config: config,
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr("dynamoops_table_copy.from", "items_written", "40"),
				resource.TestCheckResourceAttr("dynamoops_table_copy.from", "verified", "true"),
				resource.TestCheckResourceAttr("dynamoops_table_copy.from", "source_table_arn", arn),
				resource.TestCheckResourceAttr("dynamoops_table_purge.old", "items_deleted", "10"),
				resource.TestCheckResourceAttr("dynamoops_table_copy.to", "items_written", "10"),
				resource.TestCheckResourceAttr("dynamoops_table_copy.to", "items_skipped", "30"),
				resource.TestCheckResourceAttr("dynamoops_table_copy.to", "destination_table_arn", arn),
			),
		},
	)
	equal(t, theirs.scan("orders"), orders(40), "id")
	equal(t, ours.scan("orders"), orders(40), "id")
}
