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

// Whatever the method, a table that a copy makes has all items and every setting, but those that connect the source with others.
func TestEverySettingByEveryMethod(t *testing.T) {
	t.Parallel()
	const count = 50_000
	asItIs := func(*dynamodb.CreateTableInput) {}
	for name, test := range map[string]struct {
		arguments string
		edit      func(*dynamodb.CreateTableInput)
		reason    string
	}{
		"scan":           {`method = "scan"`, asItIs, ""},
		"backup_restore": {`method = "backup_restore"`, asItIs, ""},
		"ImportTable": {`method = "export_import"`, func(table *dynamodb.CreateTableInput) {
			table.LocalSecondaryIndexes = nil
			for i := range table.GlobalSecondaryIndexes {
				table.GlobalSecondaryIndexes[i].WarmThroughput = nil
			}
		}, "DynamoDB made the table of the export with ImportTable"},
		"StartBulkPutItems": {`method = "export_import"`, asItIs, "since ImportTable makes no table with local_secondary_indexes and warm global_secondary_indexes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s3, export := s3local.New(t), ""
			if strings.Contains(test.arguments, "export") {
				export = fmt.Sprintf("export = { s3_bucket = %q }", s3.Bucket(t))
			}
			r := newEverySetting(t, fmt.Sprintf(`
resource "dynamoops_table_copy" "made" {
  source      = { table = "orders" }
  destination = { table = "made", create_table = "full" }
  %s
  %s
}
`, test.arguments, export), enoughCapacity, test.edit)
			r.server.UseS3(s3.Client())
			entries := table{client: r.account.DynamoDB, name: "orders", item: entry}
			entries.fill(t, count)

			if output, err := r.applying(s3).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			attributes := r.state()["dynamoops_table_copy.made"]
			if reason := fmt.Sprint(attributes["method_reason"]); !strings.HasSuffix(reason, test.reason) || attributes["destination_created"] != true {
				t.Errorf("the state says %v", attributes)
			}
			if left := fmt.Sprint(attributes["settings_not_copied"]); left != "[kinesis_destinations event_source_mappings]" {
				t.Errorf("not copied are %s", left)
			}
			if name != "backup_restore" { // AWS does not say how many.
				expectNumber(t, attributes, "items_written", count)
			}
			entries.name = "made"
			entries.expect(t, count, func(int) bool { return true })
			r.madeLikeOrders("made")
			if output, err := r.terraform(s3, "plan", "-detailed-exitcode").CombinedOutput(); err != nil {
				t.Errorf("the second plan is not empty: %v\n%s", err, output)
			}
		})
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
