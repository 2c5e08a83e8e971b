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

// S3Client returns the S3 client of a connection. The connection's endpoint is that of DynamoDB and not used.
func S3Client(ctx context.Context, e *Env, side awsconn.Connection) (*s3.Client, error) {
	side.Endpoint = ""
	return e.Connections.S3(ctx, side)
}

// OwnedBy returns a client whose requests S3 refuses unless the bucket belongs to the account ("Verifying bucket
// ownership with bucket owner condition").
func OwnedBy(client *s3.Client, account string) *s3.Client {
	return s3.New(client.Options(), func(o *s3.Options) {
		o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue("X-Amz-Expected-Bucket-Owner", account))
	})
}

// NoBucket returns an error if the bucket does not exist or is in another Region. Only writing tells whether it can be
// written to.
func NoBucket(ctx context.Context, client *s3.Client, bucket string) error {
	_, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String(bucket)})
	if awserr.Status(err) == http.StatusForbidden {
		return nil // Writing needs no permission to list.
	}
	return err
}
