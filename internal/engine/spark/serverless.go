// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package spark

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

const (
	// idleMinutes is how long an idle application that was made for a run waits before it stops by itself.
	idleMinutes = 5
	// stateWait is how long an application may take to be made or stopped, stateInterval the time between two looks.
	stateWait     = 5 * time.Minute
	stateInterval = 2 * time.Second
)

// serverless runs jobs on EMR Serverless.
type serverless struct{ client *emrserverless.Client }

// NewServerless returns the launcher for EMR Serverless.
func NewServerless(client *emrserverless.Client) Launcher { return serverless{client} }

func (s serverless) Submit(ctx context.Context, job Job) (Handle, error) {
	handle := Handle{Application: job.Config.ApplicationID}
	if handle.Application == "" {
		if err := s.makeApplication(ctx, job, &handle); err != nil {
			return handle, err
		}
	}
	input := &emrserverless.StartJobRunInput{
		ApplicationId: aws.String(handle.Application), ClientToken: aws.String(job.Token), Name: aws.String(job.Token),
		ExecutionRoleArn: aws.String(
			job.Config.ExecutionRole,
		), ExecutionTimeoutMinutes: aws.Int64(int64(job.Config.JobTimeout.Minutes())), Tags: job.Config.Tags,
		JobDriver: &types.JobDriverMemberSparkSubmit{Value: types.SparkSubmit{
			EntryPoint: aws.String(job.Script),
			// The driver does nothing but wait.
			SparkSubmitParameters: aws.String(
				strings.Join(append(job.settings(), "--conf", "spark.driver.cores=1", "--conf", "spark.driver.memory=2g"), " "),
			),
		}},
	}
	if job.Config.LogURI != "" {
		input.ConfigurationOverrides = &types.ConfigurationOverrides{MonitoringConfiguration: &types.MonitoringConfiguration{
			S3MonitoringConfiguration: &types.S3MonitoringConfiguration{LogUri: aws.String(job.Config.LogURI)},
		}}
	}
	started, err := s.client.StartJobRun(ctx, input)
	if err != nil {
		return handle, err
	}
	handle.ID = aws.ToString(started.JobRunId)
	return handle, nil
}

// makeApplication makes an application for the job, or finds it, and waits until it can be used.
func (s serverless) makeApplication(ctx context.Context, job Job, handle *Handle) error {
	input := &emrserverless.CreateApplicationInput{
		Name: aws.String(
			job.Token,
		), ClientToken: aws.String(job.Token), Type: aws.String("SPARK"), ReleaseLabel: aws.String(job.Config.ReleaseLabel),
		Architecture: types.Architecture(job.Config.Architecture), Tags: job.Config.Tags,
		AutoStopConfiguration: &types.AutoStopConfig{Enabled: aws.Bool(true), IdleTimeoutMinutes: aws.Int32(idleMinutes)},
	}
	if len(job.Config.Subnets) > 0 {
		input.NetworkConfiguration = &types.NetworkConfiguration{
			SubnetIds:        job.Config.Subnets,
			SecurityGroupIds: job.Config.SecurityGroups,
		}
	}
	made, err := s.client.CreateApplication(ctx, input)
	if err != nil {
		return err
	}
	handle.Application, handle.Made = aws.ToString(made.ApplicationId), true
	return s.await(
		ctx,
		handle.Application,
		types.ApplicationStateCreated,
		types.ApplicationStateStarted,
		types.ApplicationStateStopped,
	)
}

// await waits until the application is in one of the states.
func (s serverless) await(ctx context.Context, id string, wanted ...types.ApplicationState) error {
	ctx, cancel := context.WithTimeoutCause(ctx, stateWait, fmt.Errorf("the EMR Serverless application %s takes longer "+
		"than %s to change its state", id, stateWait))
	defer cancel()
	for {
		answer, err := s.client.GetApplication(ctx, &emrserverless.GetApplicationInput{ApplicationId: aws.String(id)})
		if err != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		for _, state := range wanted {
			if answer.Application.State == state {
				return nil
			}
		}
		if answer.Application.State == types.ApplicationStateTerminated {
			return &problem.Problem{
				Summary: "Application Terminated", Attribute: "emr",
				Cause: sentence("The EMR Serverless application " + id + " is terminated: " + aws.ToString(answer.Application.StateDetails)),
				Next:  "Apply again, or name an application of yours in emr.application_id.",
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(stateInterval):
		}
	}
}

func (s serverless) Owns(ctx context.Context, token string, job Handle) (bool, error) {
	run, err := s.client.GetJobRun(
		ctx,
		&emrserverless.GetJobRunInput{ApplicationId: aws.String(job.Application), JobRunId: aws.String(job.ID)},
	)
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); !gone &&
		(err != nil || run.JobRun == nil || aws.ToString(run.JobRun.Name) != token) {
		return false, err
	}
	if !job.Made {
		return true, nil
	}
	made, err := s.client.GetApplication(
		ctx,
		&emrserverless.GetApplicationInput{ApplicationId: aws.String(job.Application)},
	)
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
		return true, nil
	}
	if err != nil || made.Application == nil {
		return false, err
	}
	return aws.ToString(made.Application.Name) == token, nil
}

func (s serverless) Poll(ctx context.Context, job Handle) (Status, error) {
	answer, err := s.client.GetJobRun(
		ctx,
		&emrserverless.GetJobRunInput{ApplicationId: aws.String(job.Application), JobRunId: aws.String(job.ID)},
	)
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
		return Status{State: Cancelled, Detail: "The application or its job run does not exist any more."}, nil
	}
	if err == nil && answer.JobRun == nil {
		err = errNoAnswer
	}
	if err != nil {
		return Status{}, err
	}
	status := Status{Detail: sentence(aws.ToString(answer.JobRun.StateDetails))}
	switch answer.JobRun.State {
	case types.JobRunStateSuccess:
		status.State = Succeeded
	case types.JobRunStateFailed:
		status.State = Failed
	case types.JobRunStateCancelled:
		status.State = Cancelled
	}
	return status, nil
}

func (s serverless) Cancel(ctx context.Context, job Handle) error {
	_, err := s.client.CancelJobRun(
		ctx,
		&emrserverless.CancelJobRunInput{ApplicationId: aws.String(job.Application), JobRunId: aws.String(job.ID)},
	)
	return err
}

// Remove deletes the application, if it was made for the job. One that has started is stopped before: AWS deletes no
// other.
func (s serverless) Remove(ctx context.Context, job Handle) error {
	if !job.Made {
		return nil
	}
	id := aws.String(job.Application)
	answer, err := s.client.GetApplication(ctx, &emrserverless.GetApplicationInput{ApplicationId: id})
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
		return nil
	}
	if err != nil {
		return err
	}
	switch answer.Application.State {
	case types.ApplicationStateTerminated:
		return nil
	case types.ApplicationStateStarting, types.ApplicationStateStarted:
		if _, err := s.client.StopApplication(ctx, &emrserverless.StopApplicationInput{ApplicationId: id}); err != nil {
			return err
		}
	}
	if err := s.await(ctx, job.Application, types.ApplicationStateStopped, types.ApplicationStateCreated); err != nil {
		return err
	}
	_, err = s.client.DeleteApplication(ctx, &emrserverless.DeleteApplicationInput{ApplicationId: id})
	return err
}

func (s serverless) Logs(job Handle) string {
	return fmt.Sprintf("EMR Serverless application %s, job run %s", job.Application, job.ID)
}
