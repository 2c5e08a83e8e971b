// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package managed

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// LeastBulkRate is the lowest limit, in write units a second, that a bulk operation accepts ("StartBulkPutItems" in
// the Amazon DynamoDB API Reference).
const LeastBulkRate = 1024

// ErrNoBulk is the error of an endpoint, or a Region, that has no bulk operations.
var ErrNoBulk = errors.New("StartBulkPutItems is not available here")

// BulkPut has DynamoDB put the items of an export into an existing table.
type BulkPut struct {
	Client   *dynamodb.Client
	TableARN string
	// From is the folder with the data files of the export. DynamoDB reports items that it cannot put below Errors.
	From, Errors Place
	// MaxUnits limits the write units a second; 0 is no limit.
	MaxUnits int64
	// Token is the client token, so that the operation is started only once. It is valid for eight hours.
	Token string
	// Ours reports whether an operation that was started with the token is one that Await may wait for.
	Ours  func(token string) bool
	Sleep Sleep
}

// Start starts the operation and returns its ARN. It waits while there are too many operations, or the table is being
// changed. The error is ErrNoBulk if the endpoint has no such operation.
func (b BulkPut) Start(ctx context.Context) (arn string, err error) {
	input := &dynamodb.StartBulkPutItemsInput{
		TableName: &b.TableARN, ClientToken: &b.Token,
		InputS3Configuration: &types.InputS3Configuration{
			S3Bucket: &b.From.Bucket, S3KeyPrefix: &b.From.Prefix, S3BucketOwner: set(b.From.Owner),
			InputFormat: types.BulkOperationInputFormatDynamodbJson, InputCompressionType: types.InputCompressionTypeGzip,
		},
		OutputS3Configuration: &types.OutputS3Configuration{
			S3Bucket: &b.Errors.Bucket, S3KeyPrefix: &b.Errors.Prefix, S3BucketOwner: set(b.Errors.Owner),
			OutputType: []types.OutputTypeEnum{types.OutputTypeEnumError},
		},
	}
	if b.MaxUnits > 0 {
		input.MaxWriteRequestUnits = &b.MaxUnits
	}
	err = b.Sleep.start(ctx, func() error {
		begun, err := b.Client.StartBulkPutItems(ctx, input)
		if err == nil {
			arn = aws.ToString(begun.BulkOperationDescription.BulkOperationArn)
		}
		return err
	})
	if awserr.Code(err) == "UnknownOperationException" {
		return "", ErrNoBulk
	}
	return arn, err
}

// foreign returns how the operation differs from what Start requests, empty if it does not.
func (b BulkPut) foreign(d *types.BulkOperationDescription) (why string) {
	from := d.InputS3Configuration
	switch {
	case d.ClientToken != nil && !b.Ours(*d.ClientToken):
		return "another run has started it"
	case from != nil && (aws.ToString(from.S3Bucket) != b.From.Bucket || aws.ToString(from.S3KeyPrefix) != b.From.Prefix):
		return "it loads from another place"
	}
	for _, table := range d.TableDetails {
		if !strings.HasSuffix(b.TableARN, "/"+aws.ToString(table.TableName)) {
			return "it loads another table"
		}
	}
	return ""
}

// Await waits for the operation of that ARN, and returns how many items it has put. Any final status but COMPLETED is
// a *FailedError: after COMPLETED_WITH_ERRORS, items are missing. An operation that differs from what Start requests
// is a *ForeignError. seen is called after each poll with the items put so far.
func (b BulkPut) Await(ctx context.Context, arn string, seen func(items int64) error) (items int64, err error) {
	var found *types.BulkOperationDescription
	err = b.Sleep.wait(ctx, func() (bool, error) {
		answer, err := b.Client.DescribeBulkOperation(ctx, &dynamodb.DescribeBulkOperationInput{BulkOperationArn: &arn})
		if err != nil {
			return false, err
		}
		found = answer.BulkOperationDescription
		if why := b.foreign(found); why != "" {
			return false, &ForeignError{ARN: arn, Why: why}
		}
		return !underWay(found.BulkOperationStatus), seen(found.ProcessedItemCount - found.FailedItemCount)
	})
	if err != nil {
		return 0, err
	}
	if found.BulkOperationStatus != types.BulkOperationStatusCompleted || found.FailedItemCount > 0 {
		return 0, &FailedError{
			Operation: "StartBulkPutItems", ARN: arn, Status: string(found.BulkOperationStatus),
			Code: aws.ToString(found.FailureCode), Message: aws.ToString(found.FailureMessage),
			Processed: found.ProcessedItemCount, Failed: found.FailedItemCount, Errors: b.Errors.String(),
		}
	}
	return found.ProcessedItemCount, nil
}

// BulkPutRuns reports whether the operation of that ARN is still running. One that DynamoDB does not know has ended.
func BulkPutRuns(ctx context.Context, client *dynamodb.Client, arn string) (bool, error) {
	answer, err := client.DescribeBulkOperation(ctx, &dynamodb.DescribeBulkOperationInput{BulkOperationArn: &arn})
	switch awserr.Code(err) {
	case "ResourceNotFoundException", "UnknownOperationException":
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return underWay(answer.BulkOperationDescription.BulkOperationStatus), nil
}

// BulkPutsUnderWay returns the ARNs of the running operations that put items into the table, whichever run started
// them. It needs dynamodb:ListBulkOperations, and sends its requests without retries, since no run may depend on it.
func BulkPutsUnderWay(ctx context.Context, client *dynamodb.Client, tableARN string) ([]string, error) {
	var found []string
	pages := dynamodb.NewListBulkOperationsPaginator(client, &dynamodb.ListBulkOperationsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
		if err != nil {
			return nil, err
		}
		for _, bulk := range page.BulkOperationsSummaryList {
			arn := aws.ToString(bulk.BulkOperationArn)
			if underWay(bulk.BulkOperationStatus) && strings.HasPrefix(arn, tableARN+"/") {
				found = append(found, arn)
			}
		}
	}
	return found, nil
}

func underWay(status types.BulkOperationStatus) bool {
	return status == types.BulkOperationStatusInProgress || status == types.BulkOperationStatusCancelling
}
