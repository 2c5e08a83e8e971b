// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awsconn

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/datapipeline"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/emr"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// DynamoDB returns a client of a side, at the side's own endpoint if it has one.
func (c *Connections) DynamoDB(ctx context.Context, side Connection) (*dynamodb.Client, error) {
	return clientOf(ctx, c, side, cmp.Or(side.Endpoint, c.settings.Endpoints["dynamodb"]), dynamodb.NewFromConfig)
}

// AutoScaling returns a client of Application Auto Scaling for a side.
func (c *Connections) AutoScaling(ctx context.Context, side Connection) (*applicationautoscaling.Client, error) {
	return clientOf(ctx, c, side, c.settings.Endpoints["application_autoscaling"], applicationautoscaling.NewFromConfig)
}

// KMS returns a client of AWS Key Management Service for a side.
func (c *Connections) KMS(ctx context.Context, side Connection) (*kms.Client, error) {
	return clientOf(ctx, c, side, c.settings.Endpoints["kms"], kms.NewFromConfig)
}

// Lambda returns a client of AWS Lambda for a side.
func (c *Connections) Lambda(ctx context.Context, side Connection) (*lambda.Client, error) {
	return clientOf(ctx, c, side, c.settings.Endpoints["lambda"], lambda.NewFromConfig)
}

// S3 returns a client of Amazon S3 for a side. At an endpoint of its own buckets are addressed by path: most local
// servers know no other way.
func (c *Connections) S3(ctx context.Context, side Connection) (*s3.Client, error) {
	endpoint := c.settings.Endpoints["s3"]
	return clientOf(ctx, c, side, endpoint, s3.NewFromConfig, func(o *s3.Options) {
		o.DisableLogOutputChecksumValidationSkipped = true // Objects without a checksum of S3's are nothing to warn of.
		o.UsePathStyle = endpoint != ""
	})
}

// EMR returns a client of Amazon EMR for a side.
func (c *Connections) EMR(ctx context.Context, side Connection) (*emr.Client, error) {
	return clientOf(ctx, c, side, c.settings.Endpoints["emr"], emr.NewFromConfig)
}

// EMRServerless returns a client of EMR Serverless for a side.
func (c *Connections) EMRServerless(ctx context.Context, side Connection) (*emrserverless.Client, error) {
	return clientOf(ctx, c, side, c.settings.Endpoints["emr_serverless"], emrserverless.NewFromConfig)
}

// DataPipeline returns a client of AWS Data Pipeline for a side.
func (c *Connections) DataPipeline(ctx context.Context, side Connection) (*datapipeline.Client, error) {
	return clientOf(ctx, c, side, c.settings.Endpoints["data_pipeline"], datapipeline.NewFromConfig)
}

// clientOf makes a client for the side, at that endpoint, or where the environment or the SDK says if it is empty.
func clientOf[C, O any](
	ctx context.Context,
	c *Connections,
	side Connection,
	endpoint string,
	newClient func(aws.Config, ...func(*O)) *C,
	options ...func(*O),
) (*C, error) {
	cfg, err := c.Config(ctx, side)
	if err != nil {
		return nil, err
	}
	if endpoint != "" {
		cfg.BaseEndpoint = aws.String(endpoint)
		cfg.ConfigSources = append([]any{onlyAt(endpoint)}, cfg.ConfigSources...)
		cfg.APIOptions = append(slices.Clone(cfg.APIOptions), hiding(endpoint))
	}
	return newClient(cfg, options...), nil
}

// hiding keeps the endpoint out of the errors of a client.
func hiding(endpoint string) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(
			middleware.InitializeMiddlewareFunc(
				"HideEndpoint",
				func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
					middleware.InitializeOutput, middleware.Metadata, error,
				) {
					out, metadata, err := next.HandleInitialize(ctx, in)
					return out, metadata, awserr.Hiding(err, endpoint)
				},
			),
			middleware.Before,
		)
	}
}

// onlyAt is an endpoint of the user's, which is used as it is. Clients look for their endpoint in the sources of a
// configuration, of which it is to be the first: AWS_ENDPOINT_URL_DYNAMODB and its kin would win over BaseEndpoint.
type onlyAt string

func (e onlyAt) GetServiceBaseEndpoint(context.Context, string) (string, bool, error) {
	return string(e), true, nil
}

func (onlyAt) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	return aws.FIPSEndpointStateDisabled, true, nil
}

func (onlyAt) GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error) {
	return aws.DualStackEndpointStateDisabled, true, nil
}
