// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// exportAttribute says how method = "export_import" exports.
func exportAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Where AWS exports the source, and as of when, for `method = \"export_import\"`.",
		Attributes: map[string]schema.Attribute{
			"s3_bucket": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Bucket for the export on its way to the destination, in the destination's Region, and in " +
					"its account or the source's. Omit it if " +
					"`destination.s3` is the export. The export stays there after the run.",
				Validators: []validator.String{bucketName()},
			},
			"s3_prefix": s3PrefixAttribute("Prefix of the export's keys; the export is below `PREFIX/AWSDynamoDB/`. Default: " +
				"none."),
			"point_in_time": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Export the table as it was at this time (RFC 3339), within its point-in-time recovery. " +
					"Default: as it is now.",
				Validators: []validator.String{timeValidator{}},
			},
		},
		PlanModifiers: []planmodifier.Object{rerun{meaning{parts: map[string]meaning{"point_in_time": aTime}}}},
	}
}

type exportModel struct {
	Bucket      types.String `tfsdk:"s3_bucket"`
	Prefix      types.String `tfsdk:"s3_prefix"`
	PointInTime types.String `tfsdk:"point_in_time"`
}

func exportOf(ctx context.Context, object types.Object, diags *diag.Diagnostics) job.Export {
	var m exportModel
	if !asKnown(ctx, object, &m, diags) {
		return job.Export{}
	}
	export := job.Export{To: store.S3Place{Bucket: m.Bucket.ValueString(), Prefix: m.Prefix.ValueString()}}
	if !m.PointInTime.IsNull() {
		export.At = timeOf(ctx, m.PointInTime, path.Root("export").AtName("point_in_time"), diags)
	}
	return export
}
