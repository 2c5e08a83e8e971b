// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
)

var (
	s3Pattern = regexp.MustCompile(`^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$`)
	// workPattern leaves out what spark-submit takes for the end of an argument, or for a pattern of names.
	workPattern   = regexp.MustCompile(`^s3://[^/]+(/[^\s,"'\\#*?{}\[\]]*)?$`)
	memoryPattern = regexp.MustCompile(`^[1-9][0-9]*[mg]$`)
)

// emrAttribute says where and how the method emr runs. A change is an update in place: it holds for the next run.
func emrAttribute() schema.SingleNestedAttribute {
	text := func(description string, checks ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: description,
			Validators:          append(checks, stringvalidator.LengthAtLeast(1)),
		}
	}
	number := func(description string, least, most int64) schema.Int64Attribute {
		return schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: description,
			Validators:          []validator.Int64{int64validator.Between(least, most)},
		}
	}
	ids := func(description string) schema.ListAttribute {
		return schema.ListAttribute{
			Optional:            true,
			ElementType:         types.StringType,
			MarkdownDescription: description,
			Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
		}
	}
	s3URI := matching(s3Pattern, "must be of the form s3://BUCKET/PREFIX")
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Where and how the method `emr` runs; see the [guide](../guides/emr.md). `launcher` decides " +
			"which of the arguments are needed. A change does not start a run.",
		Attributes: map[string]schema.Attribute{
			"launcher": text("`serverless`, the default, runs on EMR Serverless; `cluster` on an EMR cluster created for the "+
				"run; `data_pipeline` on one that AWS Data "+
				"Pipeline creates, in accounts that used it before July 2024.",
				stringvalidator.OneOf(spark.Serverless, spark.Cluster, spark.DataPipeline)),
			"s3_uri": text("Prefix in a bucket of the provider's Region, `s3://BUCKET/PREFIX`, for the script, the binary "+
				"and the progress of "+
				"runs. A run's files are removed when it is complete.",
				s3URI, matching(workPattern, "must have no spaces, commas, quotes or any of \\ # * ? { } [ ] in it")),
			"execution_role_arn": text("Role of the job, needed by `serverless`: it reads and writes the tables and the prefix.",
				matching(rolePattern, "must be the ARN of an IAM role")),
			"application_id": text("EMR Serverless application to run in. Without it, one is created for the run and removed " +
				"afterwards."),
			"release_label": text("Release of EMR, with Spark 3.5 or newer. Default: `emr-7.11.0`.",
				matching(regexp.MustCompile(`^emr-`), "must be a release label such as emr-7.11.0")),
			"architecture": text(
				"Architecture of the machines, `X86_64` or `ARM64`. Default: `X86_64`.",
				stringvalidator.OneOf(spark.X86, spark.ARM64),
			),
			"executors": number("Number of executors. Default: 4.", 1, 1000),
			"executor_cpu": number("Cores of an executor; each works on one segment at a time. EMR Serverless allows 1, 2, "+
				"4, 8 and 16. Default: 2.", 1, 32),
			"executor_memory": text("Memory of an executor, without the tenth that Spark adds. Default: `4g`.",
				matching(memoryPattern, "must be a number of megabytes or gigabytes, such as 4g")),
			"job_timeout": text("How long a job may take, such as `90m`. Default: `6h`. It ends then even if nothing waits "+
				"for it any more. Not for `cluster`.",
				durationBetween(5*time.Minute, 24*time.Hour)),
			"log_uri": text("Prefix in S3 for the logs. Default: EMR Serverless keeps them itself; clusters keep "+
				"none.", s3URI),
			"worker_binary": text("Path or S3 URI of the provider's binary for Linux on `architecture`. Default: the running " +
				"binary, if it is one."),
			"network_configuration": schema.SingleNestedAttribute{
				Optional: true,
				MarkdownDescription: "Network of an EMR Serverless application created for the run, for tables and buckets that " +
					"are reached through a VPC. " +
					"Default: AWS's own network, which reaches DynamoDB and S3 of the Region.",
				Attributes: map[string]schema.Attribute{
					"subnet_ids":         ids("Subnets, with routes to DynamoDB and S3."),
					"security_group_ids": ids("Security groups."),
				},
			},
			"instance_type": text("Instance type of a cluster's machines, of the `architecture`. Default: `m6i.xlarge`, " +
				"or `m6g.xlarge` for `ARM64`."),
			"instance_count": number("Number of a cluster's machines, one of which only coordinates. Default: 3.", 2, 1000),
			"subnet_id":      text("Subnet of a cluster. Default: one of the default VPC."),
			"service_role": text("Service role of EMR or, with `data_pipeline`, of AWS Data Pipeline; needed by " +
				"`cluster` and `data_pipeline`."),
			"instance_profile": text("Instance profile of a cluster's machines, needed by `cluster` and `data_pipeline`: it " +
				"reads and writes the tables and the prefix."),
			"tags": schema.MapAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Tags of what is created for the run.",
			},
		},
	}
}

type emrModel struct {
	Launcher             types.String `tfsdk:"launcher"`
	S3URI                types.String `tfsdk:"s3_uri"`
	ExecutionRoleARN     types.String `tfsdk:"execution_role_arn"`
	ApplicationID        types.String `tfsdk:"application_id"`
	ReleaseLabel         types.String `tfsdk:"release_label"`
	Architecture         types.String `tfsdk:"architecture"`
	Executors            types.Int64  `tfsdk:"executors"`
	ExecutorCPU          types.Int64  `tfsdk:"executor_cpu"`
	ExecutorMemory       types.String `tfsdk:"executor_memory"`
	JobTimeout           types.String `tfsdk:"job_timeout"`
	LogURI               types.String `tfsdk:"log_uri"`
	WorkerBinary         types.String `tfsdk:"worker_binary"`
	NetworkConfiguration types.Object `tfsdk:"network_configuration"`
	InstanceType         types.String `tfsdk:"instance_type"`
	InstanceCount        types.Int64  `tfsdk:"instance_count"`
	SubnetID             types.String `tfsdk:"subnet_id"`
	ServiceRole          types.String `tfsdk:"service_role"`
	InstanceProfile      types.String `tfsdk:"instance_profile"`
	Tags                 types.Map    `tfsdk:"tags"`
}

type networkModel struct {
	SubnetIDs        []string `tfsdk:"subnet_ids"`
	SecurityGroupIDs []string `tfsdk:"security_group_ids"`
}

// emrOf returns the configuration of the method emr, an empty one if there is none, and nil if it is not known yet.
func emrOf(ctx context.Context, object types.Object, diags *diag.Diagnostics) *spark.Config {
	if object.IsNull() {
		return &spark.Config{}
	}
	var m emrModel
	if !asKnown(ctx, object, &m, diags) {
		return nil
	}
	config := &spark.Config{
		Launcher: m.Launcher.ValueString(), S3URI: m.S3URI.ValueString(), ReleaseLabel: m.ReleaseLabel.ValueString(),
		Architecture: m.Architecture.ValueString(),
		Executors: int(
			m.Executors.ValueInt64(),
		), ExecutorCPU: int(m.ExecutorCPU.ValueInt64()), ExecutorMemory: m.ExecutorMemory.ValueString(),
		JobTimeout: validDuration(m.JobTimeout), LogURI: m.LogURI.ValueString(), WorkerBinary: m.WorkerBinary.ValueString(),
		ApplicationID: m.ApplicationID.ValueString(), ExecutionRole: m.ExecutionRoleARN.ValueString(),
		InstanceType: m.InstanceType.ValueString(), InstanceCount: int(m.InstanceCount.ValueInt64()),
		Subnet: m.SubnetID.ValueString(), ServiceRole: m.ServiceRole.ValueString(),
		InstanceProfile: m.InstanceProfile.ValueString(),
	}
	diags.Append(m.Tags.ElementsAs(ctx, &config.Tags, false)...)
	var network networkModel
	if asKnown(ctx, m.NetworkConfiguration, &network, diags) {
		config.Subnets, config.SecurityGroups = network.SubnetIDs, network.SecurityGroupIDs
	}
	return config
}
