// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// recreateConfig purges the table of tableAccount, with more arguments.
func (a *account) recreateConfig(arguments string) string {
	providerBlock, _, _ := strings.Cut(a.tableConfig("orders"), "data ")
	return hcl(strings.Replace(providerBlock, "endpoints {", "journal { path = \""+a.journal+"\" }\n  endpoints {", 1), `
resource "dynamoops_table_purge" "this" {
  table = "orders"
  `+arguments+`
}`)
}

const thisPurge = "dynamoops_table_purge.this"

// A recreate is refused before anything is changed; where it is allowed, the table is empty, another one, and as it was.
func TestAccTablePurge_recreate(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	a.put("orders", item{"id": s("1"), "sort": s("a")}, item{"id": s("2"), "sort": s("b")})
	before, err := a.client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
	if err != nil {
		t.Fatal(err)
	}
	calls := len(server.Calls())
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: factories, Steps: []resource.TestStep{
		{Config: a.recreateConfig(`method = "recreate"`), ExpectError: saying("Table Cannot Be Recreated", "it has a stream", `add "stream" to allow`)},
		{
			Config:      a.recreateConfig("method = \"recreate\"\n  allow = [\"stream\"]\n  require_pitr = true"),
			ExpectError: saying("No Point-In-Time Recovery"),
		},
		{
			Config:      a.recreateConfig("method = \"delete_items\"\n  backup_before = true"),
			ExpectError: saying("Backup Without Recreate"),
		},
		{
			PreConfig: func() {
				for _, call := range server.Calls()[calls:] {
					if call.Writes {
						t.Errorf("%s was called for a run that is refused", call.Operation)
					}
				}
			},
			Config: a.recreateConfig("allow = [\"stream\"]\n  backup_before = true"),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr(thisPurge, "method_used", "recreate"),
				resource.TestCheckResourceAttr(thisPurge, "table_id_before", *before.Table.TableId),
				resource.TestCheckResourceAttr(thisPurge, "stream_arn_before", *before.Table.LatestStreamArn),
				resource.TestCheckResourceAttr(thisPurge, "resumed", "false"),
				resource.TestMatchResourceAttr(thisPurge, "backup_arn", saying("arn:aws:dynamodb:", "/backup/")),
				resource.TestMatchResourceAttr(thisPurge, "settings_json", saying("time_to_live", "expires")),
				resource.TestCheckTypeSetElemAttr(thisPurge, "settings_restored.*", "deletion_protection"),
			),
		},
	}})
	if left := a.scan("orders"); len(left) != 0 {
		t.Errorf("the table still holds %d items", len(left))
	}
	after, err := a.client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
	if err != nil {
		t.Fatal(err)
	}
	if *after.Table.TableId == *before.Table.TableId || !*after.Table.DeletionProtectionEnabled || after.Table.TableClassSummary == nil {
		t.Errorf("the table is %+v now", after.Table)
	}
}
