// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
)

func (r *tablePurgeResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := runOutputs()
	maps.Copy(attributes, connectionAttributes())
	table := tableAttribute("Name or ARN of the table to empty.")
	table.Optional, table.Required = false, true
	maps.Copy(attributes, map[string]schema.Attribute{
		"table": table,
		"method": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "How to empty the table. `delete_items` reads the keys with a parallel Scan and deletes " +
				"item by item, which leaves the table and its " +
				"settings unchanged. `emr` does the same on many machines, with Spark on Amazon EMR. `recreate` drops and " +
				"recreates the table with every setting " +
				"put back, which takes the same few requests however large the table is; the table gets a new id and a new " +
				"stream. `auto`, the default, recreates " +
				"the table if all items are to be deleted and nothing stands in the way, and deletes items otherwise. The plan " +
				"warns of a run that drops the table.",
			Validators: []validator.String{
				stringvalidator.OneOf(job.MethodAuto, job.MethodDeleteItems, job.MethodRecreate, job.MethodEMR),
			},
			PlanModifiers: []planmodifier.String{rerunAs(types.StringValue(job.MethodAuto))},
		},
		"filter": filterAttribute("Selects the items to delete; without it, all are deleted."),
		"recheck_filter": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Make each delete conditional on the filter, so that an item that has changed since it was " +
				"read and no longer passes the filter stays " +
				"and counts as filtered. Such deletes take one request each, instead of one for 25 items. The condition adds 87 " +
				"bytes and 4 operators to " +
				"the expression, so that the filter has at most 4,009 bytes and 296 operators. Default: `true`.",
			Validators:    []validator.Bool{ifFalse{boolvalidator.AlsoRequires(path.MatchRoot("filter"))}},
			PlanModifiers: []planmodifier.Bool{rerunAs(types.BoolValue(true))},
		},
		"allow": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Conditions that would otherwise make a recreate refuse: `stream`, since the new table's " +
				"stream has another ARN; " +
				"`event_source_mappings`, which are recreated on the new stream, and imply `stream`; `kinesis`, whose " +
				"destinations are enabled again. " +
				"`replicas` is refused: a table with replicas is never recreated, because AWS cannot delete all replicas at once.",
			Validators:    []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(recreate.Allowances()...))},
			PlanModifiers: []planmodifier.Set{rerun{}},
		},
		"backup_before": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Make an on-demand backup before the table is recreated, and keep it; `backup_arn` names " +
				"it. Default: `false`.",
			PlanModifiers: []planmodifier.Bool{rerunAs(types.BoolValue(false))},
		},
		"require_pitr": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Refuse to purge a table without point-in-time recovery. Default: `false`.",
			PlanModifiers:       []planmodifier.Bool{rerunAs(types.BoolValue(false))},
		},
		"throughput": throughputAttribute(),
		"emr":        emrAttribute(),
		"triggers":   triggersAttribute(),
		"timeouts": timeoutsAttribute(ctx, "How long a run may take, such as `30m`. Default: 2 hours. A run that "+
			"takes longer fails."),
		"items_deleted": outputInt("Items that DynamoDB has acknowledged as deleted; 0 if the table was recreated, " +
			"since its items are not counted then."),
		"table_arn":         outputString("ARN of the table."),
		"table_id_before":   outputString("TableId of the table before the run."),
		"stream_arn_before": outputString("ARN of the table's latest stream before the run; empty if it never had one."),
		"stream_arn_after":  outputString("ARN of the table's latest stream after the run."),
		"backup_arn": outputString("ARN of the backup made by `backup_before`, or else of the one that AWS makes when a " +
			"table with point-in-time recovery is dropped, " +
			"which it keeps for 35 days; otherwise empty."),
		"settings_restored": outputStrings("Names of the settings that were put back after the table was recreated."),
		"settings_json": outputString("All settings that a recreated table had before, as JSON, less filter criteria " +
			"that Lambda keeps encrypted; empty if the table was not recreated."),
		"table_id_after": outputString("TableId of the table after the run; unchanged if the table was not recreated."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Deletes all items of a DynamoDB table, or those that pass a filter, when the resource is " +
			"created or replaced. Destroying the resource " +
			"deletes nothing.\n\n" +
			"Every item is accounted for: `items_scanned` is the sum of `items_deleted` and `items_failed`, or the run " +
			"fails; a table that is recreated is not read, so " +
			"all three are 0. Items that others add during the run may stay.",
		Attributes: attributes,
	}
}
