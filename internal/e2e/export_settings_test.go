// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// A table that is made of an export has every setting but those that connect the source with others, whether ImportTable can make it
// or only CreateTable.
func TestExportOfEverySetting(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit   func(*dynamodb.CreateTableInput)
		reason string
	}{
		"ImportTable": {func(table *dynamodb.CreateTableInput) {
			table.LocalSecondaryIndexes = nil
			for i := range table.GlobalSecondaryIndexes {
				table.GlobalSecondaryIndexes[i].WarmThroughput = nil
			}
		}, "DynamoDB made the table of the export with ImportTable"},
		"CreateTable": {func(*dynamodb.CreateTableInput) {}, "since ImportTable makes no table with local_secondary_indexes and warm global_secondary_indexes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s3 := s3local.New(t)
			r := newEverySetting(t, fmt.Sprintf(`
resource "dynamoops_table_copy" "made" {
  source      = { table = "orders" }
  destination = { table = "made", create_table = "full" }
  method      = "export_import"
  export      = { s3_bucket = %q }
}
`, s3.Bucket(t)), test.edit)
			r.server.UseS3(s3.Client())
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
			items, err := r.account.DynamoDB.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("made"), ConsistentRead: aws.Bool(true)})
			if err != nil || items.Count != 3 {
				t.Errorf("the items are %+v, %v", items, err)
			}
			r.account.Settle(t, "made")
			was, is := ownSettings(r.was), ownSettings(strings.ReplaceAll(r.account.Everything(t, "made"), "made", "orders"))
			if !slices.Equal(was, is) {
				t.Errorf("the table is\n%s\nand was\n%s", strings.Join(is, "\n"), strings.Join(was, "\n"))
			}
		})
	}
}
