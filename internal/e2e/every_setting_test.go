// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// Whatever the method, a table that a copy makes has all items and every setting, but those that connect the source with others. One that is
// there keeps its own.
func TestEverySettingByEveryMethod(t *testing.T) {
	t.Parallel()
	const many, some = 10_000, 2_000 // What moves the items is the same in several of these, and other tests have more of it.
	importable := func(table *dynamodb.CreateTableInput) {
		table.LocalSecondaryIndexes = nil
		for i := range table.GlobalSecondaryIndexes {
			table.GlobalSecondaryIndexes[i].WarmThroughput = nil
		}
	}
	for name, test := range map[string]struct {
		arguments string
		there     bool // The destination is there before.
		edit      func(*dynamodb.CreateTableInput)
		reason    string
		count     int
	}{
		"scan":           {arguments: `method = "scan"`, count: some},
		"backup_restore": {arguments: `method = "backup_restore"`, count: some},
		"recovery":       {arguments: `method = "backup_restore", backup_restore = { point_in_time = "latest" }`, count: some},
		"replacement":    {arguments: `method = "backup_restore", backup_restore = { replace_destination = true }`, there: true, count: some},
		"ImportTable": {
			arguments: `method = "export_import", export = { s3_bucket = BUCKET }`, edit: importable, count: many,
			reason: "DynamoDB made the table of the export with ImportTable",
		},
		"StartBulkPutItems": {
			arguments: `method = "export_import", export = { s3_bucket = BUCKET }`,
			reason:    "since ImportTable makes no table with local_secondary_indexes and warm global_secondary_indexes", count: some,
		},
		"reader": {
			arguments: `method = "export_import", export = { s3_bucket = BUCKET }, verify = "count"`,
			reason:    "this provider read the export, since ", count: some,
		},
		"S3 and back": {there: true, count: some},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s3 := s3local.New(t)
			destination := `{ table = "made", create_table = "full" }`
			if test.there {
				destination = `{ table = "made" }`
			}
			configuration := fmt.Sprintf(`
resource "dynamoops_table_copy" "made" {
  source      = { table = "orders" }
  destination = %s
  %s
}
`, destination, strings.ReplaceAll(test.arguments, ", ", "\n  "))
			if test.arguments == "" {
				configuration = throughS3
			}
			if test.edit == nil {
				test.edit = func(*dynamodb.CreateTableInput) {}
			}
			r := newEverySetting(t, strings.ReplaceAll(configuration, "BUCKET", strconv.Quote(s3.Bucket(t))), enoughCapacity, test.edit)
			r.server.UseS3(s3.Client())
			was := ""
			if test.there {
				there := everysetting.Table()
				enoughCapacity(there)
				there.TableName, there.TableClass = aws.String("made"), types.TableClassStandard
				r.account.Create(t, there)
				was = r.account.Everything(t, "made")
			}
			entries := table{client: r.account.DynamoDB, name: "orders", item: entry}
			entries.fill(t, test.count)

			if output, err := r.applying(s3).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			attributes := r.state()["dynamoops_table_copy.made"]
			expectComplete(t, attributes)
			if reason := fmt.Sprint(attributes["method_reason"]); !strings.Contains(reason, test.reason) || attributes["destination_created"] != !test.there {
				t.Errorf("the state says %v", attributes)
			}
			notCopied := "[kinesis_destinations event_source_mappings]"
			if test.there {
				notCopied = "[]"
			}
			if left := fmt.Sprint(attributes["settings_not_copied"]); left != notCopied {
				t.Errorf("not copied are %s", left)
			}
			if attributes["method_used"] != "backup_restore" { // AWS does not say how many.
				expectNumber(t, attributes, "items_written", test.count)
			}
			entries.name = "made"
			entries.expect(t, test.count, func(int) bool { return true })
			if test.there {
				r.account.Settle(t, "made")
				if is := r.account.Everything(t, "made"); is != was {
					t.Errorf("the table is\n%s\nand was\n%s", is, was)
				}
			} else {
				r.madeLikeOrders("made")
			}
			if output, err := r.terraform(s3, "plan", "-detailed-exitcode").CombinedOutput(); err != nil {
				t.Errorf("the second plan is not empty: %v\n%s", err, output)
			}
		})
	}
}

const throughS3 = `
resource "dynamoops_table_copy" "out" {
  source      = { table = "orders" }
  destination = { s3 = { bucket = BUCKET } }
  method      = "scan"
}

resource "dynamoops_table_copy" "made" {
  source      = { s3 = { bucket = BUCKET, prefix = dynamoops_table_copy.out.destination_s3_prefix } }
  destination = { table = "made" }
}
`

// expectComplete fails the test where an output of a copy to a table is missing.
func expectComplete(t *testing.T, attributes map[string]any) {
	t.Helper()
	for _, output := range []string{"id", "method_used", "method_reason", "started_at", "completed_at", "destination_table_arn"} {
		if text, ok := attributes[output].(string); !ok || text == "" {
			t.Errorf("%s is %v", output, attributes[output])
		}
	}
	for _, output := range []string{
		"duration_seconds", "items_scanned", "items_filtered", "items_dropped", "items_written", "items_skipped", "items_failed", "bytes_written", "consumed_read_units",
		"consumed_write_units", "throttled_requests",
	} {
		if _, ok := attributes[output].(float64); !ok {
			t.Errorf("%s is %v", output, attributes[output])
		}
	}
}

// entry is the n-th item of the table with every setting: in all of its indexes, in some or in none.
func entry(n int) map[string]types.AttributeValue {
	item := order(n)
	item["z"] = item["id"]
	for i, attribute := range []string{"a", "b", "c", "d"} {
		if n%3 > i/2 {
			item[attribute] = &types.AttributeValueMemberS{Value: attribute + strconv.Itoa(n%1000)}
		}
	}
	return item
}

// enoughCapacity makes the table one that is not what a test waits for.
func enoughCapacity(table *dynamodb.CreateTableInput) {
	warm := &types.WarmThroughput{ReadUnitsPerSecond: aws.Int64(50_000), WriteUnitsPerSecond: aws.Int64(50_000)}
	table.ProvisionedThroughput, table.WarmThroughput = everysetting.Units(40_000, 40_000), warm
	for i := range table.GlobalSecondaryIndexes {
		table.GlobalSecondaryIndexes[i].ProvisionedThroughput = everysetting.Units(40_000, 40_000)
	}
	table.GlobalSecondaryIndexes[0].WarmThroughput = warm
}
