// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// replaceable makes the table "staging": with the key and the index of the table of tableAccount, an item, and settings of its own.
func (a *account) replaceable() (id string) {
	a.t.Helper()
	schema, definitions := keySchema("id:S", "sort:S")
	indexKey, _ := keySchema("sort:S")
	if _, err := a.client.CreateTable(a.t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("staging"), KeySchema: schema, AttributeDefinitions: definitions, BillingMode: types.BillingModePayPerRequest,
		OnDemandThroughput: &types.OnDemandThroughput{MaxWriteRequestUnits: aws.Int64(50)},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-sort"), KeySchema: indexKey, Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"amount"}},
			OnDemandThroughput: &types.OnDemandThroughput{MaxReadRequestUnits: aws.Int64(60)},
		}},
		DeletionProtectionEnabled: aws.Bool(true), Tags: []types.Tag{{Key: aws.String("stage"), Value: aws.String("staging")}},
	}); err != nil {
		a.t.Fatal(err)
	}
	for a.status("staging") != types.TableStatusActive {
		continue
	}
	a.put("staging", item{"id": s("stale"), "sort": s("a")})
	return *a.description("staging").TableId
}

// replaced checks that "staging" has the items of the other table, and its own settings.
func (a *account) replaced(id string, items []item) {
	a.t.Helper()
	equal(a.t, a.scan("staging"), items, "id", "sort")
	d := a.description("staging")
	tags, err := a.client.ListTagsOfResource(a.t.Context(), &dynamodb.ListTagsOfResourceInput{ResourceArn: d.TableArn})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Value != "staging" {
		a.t.Errorf("the tags are %+v, %v", tags, err)
	}
	index := d.GlobalSecondaryIndexes[0]
	if *d.TableId == id || d.BillingModeSummary.BillingMode != types.BillingModePayPerRequest || *d.OnDemandThroughput.MaxWriteRequestUnits != 50 || *index.OnDemandThroughput.MaxReadRequestUnits != 60 ||
		!*d.DeletionProtectionEnabled || d.StreamSpecification != nil || d.TableClassSummary != nil || d.SSEDescription != nil {
		a.t.Errorf("the table was %s and is %+v", id, d)
	}
}

const replacing = `backup_restore = { replace_destination = true }`

func (a *account) replaceConfig(more string) string {
	return a.createConfig(`table = "staging"`, `method = "backup_restore"`, more)
}

// A destination that is there is dropped when that is asked for, and announced, and keeps its settings.
func TestAccTableCopy_replaces(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, more := range map[string]string{
		"a new backup": replacing,
		"a backup":     `backup_restore = { replace_destination = true, backup_arn = %q }`,
		"recovery":     `backup_restore = { replace_destination = true, point_in_time = "latest" }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, a := tableAccount(t)
			items := planeOrders(20)
			a.put("orders", items...)
			a.recover("orders")
			id, backup := a.replaceable(), ""
			if name == "a backup" {
				backup = a.backUp("orders")
				more = fmt.Sprintf(more, backup)
			}
			calls := len(server.Calls())
			apply(t,
				resource.TestStep{Config: a.replaceConfig(more), PlanOnly: true, ExpectNonEmptyPlan: true},
				resource.TestStep{
					PreConfig: func() { noWrites(t, server, calls) },
					Config:    a.replaceConfig(more),
					Check: resource.ComposeAggregateTestCheckFunc(
						resource.TestCheckResourceAttr(thisCopy, "destination_created", "false"), resource.TestCheckResourceAttr(thisCopy, "backup_arn", backup),
						resource.TestCheckResourceAttr(thisCopy, "settings_not_copied.#", "0"),
					),
				},
			)
			a.replaced(id, items)
			if left := a.backups("orders"); len(left) != map[bool]int{true: 1}[backup != ""] {
				t.Errorf("the backups are %+v", left)
			}
		})
	}
}

// A replacement that stops anywhere leaves the destination as it was, or goes on: the backup and the drop are done once.
func TestAccTableCopy_replaceGoesOn(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	items := planeOrders(20)
	a.put("orders", items...)
	id := a.replaceable()
	refusedWith := func(operation string, after int, says ...string) resource.TestStep {
		return resource.TestStep{
			PreConfig: func() {
				seen := 0
				server.OnRequest(func(call controlplane.Call, _ []byte) error {
					if call.Operation == operation {
						seen++
					}
					if call.Operation == operation && seen > after {
						return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
					}
					return nil
				})
			},
			Config:      a.replaceConfig(replacing),
			ExpectError: saying(says...),
		}
	}
	refused := func(operation string, after int, says ...string) resource.TestStep {
		return refusedWith(operation, after, append([]string{"Permission Missing"}, append(says, operation)...)...)
	}
	untouched := func(step resource.TestStep) resource.TestStep {
		prepare := step.PreConfig
		step.PreConfig = func() {
			if d := a.description("staging"); *d.TableId != id || !*d.DeletionProtectionEnabled {
				t.Errorf("the table is %+v", d)
			}
			prepare()
		}
		return step
	}
	apply(t,
		refused("CreateBackup", 0, "was not dropped"), untouched(refused("RestoreTableFromBackup", 0, "was not dropped")), untouched(refused("DeleteTable", 0, "was not dropped", "are as they were")),
		untouched(refused("RestoreTableFromBackup", 1, "was dropped", "Apply again")),
		refusedWith("TagResource", 0, "Settings Differ After Recreate", "tags was"), refused("DeleteBackup", 0),
		resource.TestStep{
			PreConfig: func() { server.OnRequest(nil) },
			Config:    a.replaceConfig(replacing),
			Check:     resource.TestCheckResourceAttr(thisCopy, "resumed", "true"),
		},
	)
	a.replaced(id, items)
	dropped := 0
	for _, call := range server.Calls() {
		if call.Operation == "DeleteTable" && call.Table == "staging" {
			dropped++
		}
	}
	if left := a.backups("orders"); len(left) != 0 || dropped != 2 { // The first one was refused.
		t.Errorf("the table was dropped in %d requests, and the backups are %+v", dropped, left)
	}
}

// A table that somebody else makes between the drop and the restore is not taken for the restored one. Once it is gone, the next run
// restores, also one that other triggers have caused.
func TestAccTableCopy_replaceMeetsAnother(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	items := planeOrders(20)
	a.put("orders", items...)
	id, restores := a.replaceable(), 0
	schema, definitions := keySchema("id:S", "sort:S")
	apply(t,
		resource.TestStep{
			PreConfig: func() {
				server.OnRequest(func(call controlplane.Call, _ []byte) error {
					if call.Operation == "RestoreTableFromBackup" {
						restores++
					}
					if call.Operation == "RestoreTableFromBackup" && restores > 1 { // The first is the proof.
						return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
					}
					return nil
				})
			},
			Config:      a.replaceConfig(replacing),
			ExpectError: saying("Permission Missing", "was dropped"),
		},
		resource.TestStep{
			PreConfig: func() {
				server.OnRequest(nil)
				a.createWith(&dynamodb.CreateTableInput{TableName: aws.String("staging"), KeySchema: schema, AttributeDefinitions: definitions})
				for a.status("staging") != types.TableStatusActive {
					continue
				}
			},
			Config:      a.replaceConfig(replacing),
			ExpectError: saying("Another Table Has The Name", "delete the new table"),
		},
		resource.TestStep{
			PreConfig: func() {
				if _, err := a.client.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("staging")}); err != nil {
					t.Fatal(err)
				}
			},
			Config: a.replaceConfig(replacing + "\n  triggers = { other = \"1\" }"),
			Check:  resource.TestCheckResourceAttr(thisCopy, "resumed", "true"),
		},
	)
	a.replaced(id, items)
}

// What cannot be replaced with its settings is refused by the plan, and what is going to be dropped is named by it.
func TestAccTableCopy_replaceRefused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	a.replaceable()
	a.recover("orders")
	schema, definitions := keySchema("id:S", "sort:S")
	a.createWith(&dynamodb.CreateTableInput{TableName: aws.String("other"), KeySchema: schema, AttributeDefinitions: definitions})
	calls := len(server.Calls())
	t.Cleanup(func() { noWrites(t, server, calls) })
	for name, test := range map[string]struct {
		destination, more string
		says              []string
	}{
		"other indexes":      {`table = "other"`, replacing, []string{"Destination Cannot Be Replaced", "secondary indexes"}},
		"a time in the past": {`table = "staging"`, `backup_restore = { replace_destination = true, point_in_time = "2026-01-01T00:00:00Z" }`, []string{"Destination Cannot Be Replaced", "a time in the past"}},
		"none":               {`table = "missing"`, replacing, []string{"Table Not Found", "create_table"}},
		"itself":             {`table = "orders"`, replacing, []string{"Source Equals Destination"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apply(t, resource.TestStep{Config: a.createConfig(test.destination, `method = "backup_restore"`, test.more), PlanOnly: true, ExpectError: saying(test.says...)})
		})
	}
}
