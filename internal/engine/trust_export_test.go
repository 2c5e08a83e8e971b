// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"maps"
	"path"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// An export, or a load of one, counts only if it is one that this very run has asked AWS for: of its table, at its place, with its token.
func TestForgedExport(t *testing.T) {
	t.Parallel()
	c := newCancelling(t)
	for _, operation := range []string{"ExportTableToPointInTime", "StartBulkPutItems"} {
		c.plane.SetLooks(operation, 0)
	}
	c.create("copy")
	c.create("spare")
	start := func(table, prefix, token string) string {
		t.Helper()
		described, err := c.db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
		if err != nil {
			t.Fatal(err)
		}
		begun, err := c.db.ExportTableToPointInTime(t.Context(), &dynamodb.ExportTableToPointInTimeInput{
			TableArn: described.Table.TableArn, S3Bucket: aws.String("work"), S3Prefix: &prefix, ClientToken: &token,
		})
		if err != nil {
			t.Fatal(err)
		}
		return aws.ToString(begun.ExportDescription.ExportArn)
	}
	type m = map[string]any
	for name, test := range map[string]struct {
		forge func(name string) m
		says  string
	}{
		"an export of another run": {func(name string) m {
			return m{"Export": m{"Token": journal.NewID(name), "SentAt": time.Now(), "ARN": start("from", "b", journal.NewID("export-other"))}}
		}, "another run has started it"},
		"an export at another place": {func(name string) m {
			token := journal.NewID(name)
			return m{"Export": m{"Token": token, "SentAt": time.Now(), "ARN": start("from", "elsewhere", token)}}
		}, "it is in another place"},
		"a token of another run": {func(name string) m {
			token := journal.NewID("export-other")
			return m{"Export": m{"Token": token, "SentAt": time.Now(), "ARN": start("from", "b", token)}}
		}, "its id, or a token, is not one of this run"},
		"a time to come": {func(name string) m {
			return m{"Export": m{"Token": journal.NewID(name), "SentAt": time.Now().Add(time.Hour)}}
		}, "still to come"},
		"a load of another run": {func(name string) m {
			token := journal.NewID(name)
			export := start("from", "b", token)
			begun, err := c.db.StartBulkPutItems(t.Context(), &dynamodb.StartBulkPutItemsInput{
				TableName: aws.String("spare"), ClientToken: aws.String(journal.NewID("export-other")),
				InputS3Configuration: &types.InputS3Configuration{
					S3Bucket: aws.String("work"), S3KeyPrefix: aws.String("b/AWSDynamoDB/" + path.Base(export) + "/data/"),
					InputFormat: types.BulkOperationInputFormatDynamodbJson, InputCompressionType: types.InputCompressionTypeGzip,
				},
				OutputS3Configuration: &types.OutputS3Configuration{S3Bucket: aws.String("work"), OutputType: []types.OutputTypeEnum{types.OutputTypeEnumError}},
			})
			if err != nil {
				t.Fatal(err)
			}
			return m{
				"UpdatedAt": time.Now(), "Export": m{"Token": token, "SentAt": time.Now(), "ARN": export},
				"Load": m{"Token": journal.NewID(name), "SentAt": time.Now(), "ARN": aws.ToString(begun.BulkOperationDescription.BulkOperationArn)},
			}
		}, "another run has started it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := c.engineAt(c.plane.URL)
			e.Directory = t.TempDir()
			e.Journal = &forger{Journal: journal.Local(e.Directory), prefix: "export-", forge: func(name string) any {
				record := m{"ID": journal.NewID(name), "StartedAt": time.Now(), "Kind": "copy", "Reads": c.identityOf("from"), "Writes": c.identityOf("copy")}
				maps.Copy(record, test.forge(name))
				return record
			}}
			_, err := e.Copy(t.Context(), job.Copy{
				Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "copy"}, Method: job.MethodExport,
				Export: job.Export{To: store.S3Place{Bucket: "work", Prefix: "b"}},
			}, attempt.Observer{})
			saying(t, err, refused, test.says)
			if there := len(c.items("copy")); there > 0 {
				t.Errorf("%d items were copied", there)
			}
		})
	}
}
