// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/google/uuid"
)

var targetOperations = operations{
	"RegisterScalableTarget":   of(registerTarget),
	"DescribeScalableTargets":  of(describeTargets),
	"DeregisterScalableTarget": of(deregisterTarget),
}

// scalingPerPage is small, so that a table with a few targets, policies or actions has pages.
const scalingPerPage = 3

// scaling is what Application Auto Scaling has in a place. It knows tables by name, so it outlives them.
type scaling struct {
	targets  []scalingtypes.ScalableTarget
	policies []scalingtypes.ScalingPolicy
	actions  []scalingtypes.ScheduledAction
}

// scalable are the members by which all of its types say what is scaled.
type scalable struct {
	ResourceId        *string
	ScalableDimension scalingtypes.ScalableDimension
	ServiceNamespace  scalingtypes.ServiceNamespace
}

func (s scalable) is(other scalable) bool {
	return *s.ResourceId == *other.ResourceId && s.ScalableDimension == other.ScalableDimension
}

// matches reports whether the other is among what a request asks for, which may leave members out.
func (s scalable) matches(other scalable) bool {
	return (s.ResourceId == nil || *s.ResourceId == *other.ResourceId) &&
		(s.ScalableDimension == "" || s.ScalableDimension == other.ScalableDimension)
}

// scaling returns what there is in the request's place.
func (r *request) scaling() *scaling {
	if r.server.scaling[r.place] == nil {
		r.server.scaling[r.place] = &scaling{}
	}
	return r.server.scaling[r.place]
}

// scalableOf reads what a request is about, a table's or an index's capacity of reads or of writes, all members given.
func scalableOf(in any) (scalable, error) {
	s := convert[scalable](in)
	of := "dynamodb:table:"
	path := strings.Split(aws.ToString(s.ResourceId), "/")
	ok := len(path) == 2 && path[0] == "table"
	if len(path) == 4 && path[0] == "table" && path[2] == "index" {
		of, ok = "dynamodb:index:", true
	}
	if !ok || !strings.HasPrefix(string(s.ScalableDimension), of) ||
		!slices.Contains(s.ScalableDimension.Values(), s.ScalableDimension) {
		return s, invalidScaling("Unsupported service namespace, resource type or scalable dimension")
	}
	return s, checkNamespace(s)
}

func checkNamespace(s scalable) error {
	switch {
	case s.ServiceNamespace != scalingtypes.ServiceNamespaceDynamodb:
		return invalidScaling("Unsupported service namespace, resource type or scalable dimension")
	case s.ScalableDimension != "" && s.ResourceId == nil:
		return invalidScaling("A scalable dimension needs a resource ID")
	}
	return nil
}

func invalidScaling(message string) error {
	return &scalingtypes.ValidationException{Message: &message}
}

// noObject is the error of operations on what is not there.
func noObject(kind string, s scalable) error {
	return &scalingtypes.ObjectNotFoundException{Message: aws.String(
		"No " + kind + " found for service namespace: dynamodb, resource ID: " + *s.ResourceId + ", scalable dimension: " +
			string(s.ScalableDimension))}
}

// target returns the place of the target in the list, or -1.
func (s *scaling) target(of scalable) int {
	return slices.IndexFunc(s.targets, func(t scalingtypes.ScalableTarget) bool { return of.is(convert[scalable](t)) })
}

// registerTarget makes a target, of something that exists, or changes the members that are given.
func registerTarget(
	r *request, in *applicationautoscaling.RegisterScalableTargetInput,
) (*applicationautoscaling.RegisterScalableTargetOutput, error) {
	what, err := scalableOf(in)
	if err != nil {
		return nil, err
	}
	all := r.scaling()
	i := all.target(what)
	t := scalingtypes.ScalableTarget{
		ResourceId: what.ResourceId, ScalableDimension: what.ScalableDimension, ServiceNamespace: what.ServiceNamespace,
		CreationTime: aws.Time(time.Now()), SuspendedState: &scalingtypes.SuspendedState{},
		ScalableTargetARN: aws.String(r.arn("application-autoscaling", "scalable-target/"+uuid.NewString())),
		RoleARN: aws.String(
			"arn:aws:iam::" + r.account + ":role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/" +
				"AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
		),
	}
	if i >= 0 {
		t = copyOf(all.targets[i])
	} else if err := r.checkScaled(what); err != nil {
		return nil, err
	}
	set(&t.MinCapacity, in.MinCapacity)
	set(&t.MaxCapacity, in.MaxCapacity)
	if state := in.SuspendedState; state != nil {
		set(&t.SuspendedState.DynamicScalingInSuspended, state.DynamicScalingInSuspended)
		set(&t.SuspendedState.DynamicScalingOutSuspended, state.DynamicScalingOutSuspended)
		set(&t.SuspendedState.ScheduledScalingSuspended, state.ScheduledScalingSuspended)
	}
	for _, suspended := range []**bool{
		&t.SuspendedState.DynamicScalingInSuspended, &t.SuspendedState.DynamicScalingOutSuspended,
		&t.SuspendedState.ScheduledScalingSuspended,
	} {
		*suspended = aws.Bool(aws.ToBool(*suspended))
	}
	switch {
	case t.MinCapacity == nil || t.MaxCapacity == nil:
		return nil, invalidScaling("Both MinCapacity and MaxCapacity are needed for a new scalable target")
	case *t.MinCapacity < 1 || *t.MinCapacity > *t.MaxCapacity:
		return nil, invalidScaling("MinCapacity must be at least 1 and at most MaxCapacity")
	}
	if i >= 0 {
		all.targets[i] = t
	} else {
		all.targets = append(all.targets, t)
	}
	return &applicationautoscaling.RegisterScalableTargetOutput{ScalableTargetARN: t.ScalableTargetARN}, nil
}

// set changes what is given.
func set[T any](to **T, value *T) {
	if value != nil {
		*to = value
	}
}

// checkScaled refuses what does not exist.
func (r *request) checkScaled(what scalable) error {
	path := strings.Split(*what.ResourceId, "/")
	t, err := r.find(path[1])
	if err != nil {
		return invalidScaling("DynamoDB table does not exist: " + *what.ResourceId)
	}
	if len(path) == 4 && findIndex(&t.description, &path[3]) == nil {
		return invalidScaling("DynamoDB index does not exist: " + *what.ResourceId)
	}
	return nil
}

func describeTargets(
	r *request, in *applicationautoscaling.DescribeScalableTargetsInput,
) (*applicationautoscaling.DescribeScalableTargetsOutput, error) {
	if err := checkNamespace(scalable{ServiceNamespace: in.ServiceNamespace}); err != nil {
		return nil, err
	}
	if in.ScalableDimension != "" && len(in.ResourceIds) == 0 {
		return nil, invalidScaling("A scalable dimension needs a resource ID")
	}
	list := []scalingtypes.ScalableTarget{}
	for _, t := range r.scaling().targets {
		if (len(in.ResourceIds) == 0 || slices.Contains(in.ResourceIds, *t.ResourceId)) &&
			(in.ScalableDimension == "" || in.ScalableDimension == t.ScalableDimension) {
			list = append(list, t)
		}
	}
	list, next, err := scalingPage(list, in.NextToken, in.MaxResults)
	return &applicationautoscaling.DescribeScalableTargetsOutput{ScalableTargets: list, NextToken: next}, err
}

// scalingPage is page with this service's error.
func scalingPage[T any](list []T, token *string, size *int32) ([]T, *string, error) {
	part, next, err := page(list, token, min(orDefault(int(aws.ToInt32(size)), scalingPerPage), scalingPerPage))
	if err != nil {
		return nil, nil, &scalingtypes.InvalidNextTokenException{Message: aws.String("Invalid NextToken")}
	}
	return part, next, nil
}

// deregisterTarget deletes the target's policies and actions as well.
func deregisterTarget(
	r *request, in *applicationautoscaling.DeregisterScalableTargetInput,
) (*applicationautoscaling.DeregisterScalableTargetOutput, error) {
	what, err := scalableOf(in)
	if err != nil {
		return nil, err
	}
	all := r.scaling()
	i := all.target(what)
	if i < 0 {
		return nil, noObject("scalable target", what)
	}
	all.targets = slices.Delete(all.targets, i, i+1)
	all.policies = slices.DeleteFunc(
		all.policies,
		func(p scalingtypes.ScalingPolicy) bool { return what.is(convert[scalable](p)) },
	)
	all.actions = slices.DeleteFunc(
		all.actions,
		func(a scalingtypes.ScheduledAction) bool { return what.is(convert[scalable](a)) },
	)
	return &applicationautoscaling.DeregisterScalableTargetOutput{}, nil
}
