// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tables

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// S3Client is the client of a side, whose endpoint is one of DynamoDB.
func S3Client(ctx context.Context, e *Env, side awsconn.Connection) (*s3.Client, error) {
	side.Endpoint = ""
	return e.Connections.S3(ctx, side)
}

// OwnedBy is the client for buckets of that account alone: S3 refuses what concerns one of another account ("Verifying
// bucket ownership with bucket owner condition").
func OwnedBy(client *s3.Client, account string) *s3.Client {
	return s3.New(client.Options(), func(o *s3.Options) {
		o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue("X-Amz-Expected-Bucket-Owner", account))
	})
}

// NoBucket returns an error if there is no such bucket, or it is elsewhere. Whether it may be written to, only writing
// tells.
func NoBucket(ctx context.Context, client *s3.Client, bucket string) error {
	_, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String(bucket)})
	if awserr.Status(err) == http.StatusForbidden {
		return nil // Writing needs no permission to list.
	}
	return err
}
