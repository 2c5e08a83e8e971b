// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
)

// Outputs keep their values until the next run, which makes a new object: unknown exactly when the plan says that one
// will happen.

func outputString(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed: true, MarkdownDescription: description,
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

func outputInt(description string) schema.Int64Attribute {
	return schema.Int64Attribute{
		Computed: true, MarkdownDescription: description,
		PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
	}
}

func outputBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{
		Computed: true, MarkdownDescription: description,
		PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
	}
}

func outputStrings(description string) schema.ListAttribute {
	return schema.ListAttribute{
		Computed: true, ElementType: types.StringType, MarkdownDescription: description,
		PlanModifiers: []planmodifier.List{listplanmodifier.UseStateForUnknown()},
	}
}

// stringsOf is the value of outputStrings.
func stringsOf(names []string) types.List {
	values := make([]attr.Value, len(names))
	for i, name := range names {
		values[i] = types.StringValue(name)
	}
	return types.ListValueMust(types.StringType, values)
}

func outputFloat(description string) schema.Float64Attribute {
	return schema.Float64Attribute{
		Computed: true, MarkdownDescription: description,
		PlanModifiers: []planmodifier.Float64{float64planmodifier.UseStateForUnknown()},
	}
}

// runOutputs are the outputs of every run.
func runOutputs() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":               outputString("ID of the run, a new UUID for each run; a resumed run keeps its ID."),
		"method_used":      outputString("The method that the run used."),
		"method_reason":    outputString("Why the run used that method."),
		"started_at":       outputString("When the run began, in UTC (RFC 3339)."),
		"completed_at":     outputString("When the run was complete, in UTC (RFC 3339)."),
		"duration_seconds": outputFloat("How long the run took, in seconds."),
		"resumed": outputBool("Whether the run resumed an interrupted one. If so, the counts, units and " +
			"`duration_seconds` are those of all attempts."),
		"items_scanned":        outputInt("Items read that passed the filter."),
		"items_filtered":       outputInt("Items that DynamoDB read and the filter excluded."),
		"items_failed":         outputInt("Items that DynamoDB permanently refused."),
		"consumed_read_units":  outputFloat("Read capacity units consumed, as DynamoDB reported them."),
		"consumed_write_units": outputFloat("Write capacity units consumed, as DynamoDB reported them."),
		"throttled_requests":   outputInt("Requests that DynamoDB throttled, wholly or in part. They were retried."),
	}
}

// runOutputsModel holds the values of runOutputs.
type runOutputsModel struct {
	ID                 types.String  `tfsdk:"id"`
	MethodUsed         types.String  `tfsdk:"method_used"`
	MethodReason       types.String  `tfsdk:"method_reason"`
	StartedAt          types.String  `tfsdk:"started_at"`
	CompletedAt        types.String  `tfsdk:"completed_at"`
	DurationSeconds    types.Float64 `tfsdk:"duration_seconds"`
	Resumed            types.Bool    `tfsdk:"resumed"`
	ItemsScanned       types.Int64   `tfsdk:"items_scanned"`
	ItemsFiltered      types.Int64   `tfsdk:"items_filtered"`
	ItemsFailed        types.Int64   `tfsdk:"items_failed"`
	ConsumedReadUnits  types.Float64 `tfsdk:"consumed_read_units"`
	ConsumedWriteUnits types.Float64 `tfsdk:"consumed_write_units"`
	ThrottledRequests  types.Int64   `tfsdk:"throttled_requests"`
}

// seconds are those of the duration to three digits. A quotient is the number next to them, which Duration.Seconds, a
// sum, is not always: it is 1.2389999999999999 for 1,239 ms.
func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond).Milliseconds()) / 1000
}

func runOutputsOf(result *engine.Result) runOutputsModel {
	return runOutputsModel{
		ID:                 types.StringValue(result.ID),
		MethodUsed:         types.StringValue(result.Method),
		MethodReason:       types.StringValue(result.MethodReason),
		StartedAt:          types.StringValue(result.StartedAt.UTC().Format(time.RFC3339)),
		CompletedAt:        types.StringValue(result.CompletedAt.UTC().Format(time.RFC3339)),
		DurationSeconds:    types.Float64Value(seconds(result.Duration)),
		Resumed:            types.BoolValue(result.Resumed),
		ItemsScanned:       types.Int64Value(result.Ledger.Scanned),
		ItemsFiltered:      types.Int64Value(result.Ledger.Filtered),
		ItemsFailed:        types.Int64Value(result.Ledger.Failed),
		ConsumedReadUnits:  types.Float64Value(result.Ledger.ReadUnits),
		ConsumedWriteUnits: types.Float64Value(result.Ledger.WriteUnits),
		ThrottledRequests:  types.Int64Value(result.Throttled + result.Ledger.Unprocessed),
	}
}
