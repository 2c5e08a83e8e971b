// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// scaling is what Application Auto Scaling keeps for the table and its indexes. It is bound to the table's name, so
// it outlives the table.
type scaling struct {
	Targets  []scalingTarget
	Policies []scalingPolicy
	Actions  []scheduledAction
}

// scalable identifies what is scaled. Resource is empty for the table, or "index/NAME".
type scalable struct {
	Resource  string
	Dimension types.ScalableDimension
}

func (s scalable) compare(other scalable) int {
	return cmp.Or(cmp.Compare(s.Resource, other.Resource), cmp.Compare(s.Dimension, other.Dimension))
}

type scalingTarget struct {
	scalable
	MinCapacity, MaxCapacity *int32
	RoleARN                  *string
	SuspendedState           *types.SuspendedState
}

type scalingPolicy struct {
	scalable
	PolicyName     *string
	PolicyType     types.PolicyType
	TargetTracking *types.TargetTrackingScalingPolicyConfiguration
	Step           *types.StepScalingPolicyConfiguration
	Predictive     *types.PredictiveScalingPolicyConfiguration
}

type scheduledAction struct {
	scalable
	Name, Schedule, Timezone *string
	StartTime, EndTime       *time.Time
	Action                   *types.ScalableTargetAction
}

var autoScaling = &setting[scaling]{
	name: "auto_scaling", shared: true, copied: Full,
	read: func(ctx context.Context, r *reader) (scaling, error) { return r.scaling(ctx) },
	put: func(ctx context.Context, w *Writer, value scaling) error {
		r, err := newReader(ctx, w.Clients, w.Table)
		if err != nil {
			return err
		}
		is, err := r.scaling(ctx)
		if err != nil {
			return err
		}
		// Put only what differs: AWS refuses a new scheduled action whose time is over, but keeps an old one.
		targets, err := without(value.Targets, is.Targets)
		if err != nil {
			return err
		}
		for _, target := range targets {
			if err := w.register(ctx, target, target.SuspendedState); err != nil {
				return err
			}
		}
		policies, err := without(value.Policies, is.Policies)
		if err != nil {
			return err
		}
		actions, err := without(value.Actions, is.Actions)
		if err != nil {
			return err
		}
		return w.putPolicies(ctx, scaling{Policies: policies, Actions: actions})
	},
	move: func(value scaling, m *move) (scaling, error) {
		for i := range value.Targets {
			if m.otherAccount() {
				value.Targets[i].RoleARN = aws.String(m.scalingRole())
			}
		}
		for _, policy := range value.Policies {
			if policy.TargetTracking == nil || policy.TargetTracking.CustomizedMetricSpecification == nil {
				continue
			}
			metric := policy.TargetTracking.CustomizedMetricSpecification
			for i := range metric.Dimensions {
				metric.Dimensions[i].Value = m.dimension(metric.Dimensions[i].Name, metric.Dimensions[i].Value)
			}
			for _, query := range metric.Metrics { // These are part of a metric math expression.
				if query.MetricStat == nil || query.MetricStat.Metric == nil {
					continue
				}
				for i, d := range query.MetricStat.Metric.Dimensions {
					query.MetricStat.Metric.Dimensions[i].Value = m.dimension(d.Name, d.Value)
				}
			}
		}
		return value, nil
	},
}

// dimension returns the value of a metric's dimension, with the source's name replaced by the copy's.
func (m *move) dimension(name, value *string) *string {
	if aws.ToString(name) == "TableName" && aws.ToString(value) == m.table {
		return aws.String(m.to.Table)
	}
	return value
}

// scalingRole returns the ARN of the role that AWS creates in each account ("Service-linked roles for Application
// Auto Scaling").
func (m *move) scalingRole() string {
	const role = "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
	return fmt.Sprintf("arn:%s:iam::%s:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/%s",
		m.to.Partition, m.to.Account, role)
}

const dynamoDB = types.ServiceNamespaceDynamodb

func (r *reader) scaling(ctx context.Context) (value scaling, err error) {
	if r.unreachable(r.AutoScaling.Options().BaseEndpoint) {
		return value, errNotKept
	}
	table := "table/" + aws.ToString(r.table.TableName)
	resources := []string{table}
	for _, index := range r.table.GlobalSecondaryIndexes {
		resources = append(resources, table+"/index/"+aws.ToString(index.IndexName))
	}
	if value.Targets, err = r.scalingTargets(ctx, resources); err != nil {
		return value, r.kept(err)
	}
	for _, resource := range resources { // These operations take one resource at a time.
		policies, err := r.scalingPolicies(ctx, resource)
		if err != nil {
			return value, r.kept(err)
		}
		actions, err := r.scheduledActions(ctx, resource)
		if err != nil {
			return value, r.kept(err)
		}
		value.Policies, value.Actions = append(value.Policies, policies...), append(value.Actions, actions...)
	}
	slices.SortFunc(value.Targets, func(a, b scalingTarget) int { return a.compare(b.scalable) })
	slices.SortFunc(value.Policies, func(a, b scalingPolicy) int {
		return cmp.Or(a.compare(b.scalable), cmp.Compare(aws.ToString(a.PolicyName), aws.ToString(b.PolicyName)))
	})
	slices.SortFunc(value.Actions, func(a, b scheduledAction) int {
		return cmp.Or(a.compare(b.scalable), cmp.Compare(aws.ToString(a.Name), aws.ToString(b.Name)))
	})
	return value, nil
}

func (r *reader) scalingTargets(ctx context.Context, resources []string) (found []scalingTarget, err error) {
	pages := applicationautoscaling.NewDescribeScalableTargetsPaginator(
		r.AutoScaling,
		&applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: dynamoDB, ResourceIds: resources},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, t := range page.ScalableTargets {
			found = append(found, scalingTarget{
				scalable:    r.scalable(t.ResourceId, t.ScalableDimension),
				MinCapacity: t.MinCapacity, MaxCapacity: t.MaxCapacity,
				RoleARN: t.RoleARN, SuspendedState: suspended(t.SuspendedState),
			})
		}
	}
	return found, nil
}

func (r *reader) scalingPolicies(ctx context.Context, resource string) (found []scalingPolicy, err error) {
	pages := applicationautoscaling.NewDescribeScalingPoliciesPaginator(
		r.AutoScaling,
		&applicationautoscaling.DescribeScalingPoliciesInput{ServiceNamespace: dynamoDB, ResourceId: aws.String(resource)},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range page.ScalingPolicies {
			found = append(found, scalingPolicy{
				scalable:   r.scalable(p.ResourceId, p.ScalableDimension),
				PolicyName: p.PolicyName, PolicyType: p.PolicyType,
				TargetTracking: p.TargetTrackingScalingPolicyConfiguration,
				Step:           p.StepScalingPolicyConfiguration,
				Predictive:     p.PredictiveScalingPolicyConfiguration,
			})
		}
	}
	return found, nil
}

func (r *reader) scheduledActions(ctx context.Context, resource string) (found []scheduledAction, err error) {
	pages := applicationautoscaling.NewDescribeScheduledActionsPaginator(
		r.AutoScaling,
		&applicationautoscaling.DescribeScheduledActionsInput{ServiceNamespace: dynamoDB, ResourceId: aws.String(resource)},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, a := range page.ScheduledActions {
			found = append(found, scheduledAction{
				scalable: r.scalable(a.ResourceId, a.ScalableDimension),
				Name:     a.ScheduledActionName, Schedule: a.Schedule, Timezone: a.Timezone,
				StartTime: a.StartTime, EndTime: a.EndTime, Action: a.ScalableTargetAction,
			})
		}
	}
	return found, nil
}

// scalable returns what the resource of Application Auto Scaling is within the table.
func (r *reader) scalable(resource *string, dimension types.ScalableDimension) scalable {
	table := "table/" + aws.ToString(r.table.TableName)
	within := strings.TrimPrefix(strings.TrimPrefix(aws.ToString(resource), table), "/")
	return scalable{Resource: within, Dimension: dimension}
}

// suspended returns the state, nil if nothing is suspended.
func suspended(s *types.SuspendedState) *types.SuspendedState {
	if s == nil || !aws.ToBool(s.DynamicScalingInSuspended) &&
		!aws.ToBool(s.DynamicScalingOutSuspended) && !aws.ToBool(s.ScheduledScalingSuspended) {
		return nil
	}
	return s
}

func (w *Writer) resource(s scalable) *string {
	id := "table/" + w.Table
	if s.Resource != "" {
		id += "/" + s.Resource
	}
	return aws.String(id)
}

func (w *Writer) register(ctx context.Context, target scalingTarget, state *types.SuspendedState) error {
	if state == nil { // Without a state, a suspended target would stay suspended.
		state = &types.SuspendedState{
			DynamicScalingInSuspended: aws.Bool(false), DynamicScalingOutSuspended: aws.Bool(false),
			ScheduledScalingSuspended: aws.Bool(false),
		}
	}
	return w.again(ctx, busy, func() error {
		_, err := w.AutoScaling.RegisterScalableTarget(ctx, &applicationautoscaling.RegisterScalableTargetInput{
			ServiceNamespace: dynamoDB, ResourceId: w.resource(target.scalable), ScalableDimension: target.Dimension,
			MinCapacity: target.MinCapacity, MaxCapacity: target.MaxCapacity, RoleARN: target.RoleARN, SuspendedState: state,
		})
		return err
	})
}

func (w *Writer) putPolicies(ctx context.Context, value scaling) error {
	for _, p := range value.Policies {
		err := w.again(ctx, busy, func() error {
			_, err := w.AutoScaling.PutScalingPolicy(ctx, &applicationautoscaling.PutScalingPolicyInput{
				ServiceNamespace: dynamoDB, ResourceId: w.resource(p.scalable), ScalableDimension: p.Dimension,
				PolicyName: p.PolicyName, PolicyType: p.PolicyType,
				TargetTrackingScalingPolicyConfiguration: p.TargetTracking, StepScalingPolicyConfiguration: p.Step,
				PredictiveScalingPolicyConfiguration: p.Predictive,
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, a := range value.Actions {
		err := w.again(ctx, busy, func() error {
			_, err := w.AutoScaling.PutScheduledAction(ctx, &applicationautoscaling.PutScheduledActionInput{
				ServiceNamespace: dynamoDB, ResourceId: w.resource(a.scalable), ScalableDimension: a.Dimension,
				ScheduledActionName: a.Name, Schedule: a.Schedule, Timezone: a.Timezone,
				StartTime: a.StartTime, EndTime: a.EndTime, ScalableTargetAction: a.Action,
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
