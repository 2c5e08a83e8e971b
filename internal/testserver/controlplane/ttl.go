// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var ttlOperations = operations{
	"DescribeTimeToLive": of(describeTTL),
	"UpdateTimeToLive":   of(updateTTL),
}

// timeToLive is a table's time to live. DynamoDB Local does not get to know it: items do not expire under a test.
type timeToLive struct {
	attribute string
	status    types.TimeToLiveStatus // empty is DISABLED
	updated   bool                   // at least once
	change    change
}

func describeTTL(r *request, in *dynamodb.DescribeTimeToLiveInput) (*dynamodb.DescribeTimeToLiveOutput, error) {
	t, err := r.see(in.TableName)
	if err != nil {
		return nil, err
	}
	t.timeToLive.change.look()
	description := &types.TimeToLiveDescription{TimeToLiveStatus: types.TimeToLiveStatusDisabled}
	if t.timeToLive.status != "" {
		description.TimeToLiveStatus, description.AttributeName = t.timeToLive.status, &t.timeToLive.attribute
	}
	return &dynamodb.DescribeTimeToLiveOutput{TimeToLiveDescription: description}, nil
}

func updateTTL(r *request, in *dynamodb.UpdateTimeToLiveInput) (*dynamodb.UpdateTimeToLiveOutput, error) {
	t, err := r.seeActive(in.TableName)
	if err != nil {
		return nil, err
	}
	ttl := &t.timeToLive
	ttl.change.look()
	enable := aws.ToBool(in.TimeToLiveSpecification.Enabled)
	attribute := aws.ToString(in.TimeToLiveSpecification.AttributeName)
	switch {
	case attribute == "" || len(attribute) > maxTimeToLiveName:
		return nil, validation("The attribute's name has from 1 to %d characters", maxTimeToLiveName)
	case ttl.status == types.TimeToLiveStatusEnabling || ttl.status == types.TimeToLiveStatusDisabling:
		return nil, validation("Time to live has been modified multiple times within a fixed interval")
	case enable && ttl.status != "":
		return nil, validation("TimeToLive is already enabled")
	case !enable && ttl.status == "":
		return nil, validation("TimeToLive is already disabled")
	case !enable && attribute != ttl.attribute:
		return nil, validation(
			"TimeToLive is active on a different AttributeName: current AttributeName is %s",
			ttl.attribute,
		)
	case r.server.limitTTL && ttl.updated:
		return nil, validation("Time to live has been modified multiple times within a fixed interval")
	}
	passing, final := types.TimeToLiveStatusEnabling, types.TimeToLiveStatusEnabled
	if !enable {
		passing, final = types.TimeToLiveStatusDisabling, ""
	}
	ttl.attribute, ttl.status, ttl.updated = attribute, passing, true
	r.begin(&ttl.change, func() { ttl.status = final })
	return &dynamodb.UpdateTimeToLiveOutput{TimeToLiveSpecification: in.TimeToLiveSpecification}, nil
}
