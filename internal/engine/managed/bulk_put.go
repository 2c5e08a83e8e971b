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

// LeastBulkRate is the least limit of write units a second that a bulk operation takes ("StartBulkPutItems" in the Amazon DynamoDB
// API Reference).
const LeastBulkRate = 1024

// ErrNoBulk says that the endpoint, or its Region, does not know bulk operations.
var ErrNoBulk = errors.New("StartBulkPutItems is not available here")

// BulkPut has DynamoDB put the items of an export into a table that exists.
type BulkPut struct {
	Client   *dynamodb.Client
	TableARN string
	// From is the folder with the data files of the export, Errors where DynamoDB reports items that it cannot put.
	From, Errors Place
	// MaxUnits limits the write units a second; 0 is no limit.
	MaxUnits int64
	// Token makes sure that the operation is started once. It holds for eight hours.
	Token string
	// Ours reports whether an operation that was started with the token is one that Await may wait for.
	Ours  func(token string) bool
	Sleep Sleep
}

// Start has DynamoDB begin, and returns the operation's ARN. It waits while there are too many of them, or the table is being changed.
// The error is ErrNoBulk if there is no such operation here.
func (b BulkPut) Start(ctx context.Context) (arn string, err error) {
	input := &dynamodb.StartBulkPutItemsInput{
		TableName: &b.TableARN, ClientToken: &b.Token,
		InputS3Configuration: &types.InputS3Configuration{
			S3Bucket: &b.From.Bucket, S3KeyPrefix: &b.From.Prefix, S3BucketOwner: set(b.From.Owner),
			InputFormat: types.BulkOperationInputFormatDynamodbJson, InputCompressionType: types.InputCompressionTypeGzip,
		},
		OutputS3Configuration: &types.OutputS3Configuration{
			S3Bucket: &b.Errors.Bucket, S3KeyPrefix: &b.Errors.Prefix, S3BucketOwner: set(b.Errors.Owner), OutputType: []types.OutputTypeEnum{types.OutputTypeEnumError},
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

// foreign returns what is not as Start asks for, empty for nothing.
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

// Await waits for the operation of that ARN, and returns how many items it has put. Any other end than COMPLETED is a *FailedError:
// after COMPLETED_WITH_ERRORS items are missing. An operation that is not as Start asks for is a *ForeignError. Seen is called after each look with the items put so far.
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
			Operation: "StartBulkPutItems", ARN: arn, Status: string(found.BulkOperationStatus), Code: aws.ToString(found.FailureCode),
			Message: aws.ToString(found.FailureMessage), Processed: found.ProcessedItemCount, Failed: found.FailedItemCount, Errors: b.Errors.String(),
		}
	}
	return found.ProcessedItemCount, nil
}

// BulkPutRuns reports whether the operation of that ARN has not come to its end. One that DynamoDB does not know has.
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

// BulkPutsUnderWay are the ARNs of the operations that put items into the table, whoever has started them. It takes
// dynamodb:ListBulkOperations, and is not repeated: no run may depend on it.
func BulkPutsUnderWay(ctx context.Context, client *dynamodb.Client, tableARN string) ([]string, error) {
	var found []string
	pages := dynamodb.NewListBulkOperationsPaginator(client, &dynamodb.ListBulkOperationsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
		if err != nil {
			return nil, err
		}
		for _, bulk := range page.BulkOperationsSummaryList {
			if arn := aws.ToString(bulk.BulkOperationArn); underWay(bulk.BulkOperationStatus) && strings.HasPrefix(arn, tableARN+"/") {
				found = append(found, arn)
			}
		}
	}
	return found, nil
}

func underWay(status types.BulkOperationStatus) bool {
	return status == types.BulkOperationStatusInProgress || status == types.BulkOperationStatusCancelling
}
