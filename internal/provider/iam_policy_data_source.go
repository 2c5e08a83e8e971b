// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/permissions"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// NewIAMPolicyDataSource returns dynamoops_iam_policy.
func NewIAMPolicyDataSource() datasource.DataSource { return &iamPolicyDataSource{} }

type iamPolicyDataSource struct{}

func (d *iamPolicyDataSource) Metadata(
	_ context.Context,
	req datasource.MetadataRequest,
	resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_iam_policy"
}

func (d *iamPolicyDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{configChecks{}}
}

func (d *iamPolicyDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := runArguments(ctx, "throughput", "transform")
	maps.Copy(attributes, map[string]schema.Attribute{
		"operation": schema.StringAttribute{
			Required: true, MarkdownDescription: "`copy`, with `source` and `destination`, or `purge`, with `table`. Give " +
				"tables by their ARNs.",
			Validators: []validator.String{stringvalidator.OneOf(operationCopy, operationPurge)},
		},
		"source_json": schema.StringAttribute{Computed: true, MarkdownDescription: "Policy for the principal that " +
			"reads the source; null for a purge or a file."},
		"destination_json": schema.StringAttribute{Computed: true, MarkdownDescription: "Policy for the principal that " +
			"writes the destination, or purges the table; null for a file."},
		"json": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "Policy for the provider's own principal: what it does itself, and `sts:AssumeRole` on the " +
				"roles that do the rest. " +
				"If no side has a role or a profile, it covers everything that the run does. Null if it needs nothing.",
		},
		"worker_json": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "Policy for the role of the job, with the method `emr`: `emr.execution_role_arn`, or the " +
				"role of `emr.instance_profile`. " +
				"Null with other methods.",
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns the least-privilege IAM policies for a copy or a purge: every action that it needs, " +
			"on the tables and the index that it needs them " +
			"on, and no other. Makes no AWS API calls.",
		Attributes: attributes,
	}
}

func (d *iamPolicyDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	diags := &resp.Diagnostics
	var operation types.String
	diags.Append(req.Config.GetAttribute(ctx, path.Root("operation"), &operation)...)
	if meant := operationOf(req.Config, diags); meant != "" && meant != operation.ValueString() {
		diags.AddAttributeError(path.Root("operation"), "Invalid Attribute Combination",
			"The operation copy goes with source and destination, purge with table. Correct the operation or the tables.")
	}
	if diags.HasError() {
		return
	}
	var policies *permissions.Policies
	var wrong *problem.Problem
	if operation.ValueString() == operationCopy {
		if j, ok := jobOf(ctx, NewTableCopyResource(), &tableCopyModel{}, req.Config, diags); ok {
			policies, wrong = permissions.OfCopy(j)
		}
	} else if j, ok := jobOf(ctx, NewTablePurgeResource(), &tablePurgeModel{}, req.Config, diags); ok {
		policies, wrong = permissions.OfPurge(j)
	}
	appendProblems(diags, path.Empty(), wrong)
	if diags.HasError() {
		return
	}
	resp.State.Raw = req.Config.Raw
	for name, policy := range map[string]permissions.Policy{
		"source_json": policies.Source, "destination_json": policies.Destination, "json": policies.Provider,
		"worker_json": policies.Worker,
	} {
		text := types.StringNull()
		if len(policy) > 0 {
			text = types.StringValue(policy.JSON())
		}
		diags.Append(resp.State.SetAttribute(ctx, path.Root(name), text)...)
	}
}
