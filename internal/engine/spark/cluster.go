// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package spark

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/emr"
	"github.com/aws/aws-sdk-go-v2/service/emr/types"
)

// cluster runs jobs on a cluster of EMR that is made for the job and ends with it.
type cluster struct{ client *emr.Client }

// NewCluster returns the launcher for EMR on EC2.
func NewCluster(client *emr.Client) Launcher { return cluster{client} }

// alive are the states of clusters that have not ended.
var alive = []types.ClusterState{
	types.ClusterStateStarting, types.ClusterStateBootstrapping, types.ClusterStateRunning, types.ClusterStateWaiting,
	types.ClusterStateTerminating,
}

// Submit makes the cluster. EMR has no idempotency token, so one that was made before is found by its name.
func (c cluster) Submit(ctx context.Context, job Job) (Handle, error) {
	if found, err := c.find(ctx, job.Token); err != nil || found.ID != "" {
		return found, err
	}
	config := job.Config
	input := &emr.RunJobFlowInput{
		Name: aws.String(
			job.Token,
		), ReleaseLabel: aws.String(config.ReleaseLabel), Applications: []types.Application{{Name: aws.String("Spark")}},
		JobFlowRole: aws.String(
			config.InstanceProfile,
		), ServiceRole: aws.String(config.ServiceRole), LogUri: optional(config.LogURI), VisibleToAllUsers: aws.Bool(true),
		Instances: &types.JobFlowInstancesConfig{
			MasterInstanceType: aws.String(config.InstanceType), SlaveInstanceType: aws.String(config.InstanceType),
			InstanceCount: aws.Int32(int32(config.InstanceCount)), Ec2SubnetId: optional(config.Subnet),
			KeepJobFlowAliveWhenNoSteps: aws.Bool(false), TerminationProtected: aws.Bool(false),
		},
		Steps: []types.StepConfig{{
			Name: aws.String(job.Token), ActionOnFailure: types.ActionOnFailureTerminateCluster,
			HadoopJarStep: &types.HadoopJarStepConfig{Jar: aws.String("command-runner.jar"), Args: job.step()},
		}},
	}
	for name, value := range config.Tags {
		input.Tags = append(input.Tags, types.Tag{Key: aws.String(name), Value: aws.String(value)})
	}
	made, err := c.client.RunJobFlow(ctx, input, func(o *emr.Options) { o.Retryer = unrepeated() })
	switch {
	case err == nil:
		return Handle{ID: aws.ToString(made.JobFlowId)}, nil
	case Refused(err):
		return Handle{}, err
	}
	found, missing := c.lookFor(context.WithoutCancel(ctx), job.Token)
	if missing != nil {
		return Handle{}, errors.Join(err, missing)
	}
	return found, nil
}

// find returns the cluster of that name that has not ended. The ID is empty if there is none.
func (c cluster) find(ctx context.Context, name string) (Handle, error) {
	pages := emr.NewListClustersPaginator(c.client, &emr.ListClustersInput{ClusterStates: alive})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Handle{}, err
		}
		for _, found := range page.Clusters {
			if aws.ToString(found.Name) == name {
				return Handle{ID: aws.ToString(found.Id)}, nil
			}
		}
	}
	return Handle{}, nil
}

// errNoCluster is the error for a cluster that was asked for, without an answer, and does not appear.
var errNoCluster = errors.New("no cluster of that name has appeared")

// lookFor finds the cluster that was asked for without an answer. It may appear a little later.
func (c cluster) lookFor(ctx context.Context, name string) (Handle, error) {
	const looks, interval = 5, 3 * time.Second
	for look := range looks {
		if look > 0 {
			time.Sleep(interval)
		}
		if found, err := c.find(ctx, name); err != nil || found.ID != "" {
			return found, err
		}
	}
	return Handle{}, errNoCluster
}

func (c cluster) Owns(ctx context.Context, token string, job Handle) (bool, error) {
	found, err := c.client.DescribeCluster(ctx, &emr.DescribeClusterInput{ClusterId: aws.String(job.ID)})
	if err != nil || found.Cluster == nil {
		return false, err
	}
	return aws.ToString(found.Cluster.Name) == token, nil
}

// Poll waits for the cluster's end, not only the step's, so that nothing is left that costs.
func (c cluster) Poll(ctx context.Context, job Handle) (Status, error) {
	answer, err := c.client.DescribeCluster(ctx, &emr.DescribeClusterInput{ClusterId: aws.String(job.ID)})
	if err == nil && (answer.Cluster == nil || answer.Cluster.Status == nil) {
		err = errNoAnswer
	}
	if err != nil {
		return Status{}, err
	}
	state := answer.Cluster.Status
	var status Status
	if state.StateChangeReason != nil {
		status.Detail = sentence(aws.ToString(state.StateChangeReason.Message))
	}
	if state.State != types.ClusterStateTerminated && state.State != types.ClusterStateTerminatedWithErrors {
		return status, nil
	}
	steps, err := c.client.ListSteps(ctx, &emr.ListStepsInput{ClusterId: aws.String(job.ID)})
	if err != nil {
		return Status{}, err
	}
	status.State = Failed
	for _, step := range steps.Steps {
		switch step.Status.State {
		case types.StepStateCompleted:
			status.State = Succeeded
		case types.StepStateCancelled:
			status.State = Cancelled
		case types.StepStateFailed:
			if details := step.Status.FailureDetails; details != nil {
				status.Detail = sentence(aws.ToString(details.Message))
			}
		}
	}
	return status, nil
}

func (c cluster) Cancel(ctx context.Context, job Handle) error {
	_, err := c.client.TerminateJobFlows(ctx, &emr.TerminateJobFlowsInput{JobFlowIds: []string{job.ID}})
	return err
}

// Remove has nothing to do: the cluster has ended by itself.
func (c cluster) Remove(context.Context, Handle) error { return nil }

func (c cluster) Logs(job Handle) string { return fmt.Sprintf("EMR cluster %s", job.ID) }

// optional is the text, nil if it is empty.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return aws.String(text)
}
