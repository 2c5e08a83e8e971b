// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/google/uuid"
)

var scheduleOperations = operations{
	"PutScheduledAction":       of(putScheduledAction),
	"DescribeScheduledActions": of(describeScheduledActions),
	"DeleteScheduledAction":    of(deleteScheduledAction),
}

// action returns the place of the scheduled action in the list, or -1.
func (s *scaling) action(of scalable, name *string) int {
	return slices.IndexFunc(s.actions, func(a scalingtypes.ScheduledAction) bool {
		return of.is(convert[scalable](a)) && *a.ScheduledActionName == aws.ToString(name)
	})
}

// putScheduledAction makes an action or changes what is given, but an old start and end go when they are not given
// again. ("PutScheduledAction".) Actions never run.
func putScheduledAction(
	r *request, in *applicationautoscaling.PutScheduledActionInput,
) (*applicationautoscaling.PutScheduledActionOutput, error) {
	what, err := scalableOf(in)
	if err != nil {
		return nil, err
	}
	if aws.ToString(in.ScheduledActionName) == "" {
		return nil, invalidScaling("ScheduledActionName is missing")
	}
	all := r.scaling()
	if all.target(what) < 0 {
		return nil, noObject("scalable target", what)
	}
	i := all.action(what, in.ScheduledActionName)
	action := scalingtypes.ScheduledAction{
		ScheduledActionName: in.ScheduledActionName, CreationTime: aws.Time(time.Now()),
		ResourceId: what.ResourceId, ScalableDimension: what.ScalableDimension, ServiceNamespace: what.ServiceNamespace,
		ScheduledActionARN: aws.String(
			r.arn("autoscaling", fmt.Sprintf("scheduledAction:%s:resource/dynamodb/%s:scheduledActionName/%s",
				uuid.NewString(), *what.ResourceId, *in.ScheduledActionName)),
		),
	}
	if i >= 0 {
		action = all.actions[i]
	}
	set(&action.Schedule, in.Schedule)
	set(&action.Timezone, in.Timezone)
	set(&action.ScalableTargetAction, in.ScalableTargetAction)
	action.StartTime, action.EndTime = in.StartTime, in.EndTime
	if err := checkSchedule(&action); err != nil {
		return nil, err
	}
	if i >= 0 {
		all.actions[i] = action
	} else {
		all.actions = append(all.actions, action)
	}
	return &applicationautoscaling.PutScheduledActionOutput{}, nil
}

func checkSchedule(action *scalingtypes.ScheduledAction) error {
	schedule := aws.ToString(action.Schedule)
	kind, _, _ := strings.Cut(schedule, "(")
	if !slices.Contains([]string{"at", "rate", "cron"}, kind) || !strings.HasSuffix(schedule, ")") {
		return invalidScaling("Schedule must be an at, rate or cron expression")
	}
	if change := action.ScalableTargetAction; change == nil || change.MinCapacity == nil && change.MaxCapacity == nil {
		return invalidScaling("ScalableTargetAction needs MinCapacity or MaxCapacity")
	}
	return nil
}

func describeScheduledActions(
	r *request, in *applicationautoscaling.DescribeScheduledActionsInput,
) (*applicationautoscaling.DescribeScheduledActionsOutput, error) {
	asked := convert[scalable](in)
	if err := checkNamespace(asked); err != nil {
		return nil, err
	}
	list := []scalingtypes.ScheduledAction{}
	for _, a := range r.scaling().actions {
		if asked.matches(convert[scalable](a)) &&
			(len(in.ScheduledActionNames) == 0 || slices.Contains(in.ScheduledActionNames, *a.ScheduledActionName)) {
			list = append(list, a)
		}
	}
	list, next, err := scalingPage(list, in.NextToken, in.MaxResults)
	return &applicationautoscaling.DescribeScheduledActionsOutput{ScheduledActions: list, NextToken: next}, err
}

func deleteScheduledAction(
	r *request, in *applicationautoscaling.DeleteScheduledActionInput,
) (*applicationautoscaling.DeleteScheduledActionOutput, error) {
	what, err := scalableOf(in)
	if err != nil {
		return nil, err
	}
	all := r.scaling()
	i := all.action(what, in.ScheduledActionName)
	if i < 0 {
		return nil, noObject("scheduled action", what)
	}
	all.actions = slices.Delete(all.actions, i, i+1)
	return &applicationautoscaling.DeleteScheduledActionOutput{}, nil
}
