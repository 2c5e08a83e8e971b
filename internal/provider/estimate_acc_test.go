// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// describe is a DescribeTable answer about 1,000 items of 2.5 KB, with what else is given.
func describe(name, more string) *faultproxy.Reply {
	body := fmt.Sprintf(`{"Table": {"TableName": %q, "TableArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/%[1]s", "TableStatus": "ACTIVE",
		"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
		"ItemCount": 1000, "TableSizeBytes": 2560000 %s}}`, name, more)
	return &faultproxy.Reply{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: []byte(body)}
}

// The estimate follows from what DescribeTable says: DynamoDB Local neither ages its counts nor knows throughput that is
// warm, so the answers are given here.
func TestAccEstimate(t *testing.T) {
	t.Parallel()
	acceptance(t)
	const (
		onDemand = `, "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}`
		indexes  = `, "GlobalSecondaryIndexes": [
			{"IndexName": "by-status", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "Projection": {"ProjectionType": "KEYS_ONLY"},
				"ItemCount": 100, "IndexSizeBytes": 16384, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}},
			{"IndexName": "by-day", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"},
				"ItemCount": 500, "IndexSizeBytes": 768000, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1000}}]`
	)
	tables := map[string]string{
		"on-demand":   onDemand,
		"limited":     onDemand + `, "OnDemandThroughput": {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50}`,
		"warm":        onDemand + `, "WarmThroughput": {"ReadUnitsPerSecond": 24000, "WriteUnitsPerSecond": 30}`,
		"provisioned": `, "ProvisionedThroughput": {"ReadCapacityUnits": 10, "WriteCapacityUnits": 1000}` + indexes,
	}
	lines := writeFile(t, filepath.Join(t.TempDir(), "items.jsonl"), `{"id": "1"}`+"\n"+`{"id": "2"}`+"\n")
	for name, test := range map[string]struct {
		arguments string
		want      map[string]string
	}{
		"copy": {`source = { table = "on-demand" }` + "\n" + `destination = { table = "limited" }`, map[string]string{
			"estimated_items": "1000", "estimated_bytes": "2560000", "estimated_read_units": "313", "estimated_write_units": "3000", "estimated_seconds": "60",
			"method_used": "scan",
		}},
		"consistent": {`source = { table = "limited", consistent_read = true }` + "\n" + `destination = { table = "on-demand" }`, map[string]string{
			"estimated_read_units": "625", "estimated_write_units": "3000", "estimated_seconds": "7",
		}},
		"warm": {`source = { table = "on-demand" }` + "\n" + `destination = { table = "warm" }`, map[string]string{"estimated_seconds": "100"}},
		"throughput": {`source = { table = "on-demand" }` + "\n" + `destination = { table = "warm" }` + "\n" + `throughput = { write_units = 20 }`, map[string]string{
			"estimated_seconds": "150",
		}},
		"index": {`source = { table = "provisioned", index = "by-status" }` + "\n" + `destination = { table = "on-demand" }`, map[string]string{
			"estimated_items": "100", "estimated_bytes": "16384", "estimated_read_units": "2", "estimated_write_units": "100", "estimated_seconds": "2",
		}},
		"to indexes": {`source = { table = "on-demand" }` + "\n" + `destination = { table = "provisioned" }`, map[string]string{
			"estimated_write_units": "7000", "estimated_seconds": "500",
		}},
		"from a file": {fmt.Sprintf("source = { file = %q }\ndestination = { table = %q }", lines, "limited"), map[string]string{
			"estimated_items": "2", "estimated_bytes": "32", "estimated_read_units": "0", "estimated_write_units": "2", "estimated_seconds": "1",
		}},
		"to a file": {fmt.Sprintf("source = { table = %q }\ndestination = { file = %q }", "limited", lines+".gz"), map[string]string{
			"estimated_write_units": "0", "estimated_seconds": "4",
		}},
		"purge": {`table = "provisioned"` + "\n" + `method = "delete_items"`, map[string]string{
			"estimated_items": "1000", "estimated_read_units": "625", "estimated_write_units": "4100", "estimated_seconds": "63", "method_used": "delete_items",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			p := newProxy(t, a.url, nil)
			p.OnRequest(func(operation string, body []byte) *faultproxy.Reply {
				var request struct{ TableName string }
				if err := json.Unmarshal(body, &request); err != nil || operation != "DescribeTable" {
					t.Errorf("an estimate sends %s (%v)", operation, err)
				}
				return describe(request.TableName, tables[request.TableName])
			})
			var checks []resource.TestCheckFunc
			for attribute, want := range test.want {
				checks = append(checks, resource.TestCheckResourceAttr("data.dynamoops_estimate.this", attribute, want))
			}
			apply(t, resource.TestStep{
				Config: hcl(a.through(p.URL).provider(), fmt.Sprintf("data \"dynamoops_estimate\" \"this\" {\n%s\n}", test.arguments)),
				Check:  resource.ComposeAggregateTestCheckFunc(checks...),
			})
		})
	}
}

// What AWS does takes its time, and no capacity of the tables: but for an export that is loaded into a table that is there.
func TestAccEstimate_whatAWSDoes(t *testing.T) {
	t.Parallel()
	acceptance(t)
	x := newImporting(t)
	x.server.EditTable(x.region, x.accessKey, "orders", func(d *types.TableDescription) {
		d.ItemCount, d.TableSizeBytes = aws.Int64(1000), aws.Int64(1_000_000)
	})
	schema, definitions := keySchema("id:S", "sort:S")
	x.createWith(&dynamodb.CreateTableInput{TableName: aws.String("there"), KeySchema: schema, AttributeDefinitions: definitions})
	export := fmt.Sprintf("method = \"export_import\"\n export = { s3_bucket = %q }", x.storage.bucket)
	for name, test := range map[string]struct{ arguments, units, seconds string }{
		"restore": {`destination = { table = "new", create_table = "full" }` + "\n" + `method = "backup_restore"`, "0", "300"},
		"to S3":   {fmt.Sprintf("destination = { s3 = { bucket = %q } }", x.storage.bucket), "0", "300"},
		"import":  {`destination = { table = "new", create_table = "full" }` + "\n" + export, "0", "600"},
		"bulk":    {`destination = { table = "there" }` + "\n" + export, "1000", "301"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apply(t, resource.TestStep{
				Config: hcl(x.provider(), "data \"dynamoops_estimate\" \"this\" {\nsource = { table = \"orders\" }\n"+test.arguments+"\n}"),
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttr("data.dynamoops_estimate.this", "estimated_read_units", "0"),
					resource.TestCheckResourceAttr("data.dynamoops_estimate.this", "estimated_write_units", test.units),
					resource.TestCheckResourceAttr("data.dynamoops_estimate.this", "estimated_seconds", test.seconds),
				),
			})
		})
	}
}

// Against a real server, with a filter that DynamoDB judges; and what keeps a run from its start is an error here too.
func TestAccEstimate_checksTheRun(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := orderTables(t)
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), `
data "dynamoops_estimate" "this" {
  source      = { table = "orders" }
  destination = { table = "copy" }
  filter      = { expression = "attribute_exists(customer)" }
}`),
		Check: resource.TestCheckResourceAttr("data.dynamoops_estimate.this", "estimated_items", "0"),
	})
	for name, test := range map[string]struct {
		arguments string
		want      []string
	}{
		"keys":      {`source = { table = "orders" }` + "\n" + `destination = { table = "other-name" }`, []string{"Keys Do Not Fit"}},
		"missing":   {`table = "gone"`, []string{"Table Not Found", `There is no table "gone"`}},
		"protected": {`table = "prod-orders"`, []string{"Table Is Protected"}},
		"neither":   {`method = "auto"`, []string{"Invalid Attribute Combination"}},
		"both":      {`source = { table = "orders" }` + "\n" + `destination = { table = "copy" }` + "\n" + `table = "orders"`, []string{"Invalid Attribute Combination"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusedAtPlan(t, a, fmt.Sprintf("data \"dynamoops_estimate\" \"this\" {\n%s\n}", test.arguments), test.want...)
		})
	}
}
