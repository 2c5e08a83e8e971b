// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var insightsOperations = operations{
	"DescribeContributorInsights": of(describeInsights),
	"UpdateContributorInsights":   of(updateInsights),
	"ListContributorInsights":     of(listInsights),
}

// insights are CloudWatch Contributor Insights of a table or an index.
type insights struct {
	status  types.ContributorInsightsStatus
	mode    types.ContributorInsightsMode
	updated time.Time
	change  change
}

// seeInsights returns what there is for the table or its index, which may be nothing yet.
func (r *request) seeInsights(name, index *string) (*table, *insights, error) {
	t, err := r.see(name)
	if err != nil {
		return nil, nil, err
	}
	if index != nil && findIndex(&t.description, index) == nil {
		return nil, nil, &types.ResourceNotFoundException{Message: aws.String("Requested resource not found: Index: " +
			*index + " not found")}
	}
	i := t.insights[aws.ToString(index)]
	if i == nil {
		i = &insights{status: types.ContributorInsightsStatusDisabled}
		t.insights[aws.ToString(index)] = i
	}
	i.change.look()
	return t, i, nil
}

func describeInsights(
	r *request,
	in *dynamodb.DescribeContributorInsightsInput,
) (*dynamodb.DescribeContributorInsightsOutput, error) {
	t, i, err := r.seeInsights(in.TableName, in.IndexName)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.DescribeContributorInsightsOutput{
		TableName: t.description.TableName, IndexName: in.IndexName,
		ContributorInsightsStatus: i.status, ContributorInsightsMode: i.mode,
	}
	if !i.updated.IsZero() {
		out.LastUpdateDateTime = &i.updated
	}
	return out, nil
}

func updateInsights(
	r *request,
	in *dynamodb.UpdateContributorInsightsInput,
) (*dynamodb.UpdateContributorInsightsOutput, error) {
	t, i, err := r.seeInsights(in.TableName, in.IndexName)
	if err != nil {
		return nil, err
	}
	if in.IndexName != nil && findIndex(&t.description, in.IndexName).IndexStatus != types.IndexStatusActive {
		return nil, inUse(t, "the index "+*in.IndexName+" is not ACTIVE")
	}
	passing, final := types.ContributorInsightsStatusEnabling, types.ContributorInsightsStatusEnabled
	mode := cmp.Or(in.ContributorInsightsMode, i.mode, types.ContributorInsightsModeAccessedAndThrottledKeys)
	if in.ContributorInsightsAction == types.ContributorInsightsActionDisable {
		passing, final, mode = types.ContributorInsightsStatusDisabling, types.ContributorInsightsStatusDisabled, ""
	}
	i.status, i.mode, i.updated = passing, mode, time.Now()
	r.begin(&i.change, func() { i.status = final })
	return &dynamodb.UpdateContributorInsightsOutput{
		TableName: t.description.TableName, IndexName: in.IndexName, ContributorInsightsStatus: passing,
		ContributorInsightsMode: mode,
	}, nil
}

// listInsights lists the tables and indexes that have, or had, insights.
func listInsights(
	r *request,
	in *dynamodb.ListContributorInsightsInput,
) (*dynamodb.ListContributorInsightsOutput, error) {
	names := slices.Sorted(maps.Keys(r.server.tables[r.place]))
	if in.TableName != nil {
		t, err := r.see(in.TableName)
		if err != nil {
			return nil, err
		}
		names = []string{t.name()}
	}
	var list []types.ContributorInsightsSummary
	for _, name := range names {
		t := r.server.tables[r.place][name]
		for _, index := range slices.Sorted(maps.Keys(t.insights)) {
			if t.insights[index].updated.IsZero() {
				continue // asked about, never enabled
			}
			summary := types.ContributorInsightsSummary{
				TableName: t.description.TableName, ContributorInsightsStatus: t.insights[index].status,
				ContributorInsightsMode: t.insights[index].mode,
			}
			if index != "" {
				summary.IndexName = aws.String(index)
			}
			list = append(list, summary)
		}
	}
	list, next, err := page(list, in.NextToken, orDefault(int(in.MaxResults), tablesPerPage))
	return &dynamodb.ListContributorInsightsOutput{ContributorInsightsSummaries: list, NextToken: next}, err
}
