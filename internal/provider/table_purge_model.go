// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

type tablePurgeModel struct {
	connectionModel
	Table         types.String   `tfsdk:"table"`
	Method        types.String   `tfsdk:"method"`
	Filter        types.Object   `tfsdk:"filter"`
	RecheckFilter types.Bool     `tfsdk:"recheck_filter"`
	Allow         types.Set      `tfsdk:"allow"`
	BackupBefore  types.Bool     `tfsdk:"backup_before"`
	RequirePITR   types.Bool     `tfsdk:"require_pitr"`
	Throughput    types.Object   `tfsdk:"throughput"`
	EMR           types.Object   `tfsdk:"emr"`
	Triggers      types.Map      `tfsdk:"triggers"`
	Timeouts      timeouts.Value `tfsdk:"timeouts"`

	runOutputsModel
	ItemsDeleted  types.Int64  `tfsdk:"items_deleted"`
	TableARN      types.String `tfsdk:"table_arn"`
	TableIDBefore types.String `tfsdk:"table_id_before"`
	TableIDAfter  types.String `tfsdk:"table_id_after"`
	StreamBefore  types.String `tfsdk:"stream_arn_before"`
	StreamAfter   types.String `tfsdk:"stream_arn_after"`
	BackupARN     types.String `tfsdk:"backup_arn"`
	Restored      types.List   `tfsdk:"settings_restored"`
	SettingsJSON  types.String `tfsdk:"settings_json"`
}

func (m *tablePurgeModel) job(ctx context.Context, diags *diag.Diagnostics) job.Purge {
	j := job.Purge{
		Method:        m.Method.ValueString(),
		EMR:           emrOf(ctx, m.EMR, diags),
		Filter:        filterOf(ctx, m.Filter, diags),
		RecheckFilter: m.RecheckFilter.IsNull() || m.RecheckFilter.ValueBool(),
		BackupBefore:  m.BackupBefore.ValueBool(),
		RequirePITR:   m.RequirePITR.ValueBool(),
		Throughput:    throughputOf(ctx, m.Throughput, diags),
		Triggers:      triggersOf(ctx, m.Triggers, diags),
	}
	j.FilterLater = j.Filter == nil && !m.Filter.IsNull()
	j.MethodLater = !known(ctx, m.Allow)
	for _, name := range m.Allow.Elements() {
		if name, ok := name.(types.String); ok {
			j.Allow = append(j.Allow, name.ValueString())
		}
	}
	if m.isKnown(ctx) { // Another one has another table of that name.
		j.Table, j.Connection = m.Table.ValueString(), m.side(ctx, diags)
	}
	return j
}

func (m *tablePurgeModel) createTimeout(ctx context.Context, fallback time.Duration) (time.Duration, diag.Diagnostics) {
	return m.Timeouts.Create(ctx, fallback)
}

// setResult fills the outputs.
func (m *tablePurgeModel) setResult(result *engine.Result) {
	m.runOutputsModel = runOutputsOf(result)
	m.ItemsDeleted = types.Int64Value(result.Ledger.Written)
	m.TableARN = types.StringValue(result.DestinationARN)
	m.TableIDBefore = types.StringValue(result.TableID)
	m.TableIDAfter = types.StringValue(result.NewTableID)
	m.StreamBefore = types.StringValue(result.StreamARN)
	m.StreamAfter = types.StringValue(result.NewStreamARN)
	m.BackupARN = types.StringValue(result.BackupARN)
	m.Restored = stringsOf(result.SettingsRestored)
	m.SettingsJSON = types.StringValue(result.SettingsJSON)
}
