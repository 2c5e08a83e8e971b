// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// bounded returns an error unless the limits of the caller's account apply to the table.
func bounded(ctx context.Context, clients Clients, name string, table *types.TableDescription) error {
	r := readerOf(clients, table)
	if r.local {
		return errNotKept
	}
	return r.own(ctx, name)
}

// ScaledWrites returns the write units a second up to which Application Auto Scaling may raise those of the
// provisioned table, 0 if nothing raises them. The table is described already, by that name or ARN. It sends one
// request, without retries. The error is that of the request, or says that the table is in another account, or that a
// local server sets no limit.
func ScaledWrites(ctx context.Context, clients Clients, name string, table *types.TableDescription) (float64, error) {
	if err := bounded(ctx, clients, name, table); err != nil {
		return 0, err
	}
	found, err := clients.AutoScaling.DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{
		ServiceNamespace: dynamoDB, ScalableDimension: scalingtypes.ScalableDimensionDynamoDBTableWriteCapacityUnits,
		ResourceIds: []string{"table/" + aws.ToString(table.TableName)},
	}, func(o *applicationautoscaling.Options) { o.RetryMaxAttempts = 1 })
	if err != nil {
		return 0, err
	}
	for _, target := range found.ScalableTargets {
		if state := suspended(target.SuspendedState); state == nil || !aws.ToBool(state.DynamicScalingOutSuspended) {
			return float64(aws.ToInt32(target.MaxCapacity)), nil
		}
	}
	return 0, nil
}

// WriteQuota returns the write units a second that the account's quota allows an on-demand table without a maximum in
// this Region ("Quotas in Amazon DynamoDB"). AWS answers about once a minute ("DescribeLimits"), so the one request
// is sent without retries. Parameters and errors are those of [ScaledWrites].
func WriteQuota(
	ctx context.Context, client *dynamodb.Client, name string, table *types.TableDescription,
) (float64, error) {
	if err := bounded(ctx, Clients{DynamoDB: client}, name, table); err != nil {
		return 0, err
	}
	once := func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 }
	limits, err := client.DescribeLimits(ctx, &dynamodb.DescribeLimitsInput{}, once)
	if err != nil {
		return 0, err
	}
	return float64(aws.ToInt64(limits.TableMaxWriteCapacityUnits)), nil
}
