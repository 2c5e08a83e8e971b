// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane_test

import (
	"path"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

func (f *fixture) describeExport(t *testing.T, arn *string) *types.ExportDescription {
	t.Helper()
	out, err := f.DescribeExport(t.Context(), &dynamodb.DescribeExportInput{ExportArn: arn})
	do(t, err)
	return out.ExportDescription
}

func (f *fixture) describeBulk(t *testing.T, arn *string) *types.BulkOperationDescription {
	t.Helper()
	out, err := f.DescribeBulkOperation(t.Context(), &dynamodb.DescribeBulkOperationInput{BulkOperationArn: arn})
	do(t, err)
	return out.BulkOperationDescription
}

func TestExportAndBulkPut(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	storage := s3local.New(t)
	bucket := storage.Bucket(t)
	f.server.UseS3(storage.Client())
	f.create(t, orders())
	f.put(t, "orders", 1)
	f.put(t, "orders", 2)
	arn := f.describe(t, "orders").TableArn
	in := &dynamodb.ExportTableToPointInTimeInput{TableArn: arn, S3Bucket: &bucket, S3Prefix: aws.String("here"), ClientToken: aws.String("once")}

	_, err := f.ExportTableToPointInTime(t.Context(), in)
	wantCode(t, err, "PointInTimeRecoveryUnavailableException")
	f.enableRecovery(t)
	early := *in
	early.ExportTime = aws.Time(time.Now().Add(-time.Hour))
	_, err = f.ExportTableToPointInTime(t.Context(), &early)
	wantCode(t, err, "InvalidExportTimeException")

	first, err := f.ExportTableToPointInTime(t.Context(), in)
	do(t, err)
	again, err := f.ExportTableToPointInTime(t.Context(), in)
	do(t, err)
	wantEqual(t, *again.ExportDescription.ExportArn, *first.ExportDescription.ExportArn)
	other := *in
	other.S3Prefix = aws.String("there")
	_, err = f.ExportTableToPointInTime(t.Context(), &other)
	wantCode(t, err, "ExportConflictException")
	wantEqual(t, f.describeExport(t, first.ExportDescription.ExportArn).ExportStatus, types.ExportStatusInProgress)
	done := f.describeExport(t, first.ExportDescription.ExportArn)
	wantEqual(t, done.ExportStatus, types.ExportStatusCompleted)
	wantEqual(t, *done.ItemCount, int64(2))
	root := path.Dir(*done.ExportManifest)
	var names []string
	for _, key := range storage.Keys(t.Context(), t, bucket, "") {
		if !strings.HasPrefix(key, root+"/data/") {
			names = append(names, strings.TrimPrefix(key, root+"/"))
		}
	}
	wantEqual(t, strings.Join(names, " "), "_started manifest-files.json manifest-files.md5 manifest-summary.json manifest-summary.md5")

	second := orders()
	second.TableName = aws.String("second")
	f.create(t, second)
	bulk := &dynamodb.StartBulkPutItemsInput{
		TableName: aws.String("second"), ClientToken: aws.String("once"), MaxWriteRequestUnits: aws.Int64(1000),
		InputS3Configuration: &types.InputS3Configuration{
			S3Bucket: &bucket, S3KeyPrefix: aws.String(root + "/data/"), InputFormat: types.BulkOperationInputFormatDynamodbJson, InputCompressionType: types.InputCompressionTypeGzip,
		},
		OutputS3Configuration: &types.OutputS3Configuration{S3Bucket: &bucket, OutputType: []types.OutputTypeEnum{types.OutputTypeEnumError}},
	}
	_, err = f.StartBulkPutItems(t.Context(), bulk)
	wantCode(t, err, "ValidationException")
	bulk.MaxWriteRequestUnits = nil
	begun, err := f.StartBulkPutItems(t.Context(), bulk)
	do(t, err)
	same, err := f.StartBulkPutItems(t.Context(), bulk)
	do(t, err)
	wantEqual(t, *same.BulkOperationDescription.BulkOperationArn, *begun.BulkOperationDescription.BulkOperationArn)
	wantEqual(t, f.describeBulk(t, begun.BulkOperationDescription.BulkOperationArn).BulkOperationStatus, types.BulkOperationStatusInProgress)
	put := f.describeBulk(t, begun.BulkOperationDescription.BulkOperationArn)
	wantEqual(t, put.BulkOperationStatus, types.BulkOperationStatusCompleted)
	wantEqual(t, put.ProcessedItemCount, int64(2))
	counted, err := f.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("second")})
	do(t, err)
	wantEqual(t, counted.Count, int32(2))
}

func (f *fixture) describeImport(t *testing.T, arn *string) *types.ImportTableDescription {
	t.Helper()
	out, err := f.DescribeImport(t.Context(), &dynamodb.DescribeImportInput{ImportArn: arn})
	do(t, err)
	return out.ImportTableDescription
}

func TestImportTable(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	storage := s3local.New(t)
	bucket := storage.Bucket(t)
	f.server.UseS3(storage.Client())
	f.create(t, orders())
	f.put(t, "orders", 1)
	f.put(t, "orders", 2)
	f.enableRecovery(t)
	exported, err := f.ExportTableToPointInTime(t.Context(), &dynamodb.ExportTableToPointInTimeInput{TableArn: f.describe(t, "orders").TableArn, S3Bucket: &bucket})
	do(t, err)
	f.describeExport(t, exported.ExportDescription.ExportArn)
	root := path.Dir(*f.describeExport(t, exported.ExportDescription.ExportArn).ExportManifest)

	like := orders()
	in := func(table, token string) *dynamodb.ImportTableInput {
		return &dynamodb.ImportTableInput{
			ClientToken: &token, InputFormat: types.InputFormatDynamodbJson, InputCompressionType: types.InputCompressionTypeGzip,
			S3BucketSource: &types.S3BucketSource{S3Bucket: &bucket, S3KeyPrefix: aws.String(root + "/data/")},
			TableCreationParameters: &types.TableCreationParameters{
				TableName: &table, KeySchema: like.KeySchema, AttributeDefinitions: like.AttributeDefinitions, BillingMode: types.BillingModePayPerRequest,
			},
		}
	}
	_, err = f.ImportTable(t.Context(), in("orders", "taken"))
	wantCode(t, err, "ResourceInUseException")
	csv := in("second", "format")
	csv.InputFormat = types.InputFormatCsv
	_, err = f.ImportTable(t.Context(), csv)
	wantCode(t, err, "ValidationException")
	_, err = f.DescribeImport(t.Context(), &dynamodb.DescribeImportInput{ImportArn: aws.String("arn:aws:dynamodb:eu-west-1:123456789012:table/orders/import/none")})
	wantCode(t, err, "ImportNotFoundException")

	first, err := f.ImportTable(t.Context(), in("second", "once"))
	do(t, err)
	again, err := f.ImportTable(t.Context(), in("second", "once"))
	do(t, err)
	arn := first.ImportTableDescription.ImportArn
	wantEqual(t, *again.ImportTableDescription.ImportArn, *arn)
	_, err = f.ImportTable(t.Context(), in("third", "once"))
	wantCode(t, err, "IdempotentParameterMismatchException")
	wantEqual(t, f.describe(t, "second").TableStatus, types.TableStatusCreating)
	wantEqual(t, f.describe(t, "second").TableStatus, types.TableStatusCreating)
	wantEqual(t, f.describeImport(t, arn).ImportStatus, types.ImportStatusInProgress)
	done := f.describeImport(t, arn)
	wantEqual(t, done.ImportStatus, types.ImportStatusCompleted)
	wantEqual(t, done.ImportedItemCount, int64(2))
	table := f.describe(t, "second")
	wantEqual(t, table.TableStatus, types.TableStatusActive)
	wantEqual(t, *table.TableId, *done.TableId)
	counted, err := f.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("second")})
	do(t, err)
	wantEqual(t, counted.Count, int32(2))

	f.server.FailImports(1)
	failing, err := f.ImportTable(t.Context(), in("third", "fails"))
	do(t, err)
	f.describeImport(t, failing.ImportTableDescription.ImportArn)
	failed := f.describeImport(t, failing.ImportTableDescription.ImportArn)
	wantEqual(t, failed.ImportStatus, types.ImportStatusFailed)
	wantEqual(t, failed.ImportedItemCount, int64(1))
	wantEqual(t, *f.describe(t, "third").TableId, *failed.TableId)
}
