// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
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

func (m *tableCopyModel) job(ctx context.Context, diags *diag.Diagnostics) (job engine.CopyJob, known bool) {
	source, sourceKnown := copySource(ctx, m.Source, diags)
	destination, destinationKnown := copyDestination(ctx, m.Destination, diags)
	export, exportKnown := exportOf(ctx, m.Export, diags)
	restore, restoreKnown := restoreOf(ctx, m.BackupRestore, diags)
	condition, filterKnown := filterOf(ctx, m.Filter, diags)
	steps, transformKnown := transformOf(ctx, m.Transform, diags)
	triggers, triggersKnown := triggersOf(ctx, m.Triggers, diags)
	throughput, throughputKnown := throughputOf(ctx, m.Throughput, diags)
	emr, emrKnown := emrOf(ctx, m.EMR, diags)
	job = engine.CopyJob{
		Source: source, Destination: destination, Method: m.Method.ValueString(), Export: export, Restore: restore, EMR: emr, Filter: condition, SamplePercent: m.SamplePercent.ValueFloat64(),
		Transform: steps, TransformOptions: transformOptions(m.HMACKey), TransformLater: !transformKnown,
		OnConflict: m.OnConflict.ValueString(), SkipRefused: m.OnItemError.ValueString() == itemErrorSkip, Verify: m.Verify.ValueString(),
		Throughput: throughput, Triggers: triggers,
	}
	known = sourceKnown && destinationKnown && exportKnown && restoreKnown && filterKnown && transformKnown && triggersKnown && throughputKnown && emrKnown
	return job, known && !m.HMACKey.IsUnknown() && !m.Method.IsUnknown() && !m.SamplePercent.IsUnknown() && !m.OnConflict.IsUnknown() && !m.OnItemError.IsUnknown() && !m.Verify.IsUnknown()
}

func copySource(ctx context.Context, object types.Object, diags *diag.Diagnostics) (_ engine.CopySource, known bool) {
	if object.IsUnknown() {
		return engine.CopySource{}, false
	}
	var model copySourceModel
	diags.Append(object.As(ctx, &model, basetypes.ObjectAsOptions{})...)
	side, known := model.side(ctx, diags)
	s3, s3Known := sourceS3(ctx, model.S3, diags)
	if !known || !s3Known || model.Table.IsUnknown() || model.Index.IsUnknown() || model.ConsistentRead.IsUnknown() || model.File.IsUnknown() {
		return engine.CopySource{}, false
	}
	return engine.CopySource{
		Table: model.Table.ValueString(), Index: model.Index.ValueString(), ConsistentRead: model.ConsistentRead.ValueBool(),
		Side: side, S3: s3, File: model.File.ValueString(),
	}, true
}

func copyDestination(ctx context.Context, object types.Object, diags *diag.Diagnostics) (_ engine.CopyDestination, known bool) {
	if object.IsUnknown() {
		return engine.CopyDestination{}, false
	}
	var model copyDestinationModel
	diags.Append(object.As(ctx, &model, basetypes.ObjectAsOptions{})...)
	side, known := model.side(ctx, diags)
	s3, s3Known := destinationS3(ctx, model.S3, diags)
	if !known || !s3Known || model.Table.IsUnknown() || model.CreateTable.IsUnknown() || model.KMSKey.IsUnknown() || model.File.IsUnknown() {
		return engine.CopyDestination{}, false
	}
	return engine.CopyDestination{
		Table: model.Table.ValueString(), Side: side, Create: createLevel(model.CreateTable), KMSKeyARN: model.KMSKey.ValueString(), S3: s3, File: model.File.ValueString(),
	}, true
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
	m.DestinationS3Prefix = types.StringValue(result.DestinationS3Prefix)
	m.BackupARN = types.StringValue(result.BackupARN)
	m.ExportARN = types.StringValue(result.ExportARN)
	m.ImportARN = types.StringValue(result.ImportARN)
}
