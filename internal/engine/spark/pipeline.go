// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package spark

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/datapipeline"
	"github.com/aws/aws-sdk-go-v2/service/datapipeline/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// The ids of the objects of a pipeline.
const (
	clusterObject  = "Cluster"
	activityObject = "Copy"
)

// pipeline runs jobs on a cluster of EMR that AWS Data Pipeline makes.
type pipeline struct{ client *datapipeline.Client }

// NewPipeline returns the launcher for AWS Data Pipeline, which takes no new customers since 25 July 2024.
func NewPipeline(client *datapipeline.Client) Launcher { return pipeline{client} }

// Submit makes, defines and activates the pipeline. CreatePipeline with the same uniqueId returns the pipeline of the
// first one, and the same definition again changes nothing.
func (p pipeline) Submit(ctx context.Context, job Job) (Handle, error) {
	var tags []types.Tag
	for name, value := range job.Config.Tags {
		tags = append(tags, types.Tag{Key: aws.String(name), Value: aws.String(value)})
	}
	made, err := p.client.CreatePipeline(
		ctx,
		&datapipeline.CreatePipelineInput{Name: aws.String(job.Token), UniqueId: aws.String(job.Token), Tags: tags},
	)
	if err != nil {
		return Handle{}, closed(err)
	}
	handle := Handle{ID: aws.ToString(made.PipelineId)}
	found, err := p.runs(ctx, handle)
	if err != nil || found[activityObject] != nil {
		return handle, err // It has been activated.
	}
	defined, err := p.client.PutPipelineDefinition(
		ctx,
		&datapipeline.PutPipelineDefinitionInput{PipelineId: made.PipelineId, PipelineObjects: definition(job)},
	)
	if err != nil {
		return handle, err
	}
	if defined.Errored {
		var reasons []error
		for _, e := range defined.ValidationErrors {
			reasons = append(reasons, fmt.Errorf("%s: %s", aws.ToString(e.Id), strings.Join(e.Errors, "; ")))
		}
		return handle, &problem.Problem{
			Summary: "Data Pipeline Refuses The Definition", Attribute: "emr", Err: errors.Join(reasons...),
			Cause: "What the emr argument asks for is no cluster that AWS Data Pipeline can make.",
			Next:  "Correct what the original error names, then apply again.",
		}
	}
	return handle, p.activate(ctx, handle)
}

// activate starts the pipeline. An activation whose answer was lost is found by the run that it has started.
func (p pipeline) activate(ctx context.Context, pipeline Handle) error {
	_, err := p.client.ActivatePipeline(ctx, &datapipeline.ActivatePipelineInput{PipelineId: aws.String(pipeline.ID)},
		func(o *datapipeline.Options) { o.Retryer = unrepeated() })
	if err == nil || Refused(err) {
		return err
	}
	found, unknown := p.runs(context.WithoutCancel(ctx), pipeline)
	if unknown != nil || found[activityObject] == nil {
		return errors.Join(err, unknown)
	}
	return nil
}

// closed explains a refusal to create a pipeline, if the service does not accept the account.
func closed(err error) error {
	var refused *types.InvalidRequestException
	if !errors.As(err, &refused) || !strings.Contains(strings.ToLower(refused.ErrorMessage()), "new customers") {
		return err
	}
	return &problem.Problem{
		Summary: "Data Pipeline Refuses The Account", Attribute: "emr.launcher", Err: err,
		Cause: "AWS Data Pipeline takes no new customers since 25 July 2024: accounts that have not used it before cannot " +
			"make pipelines.",
		Next: "Use the launcher \"serverless\" or \"cluster\", which do the same.",
	}
}

// definition is the pipeline: a cluster and the step that runs on it, once.
func definition(job Job) []types.PipelineObject {
	config := job.Config
	return []types.PipelineObject{
		object("Default", map[string]string{
			"type": "Default", "scheduleType": "ondemand", "failureAndRerunMode": "CASCADE", "role": config.ServiceRole,
			"resourceRole":   config.InstanceProfile,
			"pipelineLogUri": config.LogURI,
		}),
		object(clusterObject, map[string]string{
			"type": "EmrCluster", "releaseLabel": config.ReleaseLabel, "applications": "spark",
			"masterInstanceType": config.InstanceType,
			"coreInstanceType":   config.InstanceType, "coreInstanceCount": fmt.Sprint(config.InstanceCount - 1),
			"subnetId":       config.Subnet,
			"terminateAfter": fmt.Sprintf("%d Minutes", int(config.JobTimeout.Minutes())),
		}),
		object(
			activityObject,
			map[string]string{
				"type":           "EmrActivity",
				"*runsOn":        clusterObject,
				"step":           pipelineStep(job.step()),
				"maximumRetries": "0",
			},
		),
	}
}

// pipelineStep joins the arguments with commas; commas within them are escaped ("EmrActivity" in the AWS Data Pipeline
// Developer Guide).
func pipelineStep(arguments []string) string {
	step := []string{"command-runner.jar"}
	for _, argument := range arguments {
		step = append(step, strings.ReplaceAll(argument, ",", `\\,`))
	}
	return strings.Join(step, ",")
}

// object returns a pipeline object with those fields that are not empty. A name that begins with * is a reference.
func object(id string, fields map[string]string) types.PipelineObject {
	o := types.PipelineObject{Id: aws.String(id), Name: aws.String(id)}
	for name, value := range fields {
		reference, isReference := strings.CutPrefix(name, "*")
		switch {
		case value == "":
		case isReference:
			o.Fields = append(o.Fields, types.Field{Key: aws.String(reference), RefValue: aws.String(value)})
		default:
			o.Fields = append(o.Fields, types.Field{Key: aws.String(name), StringValue: aws.String(value)})
		}
	}
	return o
}

// runs returns the fields of what the pipeline runs, by the objects of its definition; nothing before it is activated.
func (p pipeline) runs(ctx context.Context, job Handle) (map[string]map[string]string, error) {
	id := aws.String(job.ID)
	found, err := p.client.QueryObjects(
		ctx,
		&datapipeline.QueryObjectsInput{PipelineId: id, Sphere: aws.String("INSTANCE")},
	)
	if err != nil || len(found.Ids) == 0 {
		return nil, err
	}
	described, err := p.client.DescribeObjects(
		ctx,
		&datapipeline.DescribeObjectsInput{PipelineId: id, ObjectIds: found.Ids},
	)
	if err != nil {
		return nil, err
	}
	runs := map[string]map[string]string{}
	for _, o := range described.PipelineObjects {
		fields := map[string]string{}
		for _, field := range o.Fields {
			fields[aws.ToString(field.Key)] = aws.ToString(field.StringValue) + aws.ToString(field.RefValue)
		}
		for _, object := range []string{clusterObject, activityObject} {
			if fields["parent"] == object || strings.HasPrefix(aws.ToString(o.Id), "@"+object+"_") {
				runs[object] = fields
			}
		}
	}
	return runs, nil
}

func (p pipeline) Owns(ctx context.Context, token string, job Handle) (bool, error) {
	found, err := p.client.DescribePipelines(ctx, &datapipeline.DescribePipelinesInput{PipelineIds: []string{job.ID}})
	switch {
	case gone(err):
		return true, nil
	case err != nil:
		return false, err
	}
	list := found.PipelineDescriptionList
	return len(list) == 1 && aws.ToString(list[0].Name) == token, nil
}

func (p pipeline) Poll(ctx context.Context, job Handle) (Status, error) {
	runs, err := p.runs(ctx, job)
	if gone(err) {
		return Status{State: Cancelled, Detail: "The pipeline does not exist any more."}, nil
	}
	if err != nil {
		return Status{}, err
	}
	fields := runs[activityObject]
	// An activity fails without a word of its own when its cluster does.
	status := Status{Detail: sentence(cmp.Or(fields["errorMessage"], runs[clusterObject]["errorMessage"]))}
	// "Pipeline Status Codes" in the AWS Data Pipeline Developer Guide.
	switch fields["@status"] {
	case "FINISHED":
		status.State = Succeeded
	case "FAILED", "CASCADE_FAILED", "TIMEDOUT":
		status.State = Failed
	case "CANCELED", "DEACTIVATED":
		status.State = Cancelled
	}
	return status, nil
}

// gone reports whether there is no such pipeline.
func gone(err error) bool {
	_, deleted := errors.AsType[*types.PipelineDeletedException](err)
	_, missing := errors.AsType[*types.PipelineNotFoundException](err)
	return deleted || missing
}

func (p pipeline) Cancel(ctx context.Context, job Handle) error {
	_, err := p.client.DeactivatePipeline(
		ctx,
		&datapipeline.DeactivatePipelineInput{PipelineId: aws.String(job.ID), CancelActive: aws.Bool(true)},
	)
	return err
}

func (p pipeline) Remove(ctx context.Context, job Handle) error {
	_, err := p.client.DeletePipeline(ctx, &datapipeline.DeletePipelineInput{PipelineId: aws.String(job.ID)})
	return err
}

func (p pipeline) Logs(job Handle) string { return fmt.Sprintf("Data Pipeline %s", job.ID) }
