// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awsconn

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/datapipeline"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/emr"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// DynamoDB returns the client of a side, the same one for equal sides.
func (c *Connections) DynamoDB(ctx context.Context, side Side) (*dynamodb.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if client, ok := c.clients[side.key()]; ok {
		return client, nil
	}
	cfg, p := c.config(ctx, side)
	if p != nil {
		return nil, p
	}
	endpoint := side.Endpoint
	if endpoint == "" {
		endpoint = c.settings.Endpoints["dynamodb"]
	}
	client := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		if endpoint != "" {
			o.BaseEndpoint, o.EndpointOptions.UseFIPSEndpoint, o.EndpointOptions.UseDualStackEndpoint = onlyAt(endpoint)
		}
	})
	c.clients[side.key()] = client
	return client, nil
}

// AutoScaling returns a client of Application Auto Scaling for a side.
func (c *Connections) AutoScaling(ctx context.Context, side Side) (*applicationautoscaling.Client, error) {
	cfg, err := c.Config(ctx, side)
	if err != nil {
		return nil, err
	}
	return applicationautoscaling.NewFromConfig(cfg, func(o *applicationautoscaling.Options) {
		if endpoint := c.settings.Endpoints["application_autoscaling"]; endpoint != "" {
			o.BaseEndpoint, o.EndpointOptions.UseFIPSEndpoint, o.EndpointOptions.UseDualStackEndpoint = onlyAt(endpoint)
		}
	}), nil
}

// KMS returns a client of AWS Key Management Service for a side.
func (c *Connections) KMS(ctx context.Context, side Side) (*kms.Client, error) {
	cfg, err := c.Config(ctx, side)
	if err != nil {
		return nil, err
	}
	return kms.NewFromConfig(cfg, func(o *kms.Options) {
		if endpoint := c.settings.Endpoints["kms"]; endpoint != "" {
			o.BaseEndpoint, o.EndpointOptions.UseFIPSEndpoint, o.EndpointOptions.UseDualStackEndpoint = onlyAt(endpoint)
		}
	}), nil
}

// Lambda returns a client of AWS Lambda for a side.
func (c *Connections) Lambda(ctx context.Context, side Side) (*lambda.Client, error) {
	cfg, err := c.Config(ctx, side)
	if err != nil {
		return nil, err
	}
	return lambda.NewFromConfig(cfg, func(o *lambda.Options) {
		if endpoint := c.settings.Endpoints["lambda"]; endpoint != "" {
			o.BaseEndpoint, o.EndpointOptions.UseFIPSEndpoint, o.EndpointOptions.UseDualStackEndpoint = onlyAt(endpoint)
		}
	}), nil
}

// S3 returns a client of Amazon S3 for a side. At an endpoint of its own buckets are addressed by path: most local servers
// know no other way.
func (c *Connections) S3(ctx context.Context, side Side) (*s3.Client, error) {
	cfg, err := c.Config(ctx, side)
	if err != nil {
		return nil, err
	}
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.DisableLogOutputChecksumValidationSkipped = true // Objects without a checksum of S3's are nothing to warn of.
		if endpoint := c.settings.Endpoints["s3"]; endpoint != "" {
			o.BaseEndpoint, o.EndpointOptions.UseFIPSEndpoint, o.EndpointOptions.UseDualStackEndpoint = onlyAt(endpoint)
			o.UsePathStyle = true
		}
	}), nil
}

// EMR returns a client of Amazon EMR for a side.
func (c *Connections) EMR(ctx context.Context, side Side) (*emr.Client, error) {
	cfg, err := c.Config(ctx, side)
	if err != nil {
		return nil, err
	}
	return emr.NewFromConfig(cfg, func(o *emr.Options) {
		if endpoint := c.settings.Endpoints["emr"]; endpoint != "" {
			o.BaseEndpoint, o.EndpointOptions.UseFIPSEndpoint, o.EndpointOptions.UseDualStackEndpoint = onlyAt(endpoint)
		}
	}), nil
}

// EMRServerless returns a client of EMR Serverless for a side.
func (c *Connections) EMRServerless(ctx context.Context, side Side) (*emrserverless.Client, error) {
	cfg, err := c.Config(ctx, side)
	if err != nil {
		return nil, err
	}
	return emrserverless.NewFromConfig(cfg, func(o *emrserverless.Options) {
		if endpoint := c.settings.Endpoints["emr_serverless"]; endpoint != "" {
			o.BaseEndpoint, o.EndpointOptions.UseFIPSEndpoint, o.EndpointOptions.UseDualStackEndpoint = onlyAt(endpoint)
		}
	}), nil
}

// DataPipeline returns a client of AWS Data Pipeline for a side.
func (c *Connections) DataPipeline(ctx context.Context, side Side) (*datapipeline.Client, error) {
	cfg, err := c.Config(ctx, side)
	if err != nil {
		return nil, err
	}
	return datapipeline.NewFromConfig(cfg, func(o *datapipeline.Options) {
		if endpoint := c.settings.Endpoints["data_pipeline"]; endpoint != "" {
			o.BaseEndpoint, o.EndpointOptions.UseFIPSEndpoint, o.EndpointOptions.UseDualStackEndpoint = onlyAt(endpoint)
		}
	}), nil
}

// onlyAt are a client's options for an endpoint of the user's, which is used as it is.
func onlyAt(endpoint string) (*string, aws.FIPSEndpointState, aws.DualStackEndpointState) {
	return aws.String(endpoint), aws.FIPSEndpointStateDisabled, aws.DualStackEndpointStateDisabled
}
