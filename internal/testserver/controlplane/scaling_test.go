// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

const (
	namespace  = scalingtypes.ServiceNamespaceDynamodb
	tableRead  = scalingtypes.ScalableDimensionDynamoDBTableReadCapacityUnits
	tableWrite = scalingtypes.ScalableDimensionDynamoDBTableWriteCapacityUnits
	indexRead  = scalingtypes.ScalableDimensionDynamoDBIndexReadCapacityUnits
	indexWrite = scalingtypes.ScalableDimensionDynamoDBIndexWriteCapacityUnits
)

func (f *fixture) register(t *testing.T, id string, dimension scalingtypes.ScalableDimension, low, high *int32) error {
	t.Helper()
	_, err := f.scaling.RegisterScalableTarget(t.Context(), &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: namespace, ResourceId: &id, ScalableDimension: dimension, MinCapacity: low, MaxCapacity: high,
	})
	return err
}

func (f *fixture) targets(t *testing.T, ids ...string) (targets []scalingtypes.ScalableTarget, pages int) {
	t.Helper()
	in := &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: namespace, ResourceIds: ids}
	for {
		page, err := f.scaling.DescribeScalableTargets(t.Context(), in)
		do(t, err)
		targets = append(targets, page.ScalableTargets...)
		pages++
		if in.NextToken = page.NextToken; in.NextToken == nil {
			return targets, pages
		}
	}
}

func TestScalableTargets(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	const table, index = "table/orders", "table/orders/index/byDate"
	low, high := aws.Int32(5), aws.Int32(50)
	wantCode(t, f.register(t, table, tableRead, low, high), "ValidationException")
	f.create(t, orders(withIndex))
	wantCode(t, f.register(t, table, indexRead, low, high), "ValidationException")
	wantCode(t, f.register(t, index, tableRead, low, high), "ValidationException")
	wantCode(t, f.register(t, "table/orders/index/absent", indexRead, low, high), "ValidationException")
	wantCode(t, f.register(t, table, tableRead, low, nil), "ValidationException")
	wantCode(t, f.register(t, table, tableRead, high, low), "ValidationException")
	do(t, f.register(t, table, tableRead, low, high))
	do(t, f.register(t, table, tableWrite, low, high))
	do(t, f.register(t, index, indexRead, low, high))
	do(t, f.register(t, index, indexWrite, low, high))

	if got, pages := f.targets(t); len(got) != 4 || pages < 2 {
		t.Errorf("%d targets on %d pages", len(got), pages)
	}
	_, err := f.scaling.RegisterScalableTarget(t.Context(), &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: namespace, ResourceId: aws.String(table), ScalableDimension: tableRead, MaxCapacity: aws.Int32(60),
		SuspendedState: &scalingtypes.SuspendedState{DynamicScalingInSuspended: aws.Bool(true)},
	})
	do(t, err)
	got, _ := f.targets(t, table)
	if len(got) != 2 || *got[0].MinCapacity != 5 || *got[0].MaxCapacity != 60 ||
		!*got[0].SuspendedState.DynamicScalingInSuspended || *got[0].SuspendedState.ScheduledScalingSuspended {
		t.Errorf("got %+v", got)
	}

	f.drop(t, "orders")
	if got, _ := f.targets(t); len(got) != 4 {
		t.Errorf("%d targets survive the table", len(got))
	}
	deregister := func() error {
		_, err := f.scaling.DeregisterScalableTarget(t.Context(), &applicationautoscaling.DeregisterScalableTargetInput{
			ServiceNamespace: namespace, ResourceId: aws.String(index), ScalableDimension: indexRead,
		})
		return err
	}
	do(t, deregister())
	wantCode(t, deregister(), "ObjectNotFoundException")
}

func TestScalingPoliciesAndSchedules(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.create(t, orders())
	const table = "table/orders"
	putPolicy := func(kind scalingtypes.PolicyType, value float64) error {
		_, err := f.scaling.PutScalingPolicy(t.Context(), &applicationautoscaling.PutScalingPolicyInput{
			ServiceNamespace: namespace, ResourceId: aws.String(table), ScalableDimension: tableRead, PolicyName: aws.String("half"), PolicyType: kind,
			TargetTrackingScalingPolicyConfiguration: &scalingtypes.TargetTrackingScalingPolicyConfiguration{
				TargetValue: &value, ScaleInCooldown: aws.Int32(7),
				PredefinedMetricSpecification: &scalingtypes.PredefinedMetricSpecification{
					PredefinedMetricType: scalingtypes.MetricTypeDynamoDBReadCapacityUtilization,
				},
			},
		})
		return err
	}
	policies := func() []scalingtypes.ScalingPolicy {
		out, err := f.scaling.DescribeScalingPolicies(t.Context(), &applicationautoscaling.DescribeScalingPoliciesInput{
			ServiceNamespace: namespace, ResourceId: aws.String(table),
		})
		do(t, err)
		return out.ScalingPolicies
	}
	putAction := func(schedule *string, to *scalingtypes.ScalableTargetAction) error {
		_, err := f.scaling.PutScheduledAction(t.Context(), &applicationautoscaling.PutScheduledActionInput{
			ServiceNamespace: namespace, ResourceId: aws.String(table), ScalableDimension: tableRead,
			ScheduledActionName: aws.String("nightly"), Schedule: schedule, ScalableTargetAction: to,
		})
		return err
	}
	actions := func() []scalingtypes.ScheduledAction {
		out, err := f.scaling.DescribeScheduledActions(t.Context(), &applicationautoscaling.DescribeScheduledActionsInput{
			ServiceNamespace: namespace, ResourceId: aws.String(table),
		})
		do(t, err)
		return out.ScheduledActions
	}
	nightly, to := aws.String("cron(0 2 * * ? *)"), &scalingtypes.ScalableTargetAction{MinCapacity: aws.Int32(9)}

	wantCode(t, putPolicy(scalingtypes.PolicyTypeTargetTrackingScaling, 50), "ObjectNotFoundException")
	wantCode(t, putAction(nightly, to), "ObjectNotFoundException")
	do(t, f.register(t, table, tableRead, aws.Int32(1), aws.Int32(2)))
	wantCode(t, putPolicy(scalingtypes.PolicyTypeStepScaling, 50), "ValidationException")
	do(t, putPolicy(scalingtypes.PolicyTypeTargetTrackingScaling, 50))
	do(t, putPolicy(scalingtypes.PolicyTypeTargetTrackingScaling, 72.5))
	if got := policies(); len(got) != 1 || *got[0].TargetTrackingScalingPolicyConfiguration.TargetValue != 72.5 || len(got[0].Alarms) == 0 {
		t.Errorf("got %+v", got)
	}
	wantCode(t, putAction(nil, to), "ValidationException")
	wantCode(t, putAction(nightly, nil), "ValidationException")
	do(t, putAction(nightly, to))
	do(t, putAction(nil, &scalingtypes.ScalableTargetAction{MinCapacity: aws.Int32(8)}))
	if got := actions(); len(got) != 1 || *got[0].Schedule != *nightly || *got[0].ScalableTargetAction.MinCapacity != 8 {
		t.Errorf("got %+v", got)
	}

	_, err := f.scaling.DeleteScheduledAction(t.Context(), &applicationautoscaling.DeleteScheduledActionInput{
		ServiceNamespace: namespace, ResourceId: aws.String(table), ScalableDimension: tableRead, ScheduledActionName: aws.String("nightly"),
	})
	do(t, err)
	wantEqual(t, len(actions()), 0)
	do(t, putAction(nightly, to))
	_, err = f.scaling.DeregisterScalableTarget(t.Context(), &applicationautoscaling.DeregisterScalableTargetInput{
		ServiceNamespace: namespace, ResourceId: aws.String(table), ScalableDimension: tableRead,
	})
	do(t, err)
	wantEqual(t, len(actions())+len(policies()), 0)
}
