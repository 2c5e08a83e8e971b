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

// DynamoDB returns a client of DynamoDB, at the connection's own endpoint if it has one.
func (c *Connections) DynamoDB(ctx context.Context, conn Connection) (*dynamodb.Client, error) {
	return clientOf(ctx, c, conn, cmp.Or(conn.Endpoint, c.settings.Endpoints["dynamodb"]), dynamodb.NewFromConfig)
}

// AutoScaling returns a client of Application Auto Scaling.
func (c *Connections) AutoScaling(ctx context.Context, conn Connection) (*applicationautoscaling.Client, error) {
	return clientOf(ctx, c, conn, c.settings.Endpoints["application_autoscaling"], applicationautoscaling.NewFromConfig)
}

// KMS returns a client of AWS Key Management Service.
func (c *Connections) KMS(ctx context.Context, conn Connection) (*kms.Client, error) {
	return clientOf(ctx, c, conn, c.settings.Endpoints["kms"], kms.NewFromConfig)
}

// Lambda returns a client of AWS Lambda.
func (c *Connections) Lambda(ctx context.Context, conn Connection) (*lambda.Client, error) {
	return clientOf(ctx, c, conn, c.settings.Endpoints["lambda"], lambda.NewFromConfig)
}

// S3 returns a client of Amazon S3. With an endpoint in the settings it addresses buckets by path, since most local
// servers know no other way.
func (c *Connections) S3(ctx context.Context, conn Connection) (*s3.Client, error) {
	endpoint := c.settings.Endpoints["s3"]
	return clientOf(ctx, c, conn, endpoint, func(cfg aws.Config, options ...func(*s3.Options)) *s3.Client {
		return s3.NewFromConfig(cfg, append(options, func(o *s3.Options) {
			o.DisableLogOutputChecksumValidationSkipped = true // An object without a checksum is no reason to warn.
			o.UsePathStyle = endpoint != ""
		})...)
	})
}

// EMR returns a client of Amazon EMR.
func (c *Connections) EMR(ctx context.Context, conn Connection) (*emr.Client, error) {
	return clientOf(ctx, c, conn, c.settings.Endpoints["emr"], emr.NewFromConfig)
}

// EMRServerless returns a client of EMR Serverless.
func (c *Connections) EMRServerless(ctx context.Context, conn Connection) (*emrserverless.Client, error) {
	return clientOf(ctx, c, conn, c.settings.Endpoints["emr_serverless"], emrserverless.NewFromConfig)
}

// DataPipeline returns a client of AWS Data Pipeline.
func (c *Connections) DataPipeline(ctx context.Context, conn Connection) (*datapipeline.Client, error) {
	return clientOf(ctx, c, conn, c.settings.Endpoints["data_pipeline"], datapipeline.NewFromConfig)
}

// clientOf makes a client for the connection. If endpoint is empty, the environment or the SDK decides where it goes.
func clientOf[C, O any](
	ctx context.Context,
	c *Connections,
	conn Connection,
	endpoint string,
	newClient func(aws.Config, ...func(*O)) *C,
) (*C, error) {
	cfg, err := c.Config(ctx, conn)
	if err != nil {
		return nil, err
	}
	if endpoint != "" {
		cfg.BaseEndpoint = aws.String(endpoint)
		cfg.ConfigSources = append([]any{onlyAt(endpoint)}, cfg.ConfigSources...)
		cfg.APIOptions = append(slices.Clone(cfg.APIOptions), hiding(endpoint))
	}
	return newClient(cfg), nil
}

// hiding keeps the endpoint, which may be sensitive, out of the errors of a client.
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

// onlyAt is an endpoint that the user has given, used as it is. A client looks for its endpoint in the sources of its
// configuration and takes the first one found. onlyAt stands first among them, because variables such as
// AWS_ENDPOINT_URL_DYNAMODB would otherwise override BaseEndpoint.
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
