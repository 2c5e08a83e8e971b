// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func (f *fixture) tags(t *testing.T, arn *string) (tags map[string]string, pages int) {
	t.Helper()
	tags = map[string]string{}
	in := &dynamodb.ListTagsOfResourceInput{ResourceArn: arn}
	for {
		page, err := f.ListTagsOfResource(t.Context(), in)
		do(t, err)
		for _, tag := range page.Tags {
			tags[*tag.Key] = *tag.Value
		}
		pages++
		if in.NextToken = page.NextToken; in.NextToken == nil {
			return tags, pages
		}
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	want := map[string]string{"added": "later", "aws:created-by": "AWS"}
	d := f.create(t, orders(func(in *dynamodb.CreateTableInput) {
		for i := range 25 {
			key := fmt.Sprintf("tag%02d", i)
			in.Tags = append(in.Tags, types.Tag{Key: &key, Value: aws.String("v")})
			want[key] = "v"
		}
	}))
	add := func(key string) error {
		_, err := f.TagResource(t.Context(), &dynamodb.TagResourceInput{
			ResourceArn: d.TableArn, Tags: []types.Tag{{Key: &key, Value: aws.String("later")}},
		})
		return err
	}
	do(t, add("added"))
	wantCode(t, add("aws:added"), "ValidationException")
	f.server.AddSystemTag(region, f.accessKey, "orders", "aws:created-by", "AWS")
	_, err := f.UntagResource(t.Context(), &dynamodb.UntagResourceInput{ResourceArn: d.TableArn, TagKeys: []string{"tag07"}})
	do(t, err)
	delete(want, "tag07")
	got, pages := f.tags(t, d.TableArn)
	wantEqual(t, got, want)
	if pages < 2 {
		t.Error("the tags are on one page")
	}
	_, err = f.ListTagsOfResource(t.Context(), &dynamodb.ListTagsOfResourceInput{ResourceArn: aws.String("orders")})
	wantCode(t, err, "ValidationException")
}

func TestResourcePolicies(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.create(t, orders(func(in *dynamodb.CreateTableInput) {
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeKeysOnly}
	}))
	for _, arn := range []*string{d.TableArn, d.LatestStreamArn} {
		get := func() (*dynamodb.GetResourcePolicyOutput, error) {
			return f.GetResourcePolicy(t.Context(), &dynamodb.GetResourcePolicyInput{ResourceArn: arn})
		}
		put := func(document string, revision *string) (*dynamodb.PutResourcePolicyOutput, error) {
			return f.PutResourcePolicy(t.Context(), &dynamodb.PutResourcePolicyInput{ResourceArn: arn, Policy: &document, ExpectedRevisionId: revision})
		}
		_, err := get()
		wantCode(t, err, "PolicyNotFoundException")
		document := `{"Statement":[{"Resource":["` + *arn + `"]}]}`
		written, err := put(document, aws.String("NO_POLICY"))
		do(t, err)
		_, err = put(document, aws.String("NO_POLICY"))
		wantCode(t, err, "PolicyNotFoundException")
		_, err = put(`{"Statement":[{"Resource":"`+*arn+`x"}]}`, nil)
		wantCode(t, err, "ValidationException")
		read, err := get()
		do(t, err)
		if *read.Policy != document || *read.RevisionId != *written.RevisionId {
			t.Errorf("got %s, %s", *read.Policy, *read.RevisionId)
		}
		_, err = f.DeleteResourcePolicy(t.Context(), &dynamodb.DeleteResourcePolicyInput{ResourceArn: arn, ExpectedRevisionId: aws.String("other")})
		wantCode(t, err, "PolicyNotFoundException")
		_, err = f.DeleteResourcePolicy(t.Context(), &dynamodb.DeleteResourcePolicyInput{ResourceArn: arn, ExpectedRevisionId: read.RevisionId})
		do(t, err)
		_, err = get()
		wantCode(t, err, "PolicyNotFoundException")
	}
}

func TestPolicyInCreateTable(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	arn := *f.create(t, orders()).TableArn
	f.drop(t, "orders")
	document := `{"Statement":[{"Resource":"` + arn + `/index/*"}]}`
	f.create(t, orders(func(in *dynamodb.CreateTableInput) { in.ResourcePolicy = &document }))
	got, err := f.GetResourcePolicy(t.Context(), &dynamodb.GetResourcePolicyInput{ResourceArn: &arn})
	do(t, err)
	wantEqual(t, *got.Policy, document)
}

func TestTimeToLive(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.create(t, orders())
	status := func() types.TimeToLiveStatus {
		out, err := f.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("orders")})
		do(t, err)
		return out.TimeToLiveDescription.TimeToLiveStatus
	}
	update := func(enable bool, attribute string) error {
		_, err := f.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
			TableName:               aws.String("orders"),
			TimeToLiveSpecification: &types.TimeToLiveSpecification{Enabled: &enable, AttributeName: &attribute},
		})
		return err
	}
	wantEqual(t, status(), types.TimeToLiveStatusDisabled)
	wantCode(t, update(false, "expires"), "ValidationException")
	do(t, update(true, "expires"))
	wantEqual(t, status(), types.TimeToLiveStatusEnabling)
	wantEqual(t, status(), types.TimeToLiveStatusEnabled)
	wantCode(t, update(true, "expires"), "ValidationException")
	wantCode(t, update(false, "other"), "ValidationException")
	do(t, update(false, "expires"))
	wantCode(t, update(true, "expires"), "ValidationException") // still DISABLING
	wantEqual(t, status(), types.TimeToLiveStatusDisabled)
	f.server.LimitTimeToLive()
	wantCode(t, update(true, "expires"), "ValidationException")
}

func TestContinuousBackups(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.server.SetLooks("UpdateContinuousBackups", 2)
	f.create(t, orders())
	update := func(enable bool, days *int32) error {
		_, err := f.UpdateContinuousBackups(t.Context(), &dynamodb.UpdateContinuousBackupsInput{
			TableName: aws.String("orders"),
			PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{
				PointInTimeRecoveryEnabled: &enable, RecoveryPeriodInDays: days,
			},
		})
		return err
	}
	recovery := func() *types.PointInTimeRecoveryDescription {
		out, err := f.DescribeContinuousBackups(t.Context(), &dynamodb.DescribeContinuousBackupsInput{TableName: aws.String("orders")})
		do(t, err)
		return out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	}
	wantEqual(t, recovery().PointInTimeRecoveryStatus, types.PointInTimeRecoveryStatusDisabled)
	wantCode(t, update(true, nil), "ContinuousBackupsUnavailableException")
	wantCode(t, update(true, nil), "ContinuousBackupsUnavailableException")
	wantCode(t, update(true, aws.Int32(36)), "ValidationException")
	wantCode(t, update(false, aws.Int32(7)), "ValidationException")
	do(t, update(true, nil))
	wantEqual(t, *recovery().RecoveryPeriodInDays, int32(35))
	do(t, update(true, aws.Int32(7)))
	if got := recovery(); *got.RecoveryPeriodInDays != 7 || got.EarliestRestorableDateTime == nil {
		t.Errorf("got %+v", got)
	}
	do(t, update(false, nil))
	wantEqual(t, recovery().RecoveryPeriodInDays, (*int32)(nil))
	_, err := f.DescribeContinuousBackups(t.Context(), &dynamodb.DescribeContinuousBackupsInput{TableName: aws.String("absent")})
	wantCode(t, err, "TableNotFoundException")
}

func TestKinesisDestinations(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.create(t, orders())
	stream := func(name string) *string {
		return aws.String("arn:aws:kinesis:" + region + ":123456789012:stream/" + name)
	}
	enable := func(name string) error {
		_, err := f.EnableKinesisStreamingDestination(t.Context(), &dynamodb.EnableKinesisStreamingDestinationInput{
			TableName: aws.String("orders"), StreamArn: stream(name),
			EnableKinesisStreamingConfiguration: &types.EnableKinesisStreamingConfiguration{
				ApproximateCreationDateTimePrecision: types.ApproximateCreationDateTimePrecisionMicrosecond,
			},
		})
		return err
	}
	disable := func(name string) error {
		_, err := f.DisableKinesisStreamingDestination(t.Context(), &dynamodb.DisableKinesisStreamingDestinationInput{
			TableName: aws.String("orders"), StreamArn: stream(name),
		})
		return err
	}
	list := func() []types.KinesisDataStreamDestination {
		out, err := f.DescribeKinesisStreamingDestination(t.Context(), &dynamodb.DescribeKinesisStreamingDestinationInput{TableName: aws.String("orders")})
		do(t, err)
		return out.KinesisDataStreamDestinations
	}
	wantEqual(t, len(list()), 0)
	wantCode(t, disable("one"), "ResourceNotFoundException")
	do(t, enable("one"))
	wantCode(t, disable("one"), "ResourceInUseException")
	if got := list()[0]; got.DestinationStatus != types.DestinationStatusActive ||
		got.ApproximateCreationDateTimePrecision != types.ApproximateCreationDateTimePrecisionMicrosecond {
		t.Errorf("got %+v", got)
	}
	wantCode(t, enable("one"), "ResourceInUseException")
	do(t, enable("two"))
	wantCode(t, enable("three"), "LimitExceededException")
	do(t, disable("one"))
	wantEqual(t, list()[0].DestinationStatus, types.DestinationStatusDisabling)
	wantEqual(t, list()[0].DestinationStatus, types.DestinationStatusDisabled)
	_, err := f.UpdateKinesisStreamingDestination(t.Context(), &dynamodb.UpdateKinesisStreamingDestinationInput{
		TableName: aws.String("orders"), StreamArn: stream("two"),
		UpdateKinesisStreamingConfiguration: &types.UpdateKinesisStreamingConfiguration{
			ApproximateCreationDateTimePrecision: types.ApproximateCreationDateTimePrecisionMillisecond,
		},
	})
	do(t, err)
	wantEqual(t, list()[1].DestinationStatus, types.DestinationStatusUpdating)
}

func TestContributorInsights(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.create(t, orders(withIndex))
	describe := func(index *string) *dynamodb.DescribeContributorInsightsOutput {
		out, err := f.DescribeContributorInsights(t.Context(), &dynamodb.DescribeContributorInsightsInput{TableName: aws.String("orders"), IndexName: index})
		do(t, err)
		return out
	}
	update := func(index *string, action types.ContributorInsightsAction, mode types.ContributorInsightsMode) error {
		_, err := f.UpdateContributorInsights(t.Context(), &dynamodb.UpdateContributorInsightsInput{
			TableName: aws.String("orders"), IndexName: index, ContributorInsightsAction: action, ContributorInsightsMode: mode,
		})
		return err
	}
	for index, mode := range map[string]types.ContributorInsightsMode{
		"": types.ContributorInsightsModeThrottledKeys, "byDate": types.ContributorInsightsModeAccessedAndThrottledKeys,
	} {
		var name *string
		if index != "" {
			name = &index
		}
		wantEqual(t, describe(name).ContributorInsightsStatus, types.ContributorInsightsStatusDisabled)
		do(t, update(name, types.ContributorInsightsActionEnable, mode))
		wantEqual(t, describe(name).ContributorInsightsStatus, types.ContributorInsightsStatusEnabling)
		if got := describe(name); got.ContributorInsightsStatus != types.ContributorInsightsStatusEnabled || got.ContributorInsightsMode != mode {
			t.Errorf("got %+v", got)
		}
	}
	wantCode(t, update(aws.String("absent"), types.ContributorInsightsActionEnable, ""), "ResourceNotFoundException")
	first, err := f.ListContributorInsights(t.Context(), &dynamodb.ListContributorInsightsInput{TableName: aws.String("orders"), MaxResults: 1})
	do(t, err)
	second, err := f.ListContributorInsights(t.Context(), &dynamodb.ListContributorInsightsInput{
		TableName: aws.String("orders"), MaxResults: 1, NextToken: first.NextToken,
	})
	do(t, err)
	if len(first.ContributorInsightsSummaries) != 1 || len(second.ContributorInsightsSummaries) != 1 || second.NextToken != nil {
		t.Errorf("got %+v and %+v", first, second)
	}
}

// A table of the name of one that was dropped begins anew.
func TestDropLosesSettings(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	tagged := func(in *dynamodb.CreateTableInput) {
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
	}
	old := f.create(t, orders(tagged))
	_, err := f.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName:               aws.String("orders"),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{Enabled: aws.Bool(true), AttributeName: aws.String("expires")},
	})
	do(t, err)
	f.drop(t, "orders")
	anew := f.create(t, orders())
	if *anew.TableId == *old.TableId {
		t.Error("the id is the same")
	}
	tags, _ := f.tags(t, anew.TableArn)
	wantEqual(t, tags, map[string]string{})
	ttl, err := f.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("orders")})
	do(t, err)
	wantEqual(t, ttl.TimeToLiveDescription.TimeToLiveStatus, types.TimeToLiveStatusDisabled)
}
