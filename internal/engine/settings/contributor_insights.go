// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// insights holds the modes of CloudWatch Contributor Insights, of the table and of each global index by its name.
type insights struct {
	Table   types.ContributorInsightsMode
	Indexes map[string]types.ContributorInsightsMode
}

var contributorInsights = &setting[insights]{
	name: "contributor_insights", shared: true, copied: Full,
	read: func(ctx context.Context, r *reader) (value insights, err error) {
		if value.Table, err = r.insights(ctx, nil); err != nil {
			return value, err
		}
		value.Indexes = map[string]types.ContributorInsightsMode{}
		for _, index := range r.table.GlobalSecondaryIndexes {
			mode, err := r.insights(ctx, index.IndexName)
			if err != nil {
				return value, err
			}
			value.Indexes[aws.ToString(index.IndexName)] = mode
		}
		return value, nil
	},
	put: func(ctx context.Context, w *Writer, value insights) error {
		if err := w.setInsights(ctx, nil, value.Table); err != nil {
			return err
		}
		for index, mode := range value.Indexes {
			if err := w.setInsights(ctx, aws.String(index), mode); err != nil {
				return err
			}
		}
		return nil
	},
}

// insights returns the mode of the table or of an index, empty if it is off.
func (r *reader) insights(ctx context.Context, index *string) (types.ContributorInsightsMode, error) {
	found, err := r.DynamoDB.DescribeContributorInsights(ctx, &dynamodb.DescribeContributorInsightsInput{
		TableName: r.table.TableName, IndexName: index,
	})
	if err != nil {
		return "", r.kept(err)
	}
	switch found.ContributorInsightsStatus {
	case types.ContributorInsightsStatusEnabled, types.ContributorInsightsStatusEnabling:
	default:
		return "", nil
	}
	if found.ContributorInsightsMode == "" {
		return types.ContributorInsightsModeAccessedAndThrottledKeys, nil // It was enabled before there was a choice.
	}
	return found.ContributorInsightsMode, nil
}

// setInsights enables Contributor Insights where it was enabled. In a new table it is off everywhere.
func (w *Writer) setInsights(ctx context.Context, index *string, mode types.ContributorInsightsMode) error {
	if mode == "" {
		return nil
	}
	return w.again(ctx, busy, func() error {
		_, err := w.DynamoDB.UpdateContributorInsights(ctx, &dynamodb.UpdateContributorInsightsInput{
			TableName: aws.String(w.Table), IndexName: index, ContributorInsightsAction: types.ContributorInsightsActionEnable,
			ContributorInsightsMode: mode,
		})
		return err
	})
}
