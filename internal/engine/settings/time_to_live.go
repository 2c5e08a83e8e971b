// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// timeToLive is the attribute with the time at which an item expires, empty if it is off.
var timeToLive = &setting[string]{
	name: "time_to_live", copied: Full,
	read: func(ctx context.Context, r *reader) (string, error) {
		found, err := r.DynamoDB.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: r.table.TableName})
		if err != nil {
			return "", r.kept(err)
		}
		d := found.TimeToLiveDescription
		if d == nil ||
			d.TimeToLiveStatus != types.TimeToLiveStatusEnabled && d.TimeToLiveStatus != types.TimeToLiveStatusEnabling {
			return "", nil
		}
		return aws.ToString(d.AttributeName), nil
	},
	put: func(ctx context.Context, w *Writer, value string) error {
		return w.again(ctx, busy, func() error {
			_, err := w.DynamoDB.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
				TableName:               aws.String(w.Table),
				TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(value), Enabled: aws.Bool(true)},
			})
			return err
		})
	},
}
