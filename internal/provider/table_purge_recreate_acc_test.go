// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// recreateConfig purges the table of tableAccount, with more arguments.
func (a *account) recreateConfig(arguments string) string {
	return hcl(a.recreateProvider(), `
resource "dynamoops_table_purge" "this" {
  table = "orders"
  `+arguments+`
}`)
}

// recreateProvider is the provider block of tableConfig, with a journal.
func (a *account) recreateProvider() string {
	providerBlock, _, _ := strings.Cut(a.tableConfig("orders"), "data ")
	return strings.Replace(providerBlock, "endpoints {", "journal { path = \""+a.journal+"\" }\n  endpoints {", 1)
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

// A purge that deletes items first puts back what an interrupted recreate has changed of the table: no other run would.
func TestAccTablePurge_givesBack(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	a.put("orders", item{"id": s("1"), "sort": s("a")}, item{"id": s("2"), "sort": s("b")})
	protected := func() bool {
		answer, err := a.client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
		if err != nil {
			t.Fatal(err)
		}
		return *answer.Table.DeletionProtectionEnabled
	}
	refused := false
	server.OnRequest(func(call controlplane.Call, _ []byte) error {
		if refused = refused || call.Operation == "DeleteTable"; refused && (call.Operation == "DeleteTable" || call.Operation == "UpdateTable") {
			return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
		}
		return nil
	})
	const deletes = `method = "delete_items"`
	apply(t,
		resource.TestStep{
			Config:      a.recreateConfig("method = \"recreate\"\n  allow = [\"stream\"]"),
			ExpectError: saying("Permission Missing", "The table was not dropped.", "Its deletion protection may be off"),
		},
		resource.TestStep{
			PreConfig: func() {
				if protected() {
					t.Error("the table is protected, so that nothing is proved")
				}
			},
			Config:      a.recreateConfig(deletes),
			ExpectError: saying("Permission Missing", "could not be put back", "dynamodb:UpdateTable"),
		},
		resource.TestStep{
			PreConfig: func() {
				if left := a.scan("orders"); len(left) != 2 {
					t.Errorf("the table holds %d items after a run that has failed before it deletes any", len(left))
				}
				server.OnRequest(nil)
			},
			Config: a.recreateConfig(deletes),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr(thisPurge, "method_used", "delete_items"), resource.TestCheckResourceAttr(thisPurge, "items_deleted", "2"),
			),
		},
	)
	if !protected() {
		t.Error("the table is not protected against deletion any more")
	}
	if names, err := journal.Local(a.journal).Names(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("the journal holds %v, %v", names, err)
	}
}

// Whatever a recreate is refused over, it is found by reading alone.
func TestAccTablePurge_recreateRefused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	edited := func(edit func(*types.TableDescription)) func(*testing.T, *controlplane.Server, *account) {
		return func(_ *testing.T, server *controlplane.Server, a *account) {
			server.EditTable(a.region, a.accessKey, "orders", edit)
		}
	}
	const recreate = `method = "recreate"
  allow  = ["stream"]`
	for name, test := range map[string]struct {
		prepare   func(t *testing.T, server *controlplane.Server, a *account)
		arguments string
		want      []string
	}{
		"status": {
			edited(func(d *types.TableDescription) { d.TableStatus = types.TableStatusInaccessibleEncryptionCredentials }), recreate,
			[]string{"Table Not Active", "The table's status is INACCESSIBLE_ENCRYPTION_CREDENTIALS"},
		},
		"being changed": {
			edited(func(d *types.TableDescription) { d.TableStatus = types.TableStatusUpdating }), recreate, []string{"the table's status is UPDATING"},
		},
		"restore running": {
			edited(func(d *types.TableDescription) {
				d.TableStatus, d.RestoreSummary = types.TableStatusCreating, &types.RestoreSummary{RestoreInProgress: aws.Bool(true), RestoreDateTime: aws.Time(time.Now())}
			}), recreate, []string{"Table Not Active", "The table's status is CREATING"},
		},
		"index being built": {
			edited(func(d *types.TableDescription) { d.GlobalSecondaryIndexes[0].IndexStatus = types.IndexStatusCreating }), recreate,
			[]string{`the status of index "by-sort" is CREATING`},
		},
		"key": {
			edited(func(d *types.TableDescription) {
				d.SSEDescription.InaccessibleEncryptionDateTime = aws.Time(time.Now())
			}), recreate,
			[]string{"its KMS key cannot be used"},
		},
		"replicas": {
			edited(func(d *types.TableDescription) {
				d.Replicas = []types.ReplicaDescription{{RegionName: aws.String("us-east-1"), ReplicaStatus: types.ReplicaStatusActive}}
			}), recreate, []string{"it is part of a global table"},
		},
		"replicas allowed": {nil, `method = "recreate"
  allow  = ["stream", "replicas"]`, []string{"Replicas Cannot Be Recreated", "delete_items"}},
		"stream": {nil, `method = "recreate"`, []string{"it has a stream", `add "stream" to allow`}},
		"kinesis": {
			func(t *testing.T, _ *controlplane.Server, a *account) {
				_, err := a.client.EnableKinesisStreamingDestination(t.Context(), &dynamodb.EnableKinesisStreamingDestinationInput{
					TableName: aws.String("orders"), StreamArn: aws.String("arn:aws:kinesis:eu-west-1:123456789012:stream/orders"),
				})
				if err != nil {
					t.Fatal(err)
				}
			}, recreate, []string{"its changes go to Kinesis", `add "kinesis" to allow`},
		},
		"backup under way": {
			func(t *testing.T, server *controlplane.Server, a *account) {
				server.SetLooks("CreateBackup", 1_000_000)
				for range 5 { // Too early at first.
					if _, err := a.client.CreateBackup(t.Context(), &dynamodb.CreateBackupInput{TableName: aws.String("orders"), BackupName: aws.String("nightly")}); err == nil {
						return
					}
				}
				t.Fatal("there is no backup")
			}, recreate, []string{"a backup of it is being made"},
		},
		"permission": {
			func(_ *testing.T, server *controlplane.Server, _ *account) {
				server.OnRequest(func(call controlplane.Call, _ []byte) error {
					if call.Operation == "DescribeContributorInsights" {
						return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
					}
					return nil
				})
			}, recreate, []string{"Permission Missing", "dynamodb:DescribeContributorInsights"},
		},
		"recovery":  {nil, recreate + "\n  require_pitr = true", []string{"No Point-In-Time Recovery"}},
		"filter":    {nil, recreate + "\n  filter = { expression = \"attribute_exists(id)\" }", []string{"Filter And Recreate"}},
		"protected": {nil, recreate, []string{"Table Is Protected"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, a := tableAccount(t)
			if test.prepare != nil {
				test.prepare(t, server, a)
			}
			config := a.recreateConfig(test.arguments)
			if name == "protected" {
				config = strings.Replace(config, "  endpoints {", "  protected_tables = [\"ord*\"]\n  endpoints {", 1)
			}
			calls := len(server.Calls())
			apply(t, resource.TestStep{Config: config, ExpectError: saying(test.want...)})
			seen := server.Calls()[calls:]
			for _, call := range seen {
				if call.Writes {
					t.Errorf("%s was called for a run that is refused", call.Operation)
				}
			}
			if len(seen) == 0 && name != "protected" {
				t.Error("nothing was looked at")
			}
		})
	}
}
