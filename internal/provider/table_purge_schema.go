// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
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
			MarkdownDescription: "How to empty the table. `delete_items` reads the keys with a parallel Scan and deletes item by item, which leaves the table and its settings as they are. `emr` does the same on many machines, with Spark on Amazon EMR. " +
				"`recreate` drops the table and makes it anew with every setting put back, which takes the same few requests however large the table is; the table gets a new id and a new stream. " +
				"`auto`, the default, recreates a table of which all items go if nothing speaks against it, and deletes items otherwise; `method_used` and `method_reason` tell what and why.",
			Validators:    []validator.String{stringvalidator.OneOf(engine.MethodAuto, engine.MethodDeleteItems, engine.MethodRecreate, engine.MethodEMR)},
			PlanModifiers: []planmodifier.String{rerunString(engine.MethodAuto)},
		},
		"filter": filterAttribute("Chooses the items that are deleted; without it all are."),
		"recheck_filter": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Make each delete conditional on the filter still holding for the item, so that one that changed since it was read stays; it counts as filtered. " +
				"Such deletes go one by one, in place of 25 to a request. Default: `true`.",
			Validators:    []validator.Bool{boolvalidator.AlsoRequires(path.MatchRoot("filter"))},
			PlanModifiers: []planmodifier.Bool{rerunBool(true)},
		},
		"allow": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Over what a recreate is not to be refused: `stream`, since the new table's stream has another ARN; `event_source_mappings`, which are made anew on the new stream, " +
				"and imply the stream; `kinesis`, whose destinations are enabled anew. `replicas` is refused: a table with replicas is never recreated, for AWS lets nobody delete one at once.",
			Validators:    []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(engine.Allowances()...))},
			PlanModifiers: []planmodifier.Set{setplanmodifier.RequiresReplace()},
		},
		"backup_before": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Make an on-demand backup before the table is recreated, and keep it; `backup_arn` names it. Default: `false`.",
			PlanModifiers:       []planmodifier.Bool{rerunBool(false)},
		},
		"require_pitr": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Refuse to purge a table without point-in-time recovery. Default: `false`.",
			PlanModifiers:       []planmodifier.Bool{rerunBool(false)},
		},
		"throughput": throughputAttribute(),
		"emr":        emrAttribute(),
		"triggers":   triggersAttribute(),
		"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
			Create: true, CreateDescription: "How long a run may take, such as `30m`; 2 hours if it is left out. A run that takes longer fails.",
		}),
		"items_deleted":     outputInt("Items that DynamoDB has acknowledged as deleted."),
		"table_arn":         outputString("ARN of the table."),
		"table_id_before":   outputString("TableId of the table before the run."),
		"stream_arn_before": outputString("ARN of the table's latest stream before the run; empty if it never had one."),
		"stream_arn_after":  outputString("ARN of the table's latest stream after the run."),
		"backup_arn":        outputString("The backup made by `backup_before`; else the one that AWS makes of a table with point-in-time recovery when it is dropped, which it keeps for 35 days; else empty."),
		"settings_restored": outputStrings("Names of the settings that were put back after the table was made anew."),
		"settings_json":     outputString("All settings that a recreated table had before, as JSON; empty where the table was not recreated."),
		"table_id_after":    outputString("TableId of the table after the run; the same when the table was not made anew."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Empties a DynamoDB table, wholly or of the items that pass a filter, when the resource is created or replaced. Destroying the resource deletes nothing.\n\n" +
			"Every item is accounted for: `items_scanned` is the sum of `items_deleted` and `items_failed`, or the run fails. Items that other writers add during the run may stay.",
		Attributes: attributes,
	}
}
