// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/google/uuid"
)

var scalingPolicyOperations = operations{
	"PutScalingPolicy":        of(putScalingPolicy),
	"DescribeScalingPolicies": of(describeScalingPolicies),
	"DeleteScalingPolicy":     of(deleteScalingPolicy),
}

// policy returns the place of the policy in the list, or -1.
func (s *scaling) policy(of scalable, name *string) int {
	return slices.IndexFunc(s.policies, func(p scalingtypes.ScalingPolicy) bool {
		return of.is(convert[scalable](p)) && *p.PolicyName == aws.ToString(name)
	})
}

// putScalingPolicy takes policies of target tracking alone: DynamoDB has no other.
func putScalingPolicy(
	r *request, in *applicationautoscaling.PutScalingPolicyInput,
) (*applicationautoscaling.PutScalingPolicyOutput, error) {
	what, err := scalableOf(in)
	if err != nil {
		return nil, err
	}
	tracking := in.TargetTrackingScalingPolicyConfiguration
	switch {
	case aws.ToString(in.PolicyName) == "":
		return nil, invalidScaling("PolicyName is missing")
	case in.PolicyType != scalingtypes.PolicyTypeTargetTrackingScaling || in.StepScalingPolicyConfiguration != nil ||
		in.PredictiveScalingPolicyConfiguration != nil:
		return nil, invalidScaling("The policy type is not supported for the service namespace dynamodb")
	case tracking == nil || tracking.TargetValue == nil ||
		(tracking.PredefinedMetricSpecification == nil) == (tracking.CustomizedMetricSpecification == nil):
		return nil, invalidScaling("Target tracking needs a target value and a predefined or a customized metric")
	}
	all := r.scaling()
	if all.target(what) < 0 {
		return nil, noObject("scalable target", what)
	}
	i := all.policy(what, in.PolicyName)
	if i < 0 {
		id := uuid.NewString()
		i = len(all.policies)
		all.policies = append(all.policies, scalingtypes.ScalingPolicy{
			PolicyName: in.PolicyName, PolicyType: in.PolicyType, CreationTime: aws.Time(time.Now()),
			ResourceId: what.ResourceId, ScalableDimension: what.ScalableDimension, ServiceNamespace: what.ServiceNamespace,
			PolicyARN: aws.String(
				r.arn(
					"autoscaling",
					fmt.Sprintf("scalingPolicy:%s:resource/dynamodb/%s:policyName/%s", id, *what.ResourceId, *in.PolicyName),
				),
			),
			Alarms: r.newAlarms(what),
		})
	}
	policy := &all.policies[i]
	policy.TargetTrackingScalingPolicyConfiguration = tracking
	return &applicationautoscaling.PutScalingPolicyOutput{PolicyARN: policy.PolicyARN, Alarms: copyOf(policy.Alarms)}, nil
}

// newAlarms are those that target tracking makes in CloudWatch.
func (p place) newAlarms(what scalable) []scalingtypes.Alarm {
	var alarms []scalingtypes.Alarm
	for _, kind := range []string{"AlarmHigh", "AlarmLow", "ProvisionedCapacityHigh", "ProvisionedCapacityLow"} {
		name := "TargetTracking-" + *what.ResourceId + "-" + kind + "-" + uuid.NewString()
		alarms = append(
			alarms,
			scalingtypes.Alarm{AlarmName: &name, AlarmARN: aws.String(p.arn("cloudwatch", "alarm:"+name))},
		)
	}
	return alarms
}

func describeScalingPolicies(
	r *request, in *applicationautoscaling.DescribeScalingPoliciesInput,
) (*applicationautoscaling.DescribeScalingPoliciesOutput, error) {
	asked := convert[scalable](in)
	if err := checkNamespace(asked); err != nil {
		return nil, err
	}
	list := []scalingtypes.ScalingPolicy{}
	for _, p := range r.scaling().policies {
		if asked.matches(convert[scalable](p)) &&
			(len(in.PolicyNames) == 0 || slices.Contains(in.PolicyNames, *p.PolicyName)) {
			list = append(list, p)
		}
	}
	list, next, err := scalingPage(list, in.NextToken, in.MaxResults)
	return &applicationautoscaling.DescribeScalingPoliciesOutput{ScalingPolicies: list, NextToken: next}, err
}

func deleteScalingPolicy(
	r *request, in *applicationautoscaling.DeleteScalingPolicyInput,
) (*applicationautoscaling.DeleteScalingPolicyOutput, error) {
	what, err := scalableOf(in)
	if err != nil {
		return nil, err
	}
	all := r.scaling()
	i := all.policy(what, in.PolicyName)
	if i < 0 {
		return nil, noObject("scaling policy", what)
	}
	all.policies = slices.Delete(all.policies, i, i+1)
	return &applicationautoscaling.DeleteScalingPolicyOutput{}, nil
}
