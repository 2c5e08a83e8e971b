// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	cryptorand "crypto/rand"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

// A recreate makes as many calls as the documentation says: for a table that is empty, for one that DynamoDB has not
// counted yet, and for one with many items.
func TestRecreateCountsCalls(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/resources/table_purge.md")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`makes \*\*([0-9]+) API calls\*\*`).FindSubmatch(page)
	if said == nil {
		t.Fatal("the documentation does not say how many calls a recreate makes")
	}
	for name, test := range map[string]struct {
		items   int
		counted int64
	}{"empty": {}, "just filled": {items: 100}, "full": {items: 2000, counted: 1_000_000}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := controlplane.New(dynamodblocal.Shared(t).URL)
			t.Cleanup(server.Close)
			for _, operation := range []string{"CreateTable", "DeleteTable"} { // What is left is a matter of time.
				server.SetLooks(operation, 0)
			}
			account := everysetting.NewAccount(server, cryptorand.Text())
			account.Create(t, &dynamodb.CreateTableInput{
				TableName: aws.String("orders"), BillingMode: types.BillingModePayPerRequest, AttributeDefinitions: everysetting.Attributes("id"), KeySchema: everysetting.Key("id"),
			})
			orders := table{client: account.DynamoDB, name: "orders", item: note}
			orders.fill(t, test.items)
			if test.counted > 0 {
				server.EditTable(region, account.AccessKey, "orders", func(d *types.TableDescription) {
					d.ItemCount, d.TableSizeBytes = aws.Int64(test.counted), aws.Int64(test.counted*400)
				})
			}
			w := newWorkspaceOf(t, []string{"dynamodb", "application_autoscaling", "lambda", "kms"}, server.URL, account.AccessKey, `
resource "dynamoops_table_purge" "reset" { table = "orders" }
`)
			before := len(server.Calls())
			if attributes := w.apply()["dynamoops_table_purge.reset"]; attributes["method_used"] != "recreate" {
				t.Errorf("the method was %v: %v", attributes["method_used"], attributes["method_reason"])
			}
			if calls := strconv.Itoa(len(server.Calls()) - before); calls != string(said[1]) {
				t.Errorf("%s calls were made, and the documentation says %s: %v", calls, said[1], server.Calls()[before:])
			}
			orders.expect(t, 0, func(int) bool { return true })
		})
	}
}
