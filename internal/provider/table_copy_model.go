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

type tableCopyModel struct {
	Source        types.Object   `tfsdk:"source"`
	Destination   types.Object   `tfsdk:"destination"`
	Method        types.String   `tfsdk:"method"`
	Export        types.Object   `tfsdk:"export"`
	BackupRestore types.Object   `tfsdk:"backup_restore"`
	Filter        types.Object   `tfsdk:"filter"`
	SamplePercent types.Float64  `tfsdk:"sample_percent"`
	Transform     types.List     `tfsdk:"transform"`
	HMACKey       types.String   `tfsdk:"hmac_key_wo"`
	HMACVersion   types.Int64    `tfsdk:"hmac_key_wo_version"`
	OnConflict    types.String   `tfsdk:"on_conflict"`
	OnItemError   types.String   `tfsdk:"on_item_error"`
	Verify        types.String   `tfsdk:"verify"`
	Throughput    types.Object   `tfsdk:"throughput"`
	EMR           types.Object   `tfsdk:"emr"`
	Triggers      types.Map      `tfsdk:"triggers"`
	Timeouts      timeouts.Value `tfsdk:"timeouts"`

	runOutputsModel
	ItemsDropped        types.Int64  `tfsdk:"items_dropped"`
	ItemsWritten        types.Int64  `tfsdk:"items_written"`
	ItemsSkipped        types.Int64  `tfsdk:"items_skipped"`
	Verified            types.Bool   `tfsdk:"verified"`
	BytesWritten        types.Int64  `tfsdk:"bytes_written"`
	EMRJobID            types.String `tfsdk:"emr_job_id"`
	DeadLetterPath      types.String `tfsdk:"dead_letter_path"`
	SourceTableARN      types.String `tfsdk:"source_table_arn"`
	DestinationTableARN types.String `tfsdk:"destination_table_arn"`
	DestinationCreated  types.Bool   `tfsdk:"destination_created"`
	SettingsNotCopied   types.List   `tfsdk:"settings_not_copied"`
	DestinationFile     types.String `tfsdk:"destination_file"`
	DestinationS3Prefix types.String `tfsdk:"destination_s3_prefix"`
	BackupARN           types.String `tfsdk:"backup_arn"`
	ExportARN           types.String `tfsdk:"export_arn"`
	ImportARN           types.String `tfsdk:"import_arn"`
}

type copySourceModel struct {
	connectionModel
	Table          types.String `tfsdk:"table"`
	Index          types.String `tfsdk:"index"`
	ConsistentRead types.Bool   `tfsdk:"consistent_read"`
	S3             types.Object `tfsdk:"s3"`
	File           types.String `tfsdk:"file"`
}

type copyDestinationModel struct {
	connectionModel
	Table       types.String `tfsdk:"table"`
	CreateTable types.String `tfsdk:"create_table"`
	KMSKey      types.String `tfsdk:"kms_key_arn"`
	S3          types.Object `tfsdk:"s3"`
	File        types.String `tfsdk:"file"`
}

func (m *tableCopyModel) job(ctx context.Context, diags *diag.Diagnostics) job.Copy {
	steps, later := transformOf(ctx, m.Transform, diags)
	return job.Copy{
		Source: copySource(ctx, m.Source, diags), Destination: copyDestination(ctx, m.Destination, diags),
		Method: m.Method.ValueString(), Export: exportOf(ctx, m.Export, diags),
		Restore: restoreOf(ctx, m.BackupRestore, diags), EMR: emrOf(ctx, m.EMR, diags),
		Filter: filterOf(ctx, m.Filter, diags), SamplePercent: m.SamplePercent.ValueFloat64(),
		Transform: steps, TransformOptions: transformOptions(m.HMACKey), TransformLater: later,
		OnConflict: m.OnConflict.ValueString(), SkipRefused: m.OnItemError.ValueString() == itemErrorSkip,
		Verify:     m.Verify.ValueString(),
		Throughput: throughputOf(ctx, m.Throughput, diags), Triggers: triggersOf(ctx, m.Triggers, diags),
	}
}

func copySource(ctx context.Context, object types.Object, diags *diag.Diagnostics) job.Source {
	var model copySourceModel
	if !asKnown(ctx, object, &model, diags) {
		return job.Source{}
	}
	return job.Source{
		Table: model.Table.ValueString(), Index: model.Index.ValueString(), ConsistentRead: model.ConsistentRead.ValueBool(),
		Connection: model.side(ctx, diags), S3: sourceS3(ctx, model.S3, diags), File: model.File.ValueString(),
	}
}

func copyDestination(ctx context.Context, object types.Object, diags *diag.Diagnostics) job.Destination {
	var model copyDestinationModel
	if !asKnown(ctx, object, &model, diags) {
		return job.Destination{}
	}
	return job.Destination{
		Table: model.Table.ValueString(), Connection: model.side(ctx, diags), Create: createLevel(model.CreateTable),
		KMSKeyARN: model.KMSKey.ValueString(),
		S3:        destinationS3(ctx, model.S3, diags), File: model.File.ValueString(),
	}
}

func (m *tableCopyModel) createTimeout(ctx context.Context, fallback time.Duration) (time.Duration, diag.Diagnostics) {
	return m.Timeouts.Create(ctx, fallback)
}

// setResult fills the outputs.
func (m *tableCopyModel) setResult(result *engine.Result) {
	m.runOutputsModel = runOutputsOf(result)
	m.HMACKey = types.StringNull()
	m.ItemsDropped = types.Int64Value(result.Ledger.Dropped)
	m.ItemsWritten = types.Int64Value(result.Ledger.Written)
	m.ItemsSkipped = types.Int64Value(result.Ledger.Skipped)
	m.Verified = types.BoolValue(result.Verified)
	m.BytesWritten = types.Int64Value(result.Ledger.BytesWritten)
	m.EMRJobID = types.StringValue(result.EMRJobID)
	m.DeadLetterPath = types.StringValue(result.DeadLetterPath)
	m.SourceTableARN = types.StringValue(result.SourceARN)
	m.DestinationTableARN = types.StringValue(result.DestinationARN)
	m.DestinationCreated = types.BoolValue(result.DestinationCreated)
	m.SettingsNotCopied = stringsOf(result.SettingsNotCopied)
	m.DestinationFile = fileOf(m.Destination)
	m.DestinationS3Prefix = types.StringValue(result.DestinationS3Prefix)
	m.BackupARN = types.StringValue(result.BackupARN)
	m.ExportARN = types.StringValue(result.ExportARN)
	m.ImportARN = types.StringValue(result.ImportARN)
}
