// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package managed

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Import has DynamoDB create a table from an export ("ImportTable" in the Amazon DynamoDB API Reference).
type Import struct {
	Client *dynamodb.Client
	Table  *types.TableCreationParameters
	// From is the folder with the data files of the export.
	From Place
	// Token is the client token, so that the import is started only once. It is valid for eight hours.
	Token string
	// Ours reports whether an import that was started with the token is one that Await may wait for. TableARN is the ARN
	// of the table that it creates.
	Ours     func(token string) bool
	TableARN string
	Sleep    Sleep
}

// Start starts the import and returns its ARN. It waits while there are too many imports. The error is ErrTaken if a
// table of that name exists that this import has not created.
func (i Import) Start(ctx context.Context) (arn string, err error) {
	input := &dynamodb.ImportTableInput{
		ClientToken: &i.Token, TableCreationParameters: i.Table, InputFormat: types.InputFormatDynamodbJson,
		InputCompressionType: types.InputCompressionTypeGzip,
		S3BucketSource: &types.S3BucketSource{
			S3Bucket: &i.From.Bucket, S3KeyPrefix: &i.From.Prefix, S3BucketOwner: set(i.From.Owner),
		},
	}
	taken := false
	err = i.Sleep.start(ctx, func() error {
		begun, err := i.Client.ImportTable(ctx, input)
		if _, taken = errors.AsType[*types.ResourceInUseException](err); taken {
			return nil
		}
		if err == nil {
			arn = aws.ToString(begun.ImportTableDescription.ImportArn)
		}
		return err
	})
	if taken {
		return "", ErrTaken
	}
	return arn, err
}

// Find returns the ARN of the newest import of the folder into the table, empty if there is none. It needs
// dynamodb:ListImports. It finds an import whose answer was lost and whose token DynamoDB has forgotten.
func (i Import) Find(ctx context.Context, tableARN string) (arn string, err error) {
	var newest time.Time
	pages := dynamodb.NewListImportsPaginator(i.Client, &dynamodb.ListImportsInput{TableArn: &tableARN})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, found := range page.ImportSummaryList {
			from, start := found.S3BucketSource, aws.ToTime(found.StartTime)
			if from != nil && aws.ToString(from.S3Bucket) == i.From.Bucket &&
				aws.ToString(from.S3KeyPrefix) == i.From.Prefix && !start.Before(newest) {
				arn, newest = aws.ToString(found.ImportArn), start
			}
		}
	}
	return arn, nil
}

// foreign returns how the import differs from what Start requests, empty if it does not.
func (i Import) foreign(d *types.ImportTableDescription) (why string) {
	from := d.S3BucketSource
	switch {
	case aws.ToString(d.TableArn) != i.TableARN:
		return "it creates the table " + aws.ToString(d.TableArn)
	case from == nil || aws.ToString(from.S3Bucket) != i.From.Bucket || aws.ToString(from.S3KeyPrefix) != i.From.Prefix:
		return "it loads from another place"
	case d.ClientToken != nil && !i.Ours(*d.ClientToken):
		return "another run has started it"
	}
	return ""
}

// Await waits for the import of that ARN, and returns how many items it has put. An import that has not put all that
// it read is a *FailedError, one that differs from what Start requests a *ForeignError. seen is called after each
// poll with the items put so far and the table's id.
func (i Import) Await(
	ctx context.Context, arn string, seen func(items int64, tableID string) error,
) (items int64, err error) {
	var found *types.ImportTableDescription
	err = i.Sleep.wait(ctx, func() (bool, error) {
		answer, err := i.Client.DescribeImport(ctx, &dynamodb.DescribeImportInput{ImportArn: &arn})
		if err != nil {
			return false, err
		}
		found = answer.ImportTableDescription
		if why := i.foreign(found); why != "" {
			return false, &ForeignError{ARN: arn, Why: why}
		}
		running := found.ImportStatus == types.ImportStatusInProgress || found.ImportStatus == types.ImportStatusCancelling
		return !running, seen(found.ImportedItemCount, aws.ToString(found.TableId))
	})
	if err != nil {
		return 0, err
	}
	if found.ImportStatus != types.ImportStatusCompleted || found.ErrorCount > 0 {
		return 0, &FailedError{
			Operation: "ImportTable", ARN: arn, Status: string(found.ImportStatus),
			Code: aws.ToString(found.FailureCode), Message: aws.ToString(found.FailureMessage),
			Processed: found.ProcessedItemCount, Failed: found.ErrorCount, Errors: aws.ToString(found.CloudWatchLogGroupArn),
		}
	}
	return found.ImportedItemCount, nil
}
