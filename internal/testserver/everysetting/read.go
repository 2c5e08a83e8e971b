// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package everysetting

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// changing is what two tables of the same settings differ in: ids, times, the label of the stream.
var changing = regexp.MustCompile(
	`"(TableId|UUID|EventSourceMappingArn|[A-Za-z]*DateTime|LastModified|LatestStreamLabel|CreationTime|RevisionId|ScalableTargetARN|PolicyARN|ScheduledActionARN|StateTransitionReason)":("[^"]*"|[0-9.]+),?|/stream/[0-9T:.-]+`,
)

// Everything is what AWS says of a table, a part a line, read with the SDK and nothing of the engine. What two tables
// of the same settings differ in, such as ids and times, stays out.
func (a *Account) Everything(t *testing.T, table string) string {
	t.Helper()
	ctx := t.Context()
	var text strings.Builder
	add := func(output any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		document, err := json.Marshal(output)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(changing.ReplaceAll(document, nil))
		text.WriteString("\n")
	}
	d := a.Describe(t, table)
	slices.SortFunc(
		d.AttributeDefinitions,
		func(a, b types.AttributeDefinition) int { return strings.Compare(*a.AttributeName, *b.AttributeName) },
	)
	slices.SortFunc(d.GlobalSecondaryIndexes, func(a, b types.GlobalSecondaryIndexDescription) int {
		return strings.Compare(*a.IndexName, *b.IndexName)
	})
	for i := range d.LocalSecondaryIndexes {
		slices.Sort(d.LocalSecondaryIndexes[i].Projection.NonKeyAttributes)
	}
	for i := range d.GlobalSecondaryIndexes {
		slices.Sort(d.GlobalSecondaryIndexes[i].Projection.NonKeyAttributes)
		if most := d.GlobalSecondaryIndexes[i].OnDemandThroughput; most != nil &&
			aws.ToInt64(most.MaxReadRequestUnits) == -1 {
			most.MaxReadRequestUnits = nil // Both mean that there is no maximum.
		}
	}
	if summary := d.BillingModeSummary; summary != nil && summary.BillingMode == types.BillingModeProvisioned {
		d.BillingModeSummary = nil // Both mean provisioned; the one says that the table was on-demand once.
	}
	d.RestoreSummary = nil // How it was made is no setting, nor is when its class was changed.
	if d.TableClassSummary != nil {
		d.TableClassSummary.LastUpdateDateTime = nil
	}
	add(d, nil)
	tags := map[string]string{}
	for input := (&dynamodb.ListTagsOfResourceInput{ResourceArn: d.TableArn}); ; {
		page, err := a.DynamoDB.ListTagsOfResource(ctx, input)
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range page.Tags {
			if !strings.HasPrefix(*tag.Key, "aws:") {
				tags[*tag.Key] = *tag.Value
			}
		}
		if input.NextToken = page.NextToken; input.NextToken == nil {
			break
		}
	}
	add(tags, nil)
	for _, arn := range []*string{d.TableArn, d.LatestStreamArn} {
		if arn != nil {
			policy, err := a.DynamoDB.GetResourcePolicy(ctx, &dynamodb.GetResourcePolicyInput{ResourceArn: arn})
			if err == nil {
				var document any // AWS gives the text as it was put; that of a new one may have other blanks.
				if err := json.Unmarshal([]byte(*policy.Policy), &document); err != nil {
					t.Fatal(err)
				}
				add(document, nil)
			} else if !strings.Contains(err.Error(), "PolicyNotFoundException") {
				t.Fatal(err)
			}
		}
	}
	ttl, err := a.DynamoDB.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &table})
	add(ttl.TimeToLiveDescription, err)
	recovery, err := a.DynamoDB.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &table})
	add(recovery.ContinuousBackupsDescription, err)
	kinesis, err := a.DynamoDB.DescribeKinesisStreamingDestination(
		ctx,
		&dynamodb.DescribeKinesisStreamingDestinationInput{TableName: &table},
	)
	if err == nil {
		slices.SortFunc(
			kinesis.KinesisDataStreamDestinations,
			func(a, b types.KinesisDataStreamDestination) int { return strings.Compare(*a.StreamArn, *b.StreamArn) },
		)
	}
	add(kinesis.KinesisDataStreamDestinations, err)
	for _, index := range append([]types.GlobalSecondaryIndexDescription{{}}, d.GlobalSecondaryIndexes...) {
		input := &dynamodb.DescribeContributorInsightsInput{TableName: &table, IndexName: index.IndexName}
		var insights *dynamodb.DescribeContributorInsightsOutput
		for range 3 { // ENABLING passes.
			insights, err = a.DynamoDB.DescribeContributorInsights(ctx, input)
			if err != nil {
				t.Fatal(err)
			}
		}
		add([]any{insights.IndexName, insights.ContributorInsightsStatus, insights.ContributorInsightsMode}, nil)
	}
	resources := []string{"table/" + table}
	for _, index := range d.GlobalSecondaryIndexes {
		resources = append(resources, "table/"+table+"/index/"+*index.IndexName)
	}
	for _, resource := range resources {
		targets, err := a.AutoScaling.DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{
			ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ResourceIds: []string{resource},
		})
		add(targets.ScalableTargets, err)
		policies, err := a.AutoScaling.DescribeScalingPolicies(
			ctx,
			&applicationautoscaling.DescribeScalingPoliciesInput{
				ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb,
				ResourceId:       &resource,
			},
		)
		add(policies.ScalingPolicies, err)
		actions, err := a.AutoScaling.DescribeScheduledActions(
			ctx,
			&applicationautoscaling.DescribeScheduledActionsInput{
				ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb,
				ResourceId:       &resource,
			},
		)
		add(actions.ScheduledActions, err)
	}
	if d.StreamSpecification != nil {
		for _, m := range a.Mappings(t, *d.LatestStreamArn) {
			// The list leaves out criteria that are encrypted, and tags.
			whole, err := a.Lambda.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: m.UUID})
			if err != nil {
				t.Fatal(err)
			}
			tags, err := a.Lambda.ListTags(ctx, &lambda.ListTagsInput{Resource: m.EventSourceMappingArn})
			add([]any{m, whole.FilterCriteria, tags.Tags}, err)
		}
	}
	return text.String()
}

// Mappings are the event source mappings of a stream, when none is being made any more.
func (a *Account) Mappings(t *testing.T, stream string) (found []lambdatypes.EventSourceMappingConfiguration) {
	t.Helper()
	for range 3 { // Creating passes.
		found = nil
		pages := lambda.NewListEventSourceMappingsPaginator(
			a.Lambda,
			&lambda.ListEventSourceMappingsInput{EventSourceArn: &stream},
		)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, page.EventSourceMappings...)
		}
	}
	slices.SortFunc(found, func(a, b lambdatypes.EventSourceMappingConfiguration) int {
		return strings.Compare(*a.FunctionArn, *b.FunctionArn)
	})
	return found
}

// Settle looks at everything until no state passes any more.
func (a *Account) Settle(t *testing.T, table string) {
	t.Helper()
	for range 5 {
		now := a.Everything(t, table)
		if !strings.Contains(now, "ING\"") && !strings.Contains(now, "Creating") {
			return
		}
	}
	t.Fatal("a state does not pass")
}
