// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// planeOrders are items of the table of tableAccount.
func planeOrders(count int) (items []item) {
	for i := range count {
		items = append(items, item{"id": s(fmt.Sprint("o-", i)), "sort": s(fmt.Sprint(i % 7)), "amount": n(fmt.Sprint(i))})
	}
	return items
}

// A run that dies goes on with its table and its items, also where it may replace none. Nothing but CreateTable comes before the items.
func TestAccTableCopy_createDies(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for operation, at := range map[string]int{"PutItem": 5, "UpdateTimeToLive": 1, "UpdateTable": 2} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			server, a := tableAccount(t)
			items := planeOrders(30)
			a.put("orders", items...)
			var mu sync.Mutex // Items are put by several requests at once.
			seen, dead, puts := 0, false, 0
			server.OnRequest(func(call controlplane.Call, body []byte) error {
				mu.Lock()
				defer mu.Unlock()
				if call.Table != "copy" {
					return nil
				}
				switch {
				case call.Operation == "PutItem":
					puts++
				case call.Operation == "CreateTable" && strings.Contains(string(body), "StreamEnabled"), call.Writes && call.Operation != "CreateTable" && puts == 0:
					t.Errorf("before the items: %s %s", call.Operation, body)
				}
				if call.Operation == operation {
					seen++
				}
				if dead = dead || seen == at; dead && call.Writes {
					return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "dead"}
				}
				return nil
			})
			config := a.createConfig(`table = "copy", create_table = "full"`, `verify = "full"`, `on_conflict = "fail"`)
			apply(t,
				resource.TestStep{Config: config, ExpectError: saying("Permission Missing")},
				resource.TestStep{
					PreConfig: func() { server.OnRequest(nil) },
					Config:    config,
					Check: resource.ComposeAggregateTestCheckFunc(
						resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"), resource.TestCheckResourceAttr(thisCopy, "items_written", "30"),
					),
				},
			)
			equal(t, a.scan("copy"), items, "id", "sort")
		})
	}
}

// A table that somebody else makes after a copy could not is used as it is: nothing of it is changed.
func TestAccTableCopy_createdByOthers(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	a.put("orders", planeOrders(3)...)
	config := a.createConfig(`table = "copy", create_table = "full"`)
	server.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation == "CreateTable" {
			return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
		}
		return nil
	})
	apply(t,
		resource.TestStep{Config: config, ExpectError: saying("Permission Missing", "CreateTable")},
		resource.TestStep{
			PreConfig: func() {
				server.OnRequest(nil)
				schema, definitions := keySchema("id:S", "sort:S")
				a.createWith(&dynamodb.CreateTableInput{TableName: aws.String("copy"), KeySchema: schema, AttributeDefinitions: definitions})
				for a.status("copy") != types.TableStatusActive {
					continue
				}
			},
			Config: config,
			Check:  resource.TestCheckResourceAttr(thisCopy, "destination_created", "false"),
		},
	)
	for _, call := range server.Calls() {
		if call.Table == "copy" && call.Writes && call.Operation != "CreateTable" && call.Operation != "BatchWriteItem" {
			t.Errorf("%s was called", call.Operation)
		}
	}
}

// Two accounts are not taken for one because nobody may be asked, and a table is made in no account but the caller's.
func TestAccTableCopy_createInWhichAccount(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	other := newAccount(t).through(server.URL).in("eu-west-1")
	a.sts = rolesOf(t, "", other)
	profiles := writeFile(t, t.TempDir()+"/config", fmt.Sprintf("[profile other]\naws_access_key_id = %s\naws_secret_access_key = s\n", other.accessKey))
	calls := len(server.Calls())
	config := func(destination string) string {
		config := a.createConfig(destination)
		return strings.Replace(config, "endpoints {", fmt.Sprintf("shared_config_files = [%q]\n  endpoints {\n    sts = %q", profiles, a.sts), 1)
	}
	foreign := controlplane.TableARN("eu-west-1", "someone", "copy")
	const key = `kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/b"`
	for destination, want := range map[string][]string{
		`table = "copy", create_table = "full", profile = "other", ` + key:                                                  {"Account Not Known", "by its ARN"},
		fmt.Sprintf(`table = %q, create_table = "full", assume_role = { role_arn = %q }, %s`, foreign, other.roleOf(), key): {"Table Of Another Account", "credentials"},
		`table = "copy", create_table = "full", region = "us-east-1", ` + key:                                               {"KMS Key Of Another Region"},
	} {
		apply(t, resource.TestStep{Config: config(destination), PlanOnly: true, ExpectError: saying(want...)})
	}
	noWrites(t, server, calls)
}

// A table that is made by its schema is compared too, and by nothing but its description.
func TestAccTableCopy_createdSchemaDiffers(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	a.put("orders", item{"id": s("1"), "sort": s("a")})
	config := a.createConfig(`table = "copy", create_table = "schema"`)
	capacity := func() {
		is := a.description("copy").ProvisionedThroughput
		units := &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(3), WriteCapacityUnits: is.WriteCapacityUnits}
		if _, err := a.client.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: aws.String("copy"), ProvisionedThroughput: units}); err != nil {
			t.Error(err)
		}
	}
	var once sync.Once
	var created atomic.Bool
	server.OnRequest(func(call controlplane.Call, _ []byte) error {
		switch {
		case call.Operation == "CreateTable":
			created.Store(true)
		case call.Operation == "DescribeTable" && created.Load():
			once.Do(func() { // It never had the capacity that was asked for.
				server.EditTable(a.region, a.accessKey, "copy", func(d *types.TableDescription) { d.ProvisionedThroughput.ReadCapacityUnits = aws.Int64(4) })
			})
		}
		return nil
	})
	apply(t,
		resource.TestStep{Config: config, ExpectError: saying("Settings Differ After Copy", "billing was", "ReadCapacityUnits")},
		resource.TestStep{
			PreConfig: capacity,
			Config:    config,
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"), resource.TestCheckResourceAttr(thisCopy, "items_written", "1"),
			),
		},
	)
	for _, call := range server.Calls() {
		if call.Table == "copy" && (call.Service != "dynamodb" || strings.HasPrefix(call.Operation, "Describe") && call.Operation != "DescribeTable") {
			t.Errorf("%s of %s was called", call.Operation, call.Service)
		}
	}
}
