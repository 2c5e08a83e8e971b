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
