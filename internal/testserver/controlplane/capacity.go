// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// checkCapacity refuses throughput that does not go with the billing mode, of the table and of each index.
func checkCapacity(in *dynamodb.CreateTableInput) error {
	onDemand := in.BillingMode == types.BillingModePayPerRequest
	if err := checkThroughput("", onDemand, in.ProvisionedThroughput, in.OnDemandThroughput); err != nil {
		return err
	}
	if err := checkWarm(onDemand, in.ProvisionedThroughput, in.WarmThroughput); err != nil {
		return err
	}
	for _, index := range in.GlobalSecondaryIndexes {
		if err := checkThroughput(*index.IndexName, onDemand, index.ProvisionedThroughput, index.OnDemandThroughput); err != nil {
			return err
		}
		if err := checkWarm(onDemand, index.ProvisionedThroughput, index.WarmThroughput); err != nil {
			return err
		}
	}
	return nil
}

func checkThroughput(
	index string,
	onDemand bool,
	provisioned *types.ProvisionedThroughput,
	maximum *types.OnDemandThroughput,
) error {
	of := ""
	if index != "" {
		of = " for index: " + index
	}
	switch {
	case onDemand && provisioned != nil:
		return parameter("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "+
			"PAY_PER_REQUEST%s", of)
	case !onDemand && provisioned == nil:
		return parameter("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "+
			"PROVISIONED%s", of)
	case !onDemand && maximum != nil:
		return parameter("OnDemandThroughput cannot be specified when BillingMode is PROVISIONED%s", of)
	case provisioned != nil && (aws.ToInt64(provisioned.ReadCapacityUnits) < 1 || aws.ToInt64(provisioned.WriteCapacityUnits) < 1):
		return validation("ReadCapacityUnits and WriteCapacityUnits must be at least 1%s", of)
	case maximum != nil && maximum.MaxReadRequestUnits == nil && maximum.MaxWriteRequestUnits == nil:
		return parameter("OnDemandThroughput has neither MaxReadRequestUnits nor MaxWriteRequestUnits%s", of)
	case maximum != nil && (!isMaximum(maximum.MaxReadRequestUnits) || !isMaximum(maximum.MaxWriteRequestUnits)):
		return parameter("MaxReadRequestUnits and MaxWriteRequestUnits must be -1 or at least 1%s", of)
	}
	return nil
}

// isMaximum accepts -1, which stands for no maximum.
func isMaximum(units *int64) bool { return units == nil || *units == -1 || *units >= 1 }

// warmFloor is the warm throughput that a table or an index has without asking: a new on-demand one that of
// "Understanding DynamoDB warm throughput", a provisioned one what is provisioned.
func warmFloor(onDemand bool, provisioned *types.ProvisionedThroughput) types.WarmThroughput {
	if onDemand || provisioned == nil {
		return types.WarmThroughput{
			ReadUnitsPerSecond:  aws.Int64(minOnDemandWarmRead),
			WriteUnitsPerSecond: aws.Int64(minOnDemandWarmWrite),
		}
	}
	return types.WarmThroughput{
		ReadUnitsPerSecond:  provisioned.ReadCapacityUnits,
		WriteUnitsPerSecond: provisioned.WriteCapacityUnits,
	}
}

func checkWarm(onDemand bool, provisioned *types.ProvisionedThroughput, warm *types.WarmThroughput) error {
	return notLower(warmFloor(onDemand, provisioned), warm)
}

// notLower refuses a warm throughput below what there is: it can only be raised.
func notLower(than types.WarmThroughput, warm *types.WarmThroughput) error {
	if warm == nil {
		return nil
	}
	if warm.ReadUnitsPerSecond != nil && *warm.ReadUnitsPerSecond < aws.ToInt64(than.ReadUnitsPerSecond) ||
		warm.WriteUnitsPerSecond != nil && *warm.WriteUnitsPerSecond < aws.ToInt64(than.WriteUnitsPerSecond) {
		return parameter("WarmThroughput cannot be lower than %d reads and %d writes",
			aws.ToInt64(than.ReadUnitsPerSecond), aws.ToInt64(than.WriteUnitsPerSecond))
	}
	return nil
}

// warmOr fills what the wish leaves open.
func warmOr(wish *types.WarmThroughput, floor types.WarmThroughput) types.WarmThroughput {
	if wish != nil && wish.ReadUnitsPerSecond != nil {
		floor.ReadUnitsPerSecond = wish.ReadUnitsPerSecond
	}
	if wish != nil && wish.WriteUnitsPerSecond != nil {
		floor.WriteUnitsPerSecond = wish.WriteUnitsPerSecond
	}
	return floor
}

// described is how a description shows provisioned throughput: on demand as zeros.
func described(provisioned *types.ProvisionedThroughput) *types.ProvisionedThroughputDescription {
	if provisioned == nil {
		provisioned = &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(0), WriteCapacityUnits: aws.Int64(0)}
	}
	return &types.ProvisionedThroughputDescription{
		NumberOfDecreasesToday: aws.Int64(0),
		ReadCapacityUnits:      provisioned.ReadCapacityUnits, WriteCapacityUnits: provisioned.WriteCapacityUnits,
	}
}

// unchanged refuses throughput that a table or an index has already. ("UpdateTable" changes something.)
func unchanged(what string, now *types.ProvisionedThroughputDescription, wish *types.ProvisionedThroughput) error {
	if wish != nil && *now.ReadCapacityUnits == *wish.ReadCapacityUnits &&
		*now.WriteCapacityUnits == *wish.WriteCapacityUnits {
		return validation("The provisioned throughput for the %s will not change. The requested value equals the current "+
			"value.", what)
	}
	return nil
}

// lift raises warm throughput to what a change of billing or of throughput brings along.
func lift(read, write **int64, floor types.WarmThroughput) {
	*read = aws.Int64(max(aws.ToInt64(*read), aws.ToInt64(floor.ReadUnitsPerSecond)))
	*write = aws.Int64(max(aws.ToInt64(*write), aws.ToInt64(floor.WriteUnitsPerSecond)))
}
