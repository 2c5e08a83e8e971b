// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
)

var (
	// A table name has 3 to 255 characters ("Naming rules" in the Amazon DynamoDB Developer Guide). The engine reads ARNs.
	tablePattern    = regexp.MustCompile(`^(arn:.+|[a-zA-Z0-9_.-]{3,255})$`)
	endpointPattern = regexp.MustCompile(`^https?://[^/]+`)
	rolePattern     = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:role/.+`)
)

// tableAttribute names a table; the description says which.
func tableAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators: []validator.String{
			matching(tablePattern, "must be a table name (3 to 255 of a-z A-Z 0-9 _ . -) or a table's ARN"),
		},
		PlanModifiers: []planmodifier.String{rerun{}},
	}
}

// connectionAttributes say how to reach a table where the provider's own settings are not what is wanted.
func connectionAttributes() map[string]schema.Attribute {
	changes := []planmodifier.String{rerun{}}
	return map[string]schema.Attribute{
		"region": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Region of the table. Default: the Region in the table's ARN, then the provider's.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			PlanModifiers:       changes,
		},
		"profile": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Profile of the shared AWS configuration files whose credentials are used instead of the " +
				"provider's.",
			Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
			PlanModifiers: changes,
		},
		"endpoint": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "URL of the DynamoDB endpoint, for local servers and VPC endpoints.",
			Validators:          []validator.String{matching(endpointPattern, "must be a URL such as http://localhost:8000")},
			PlanModifiers:       changes,
		},
		"assume_role": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Role to assume with the credentials of the provider, or of `profile`.",
			PlanModifiers:       []planmodifier.Object{rerun{aRole}},
			Attributes: map[string]schema.Attribute{
				"role_arn": schema.StringAttribute{
					Required: true, MarkdownDescription: "ARN of the role.",
					Validators: []validator.String{matching(rolePattern, "must be the ARN of an IAM role, "+
						"arn:aws:iam::ACCOUNT:role/NAME")},
				},
				"external_id": schema.StringAttribute{Optional: true, MarkdownDescription: "External ID that the role's trust " +
					"policy requires."},
				"session_name": schema.StringAttribute{Optional: true, MarkdownDescription: "Name of the session, as it appears " +
					"in CloudTrail."},
				"duration": schema.StringAttribute{
					Optional: true, MarkdownDescription: "How long the credentials of the role are valid before they are renewed, " +
						"such as `1h`; 15 minutes to 12 hours.",
					Validators: []validator.String{durationBetween(15*time.Minute, 12*time.Hour)},
				},
			},
		},
	}
}

// connectionModel holds the values of connectionAttributes.
type connectionModel struct {
	Region     types.String `tfsdk:"region"`
	Profile    types.String `tfsdk:"profile"`
	Endpoint   types.String `tfsdk:"endpoint"`
	AssumeRole types.Object `tfsdk:"assume_role"`
}

type assumeRoleModel struct {
	RoleARN     types.String `tfsdk:"role_arn"`
	ExternalID  types.String `tfsdk:"external_id"`
	SessionName types.String `tfsdk:"session_name"`
	Duration    types.String `tfsdk:"duration"`
}

// isKnown reports whether it is known how to reach the table.
func (m connectionModel) isKnown(ctx context.Context) bool {
	return known(ctx, m.Region, m.Profile, m.Endpoint, m.AssumeRole)
}

// side returns the connection, which has to be known.
func (m connectionModel) side(ctx context.Context, diags *diag.Diagnostics) awsconn.Connection {
	side := awsconn.Connection{
		Region:   m.Region.ValueString(),
		Profile:  m.Profile.ValueString(),
		Endpoint: m.Endpoint.ValueString(),
	}
	var role assumeRoleModel
	if asKnown(ctx, m.AssumeRole, &role, diags) {
		side.AssumeRole = &awsconn.Role{
			ARN: role.RoleARN.ValueString(), ExternalID: role.ExternalID.ValueString(),
			SessionName: role.SessionName.ValueString(), Duration: validDuration(role.Duration),
		}
	}
	return side
}
