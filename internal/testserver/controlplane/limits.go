// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var limitOperations = operations{
	"DescribeLimits":    of(describeLimits),
	"DescribeEndpoints": of(describeEndpoints),
}

// newWriteQuota is the quota of a table's write units in a new account. ("Quotas in Amazon DynamoDB".)
const newWriteQuota = 40_000

// SetWriteQuota changes the quota of a table's write units, in every account and Region.
func (s *Server) SetWriteQuota(units int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writeQuota = units
}

// describeLimits answers with the quotas of a new account, and with that of a table's writes.
func describeLimits(r *request, _ *dynamodb.DescribeLimitsInput) (*dynamodb.DescribeLimitsOutput, error) {
	return &dynamodb.DescribeLimitsOutput{
		AccountMaxReadCapacityUnits: aws.Int64(80_000), AccountMaxWriteCapacityUnits: aws.Int64(80_000),
		TableMaxReadCapacityUnits: aws.Int64(40_000), TableMaxWriteCapacityUnits: aws.Int64(r.server.writeQuota),
	}, nil
}

func describeEndpoints(r *request, _ *dynamodb.DescribeEndpointsInput) (*dynamodb.DescribeEndpointsOutput, error) {
	return &dynamodb.DescribeEndpointsOutput{Endpoints: []types.Endpoint{
		{Address: aws.String(strings.TrimPrefix(r.server.URL, "http://")), CachePeriodInMinutes: 1440},
	}}, nil
}
