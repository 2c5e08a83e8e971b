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
)

// latest is the point in time as late as recovery reaches.
const latest = "latest"

// backupRestoreAttribute says how method = "backup_restore" restores.
func backupRestoreAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "What AWS restores, for `method = \"backup_restore\"`. Default: a backup of the source that " +
			"the run makes and deletes at its end.",
		Attributes: map[string]schema.Attribute{
			"point_in_time": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Restore from the source's point-in-time recovery instead of a backup: the table as it was " +
					"at this time (RFC 3339) or, with " +
					"`latest`, as it was some minutes ago. Only this restores to another Region.",
				Validators: []validator.String{timeValidator{latest}},
			},
			"backup_arn": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "ARN of an existing backup of the source. The run does not delete it.",
			},
			"keep_backup": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Keep the backup that the run makes; the output `backup_arn` names it. Default: `false`.",
			},
			"replace_destination": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Drop an existing destination, with all of its items, and restore it with its own " +
					"settings. Its key and secondary indexes must " +
					"be those of what is restored, and neither Lambda functions nor Kinesis may read its changes. Default: " +
					"`false`, which refuses an existing destination.",
			},
		},
		PlanModifiers: []planmodifier.Object{rerun{meaning{parts: map[string]meaning{
			"point_in_time":       aTime,
			"keep_backup":         {fallback: types.BoolValue(false)},
			"replace_destination": {fallback: types.BoolValue(false)},
		}}}},
	}
}

type backupRestoreModel struct {
	PointInTime types.String `tfsdk:"point_in_time"`
	BackupARN   types.String `tfsdk:"backup_arn"`
	KeepBackup  types.Bool   `tfsdk:"keep_backup"`
	Replace     types.Bool   `tfsdk:"replace_destination"`
}

func restoreOf(ctx context.Context, object types.Object, diags *diag.Diagnostics) job.Restore {
	var m backupRestoreModel
	if !asKnown(ctx, object, &m, diags) {
		return job.Restore{}
	}
	restore := job.Restore{
		BackupARN: m.BackupARN.ValueString(), Keep: m.KeepBackup.ValueBool(), Latest: m.PointInTime.ValueString() == latest,
		Replace: m.Replace.ValueBool(),
	}
	if !m.PointInTime.IsNull() && !restore.Latest {
		restore.At = timeOf(ctx, m.PointInTime, path.Root("backup_restore").AtName("point_in_time"), diags)
	}
	return restore
}
