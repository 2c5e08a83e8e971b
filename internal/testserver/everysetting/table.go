// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package everysetting

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// Attributes defines attributes of type S.
func Attributes(names ...string) []types.AttributeDefinition {
	var list []types.AttributeDefinition
	for _, name := range names {
		list = append(
			list,
			types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS},
		)
	}
	return list
}

// Key has hash attributes, and behind a "|" range attributes.
func Key(names ...string) []types.KeySchemaElement {
	var schema []types.KeySchemaElement
	kind := types.KeyTypeHash
	for _, name := range names {
		if name == "|" {
			kind = types.KeyTypeRange
			continue
		}
		schema = append(schema, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: kind})
	}
	return schema
}

// Units are provisioned ones.
func Units(read, write int64) *types.ProvisionedThroughput {
	return &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(read), WriteCapacityUnits: aws.Int64(write)}
}

var (
	allAttributes  = &types.Projection{ProjectionType: types.ProjectionTypeAll}
	someAttributes = &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"z", "a"}}
)

// Table is a table with every setting away from its default that goes with provisioned units.
func Table() *dynamodb.CreateTableInput {
	tags := []types.Tag{{Key: aws.String("empty"), Value: aws.String("")}}
	for i := range 12 { // More than a page.
		tags = append(tags, types.Tag{Key: aws.String(fmt.Sprint("tag", i)), Value: aws.String("a value")})
	}
	return &dynamodb.CreateTableInput{
		TableName: aws.String(
			"orders",
		), AttributeDefinitions: Attributes("z", "id", "a", "b", "c", "d"), KeySchema: Key("id", "|", "z"),
		ProvisionedThroughput: Units(7, 8), BillingMode: types.BillingModeProvisioned,
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{
			{IndexName: aws.String("by-a"), KeySchema: Key("id", "|", "a"), Projection: someAttributes},
		},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{
				IndexName:             aws.String("one"),
				KeySchema:             Key("a"),
				Projection:            &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
				ProvisionedThroughput: Units(3, 4),
				WarmThroughput: &types.WarmThroughput{
					ReadUnitsPerSecond:  aws.Int64(14000),
					WriteUnitsPerSecond: aws.Int64(5000),
				},
			},
			{
				IndexName:             aws.String("many"),
				KeySchema:             Key("a", "b", "c", "d", "|", "id", "z"),
				Projection:            allAttributes,
				ProvisionedThroughput: Units(1, 2),
			},
		},
		WarmThroughput: &types.WarmThroughput{
			ReadUnitsPerSecond:  aws.Int64(13000),
			WriteUnitsPerSecond: aws.Int64(4500),
		},
		StreamSpecification: &types.StreamSpecification{
			StreamEnabled:  aws.Bool(true),
			StreamViewType: types.StreamViewTypeOldImage,
		},
		SSESpecification: &types.SSESpecification{
			Enabled:        aws.Bool(true),
			SSEType:        types.SSETypeKms,
			KMSMasterKeyId: aws.String(CustomerKey),
		},
		TableClass:                types.TableClassStandardInfrequentAccess,
		DeletionProtectionEnabled: aws.Bool(true),
		Tags:                      tags,
	}
}

// Set gives the table "orders" all settings that CreateTable does not take.
func (a *Account) Set(t *testing.T) {
	t.Helper()
	ctx, table := t.Context(), "orders"
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	d := a.Describe(t, table)
	a.Server.AddSystemTag(Region, a.AccessKey, table, "aws:cloudformation:stack-name", "stack")
	for arn, resources := range map[string]string{*d.TableArn: fmt.Sprintf(`[%q, "%s/index/*"]`, *d.TableArn, *d.TableArn), *d.LatestStreamArn: fmt.Sprintf("%q", *d.LatestStreamArn)} {
		must(a.DynamoDB.PutResourcePolicy(ctx, &dynamodb.PutResourcePolicyInput{ResourceArn: &arn, Policy: aws.String(
			`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["dynamodb:*"], "Resource": ` + resources + `, "Condition": {}}]}`,
		)}))
	}
	must(
		a.DynamoDB.UpdateTimeToLive(
			ctx,
			&dynamodb.UpdateTimeToLiveInput{
				TableName: &table,
				TimeToLiveSpecification: &types.TimeToLiveSpecification{
					AttributeName: aws.String("expires"),
					Enabled:       aws.Bool(true),
				},
			},
		),
	)
	for range 10 {
		_, err := a.DynamoDB.UpdateContinuousBackups(
			ctx,
			&dynamodb.UpdateContinuousBackupsInput{
				TableName: &table,
				PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{
					PointInTimeRecoveryEnabled: aws.Bool(true), RecoveryPeriodInDays: aws.Int32(9),
				},
			},
		)
		if err == nil {
			break
		}
	}
	for stream, precision := range map[string]types.ApproximateCreationDateTimePrecision{
		"one": types.ApproximateCreationDateTimePrecisionMicrosecond,
		"two": types.ApproximateCreationDateTimePrecisionMillisecond,
	} {
		must(a.DynamoDB.EnableKinesisStreamingDestination(ctx, &dynamodb.EnableKinesisStreamingDestinationInput{
			TableName: &table, StreamArn: aws.String("arn:aws:kinesis:" + Region + ":123456789012:stream/" + stream),
			EnableKinesisStreamingConfiguration: &types.EnableKinesisStreamingConfiguration{
				ApproximateCreationDateTimePrecision: precision,
			},
		}))
	}
	for index, mode := range map[string]types.ContributorInsightsMode{"": types.ContributorInsightsModeThrottledKeys, "many": types.ContributorInsightsModeAccessedAndThrottledKeys} {
		input := &dynamodb.UpdateContributorInsightsInput{
			TableName:                 &table,
			ContributorInsightsAction: types.ContributorInsightsActionEnable,
			ContributorInsightsMode:   mode,
		}
		if index != "" {
			input.IndexName = &index
		}
		must(a.DynamoDB.UpdateContributorInsights(ctx, input))
	}
	for resource, dimension := range map[string]scalingtypes.ScalableDimension{
		"table/" + table:                scalingtypes.ScalableDimensionDynamoDBTableWriteCapacityUnits,
		"table/" + table + "/index/one": scalingtypes.ScalableDimensionDynamoDBIndexReadCapacityUnits,
	} {
		must(a.AutoScaling.RegisterScalableTarget(ctx, &applicationautoscaling.RegisterScalableTargetInput{
			ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ResourceId: &resource, ScalableDimension: dimension,
			MinCapacity: aws.Int32(2), MaxCapacity: aws.Int32(50),
			SuspendedState: &scalingtypes.SuspendedState{
				ScheduledScalingSuspended: aws.Bool(strings.Contains(resource, "index")),
			},
		}))
		must(a.AutoScaling.PutScalingPolicy(ctx, &applicationautoscaling.PutScalingPolicyInput{
			ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ResourceId: &resource, ScalableDimension: dimension,
			PolicyName: aws.String("follow"), PolicyType: scalingtypes.PolicyTypeTargetTrackingScaling,
			TargetTrackingScalingPolicyConfiguration: &scalingtypes.TargetTrackingScalingPolicyConfiguration{
				TargetValue: aws.Float64(
					66,
				), ScaleInCooldown: aws.Int32(0), PredefinedMetricSpecification: &scalingtypes.PredefinedMetricSpecification{PredefinedMetricType: metric(dimension)},
			},
		}))
		must(a.AutoScaling.PutScheduledAction(ctx, &applicationautoscaling.PutScheduledActionInput{
			ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ResourceId: &resource, ScalableDimension: dimension,
			ScheduledActionName: aws.String("morning"),
			Schedule: aws.String(
				"cron(0 6 * * ? *)",
			), EndTime: aws.Time(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)), Timezone: aws.String("Europe/Berlin"), ScalableTargetAction: &scalingtypes.ScalableTargetAction{MinCapacity: aws.Int32(5)},
		}))
	}
	for _, function := range []string{"one", "two", "three", "four"} { // More than a page.
		must(a.Lambda.CreateEventSourceMapping(ctx, &lambda.CreateEventSourceMappingInput{
			EventSourceArn: d.LatestStreamArn, FunctionName: &function,
			StartingPosition: lambdatypes.EventSourcePositionTrimHorizon, BatchSize: aws.Int32(33),
			Enabled: aws.Bool(
				function != "two",
			), BisectBatchOnFunctionError: aws.Bool(true), MaximumRetryAttempts: aws.Int32(0), ParallelizationFactor: aws.Int32(3),
			FilterCriteria: &lambdatypes.FilterCriteria{
				Filters: []lambdatypes.Filter{{Pattern: aws.String(`{"eventName":["REMOVE"]}`)}},
			},
			FunctionResponseTypes: []lambdatypes.FunctionResponseType{lambdatypes.FunctionResponseTypeReportBatchItemFailures},
			DestinationConfig: &lambdatypes.DestinationConfig{
				OnFailure: &lambdatypes.OnFailure{Destination: aws.String("arn:aws:sqs:eu-west-1:123456789012:dead")},
			},
			KMSKeyArn: map[bool]*string{true: aws.String(CustomerKey)}[function == "three"],
			Tags:      map[string]string{"team": function, "empty": ""},
		}))
	}
	a.Settle(t, table)
}

func metric(dimension scalingtypes.ScalableDimension) scalingtypes.MetricType {
	if strings.Contains(string(dimension), "Write") {
		return scalingtypes.MetricTypeDynamoDBWriteCapacityUtilization
	}
	return scalingtypes.MetricTypeDynamoDBReadCapacityUtilization
}
