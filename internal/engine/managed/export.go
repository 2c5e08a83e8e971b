// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package managed

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// Place is a folder in a bucket. Owner is the account that owns the bucket, empty for the caller's.
type Place struct {
	store.S3Place
	Owner string
}

// Export is a full export of a table to S3 ("ExportTableToPointInTime" in the Amazon DynamoDB API Reference).
type Export struct {
	Client   *dynamodb.Client
	TableARN string
	To       Place
	// At is the point in time; zero means now.
	At time.Time
	// Filter selects the items; nil selects all.
	Filter *filter.Filter
	// Token is the client token, so that the export is started only once. It is valid for eight hours.
	Token string
	// Ours reports whether an export that was started with the token is one that Await may wait for.
	Ours  func(token string) bool
	Sleep Sleep
}

// Exported is a complete export.
type Exported struct {
	ARN   string
	Items int64
	// Folder holds the manifests and, in its folder data, the items.
	Folder store.S3Place
}

// Start starts the export and returns its ARN. It waits while too many exports are running.
func (e Export) Start(ctx context.Context) (arn string, err error) {
	input := &dynamodb.ExportTableToPointInTimeInput{
		TableArn: &e.TableARN, S3Bucket: &e.To.Bucket, S3Prefix: set(e.To.At().Prefix), S3BucketOwner: set(e.To.Owner),
		ExportFormat: types.ExportFormatDynamodbJson, ExportType: types.ExportTypeFullExport, ClientToken: &e.Token,
	}
	if !e.At.IsZero() {
		input.ExportTime = &e.At
	}
	if f := e.Filter; f != nil {
		input.FilterSpecification = &types.FilterSpecification{
			FilterExpression: &f.Expression, ExpressionAttributeNames: f.Names, ExpressionAttributeValues: f.Values,
		}
	}
	err = e.Sleep.start(ctx, func() error {
		begun, err := e.Client.ExportTableToPointInTime(ctx, input)
		if err == nil {
			arn = aws.ToString(begun.ExportDescription.ExportArn)
		}
		if e.Filter != nil {
			err = awserr.Discreet(err)
		}
		return err
	})
	return arn, err
}

// foreign returns how the export differs from what Start requests, empty if it does not.
func (e Export) foreign(d *types.ExportDescription) (why string) {
	switch {
	case aws.ToString(d.TableArn) != e.TableARN:
		return "it is of the table " + aws.ToString(d.TableArn)
	case aws.ToString(d.S3Bucket) != e.To.Bucket || strings.Trim(aws.ToString(d.S3Prefix), "/") != e.To.At().Prefix:
		return "it is in another place"
	case d.ExportType == types.ExportTypeIncrementalExport || d.ExportFormat == types.ExportFormatIon:
		return "it is of another kind"
	case d.ClientToken != nil && !e.Ours(*d.ClientToken):
		return "another run has started it"
	case d.ExportStatus == types.ExportStatusCompleted &&
		!store.IsExport(e.To.S3Place, store.Folder(e.To.Bucket, aws.ToString(d.ExportManifest)).Prefix):
		return "its manifest is in another place"
	}
	return ""
}

// Await waits for the export of that ARN. An export that fails is a *FailedError, one that differs from what Start
// requests a *ForeignError. seen is called after each poll.
func (e Export) Await(ctx context.Context, arn string, seen func() error) (*Exported, error) {
	var found *types.ExportDescription
	err := e.Sleep.wait(ctx, func() (bool, error) {
		answer, err := e.Client.DescribeExport(ctx, &dynamodb.DescribeExportInput{ExportArn: &arn})
		if err != nil {
			return false, err
		}
		found = answer.ExportDescription
		if why := e.foreign(found); why != "" {
			return false, &ForeignError{ARN: arn, Why: why}
		}
		return found.ExportStatus != types.ExportStatusInProgress, seen()
	})
	if err != nil {
		return nil, err
	}
	if found.ExportStatus != types.ExportStatusCompleted {
		return nil, &FailedError{
			Operation: "ExportTableToPointInTime", ARN: arn, Status: string(found.ExportStatus),
			Code: aws.ToString(found.FailureCode), Message: aws.ToString(found.FailureMessage),
			Processed: aws.ToInt64(found.ItemCount),
		}
	}
	return &Exported{
		ARN: arn, Items: aws.ToInt64(found.ItemCount), Folder: store.Folder(e.To.Bucket, aws.ToString(found.ExportManifest)),
	}, nil
}

// set returns the text, nil if it is empty.
func set(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
