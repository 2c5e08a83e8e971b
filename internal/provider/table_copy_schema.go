// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

const (
	itemErrorFail = "fail"
	itemErrorSkip = "skip"
)

func (r *tableCopyResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := runOutputs()
	maps.Copy(attributes, map[string]schema.Attribute{
		"source":      copySourceAttribute(),
		"destination": copyDestinationAttribute(),
		"method": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "How to copy. `scan` reads the source with a parallel Scan and writes with BatchWriteItem. `emr` does the same on many machines, with Spark on Amazon EMR. `export_import` has AWS export the source to S3, which needs point-in-time recovery and no read capacity, and load it from there with StartBulkPutItems, or with ImportTable into a table that the run makes, or reads the export itself where that cannot do what is asked. `backup_restore` has AWS make the destination from a backup of the source or from its point-in-time recovery, which takes no capacity of the source and moves the items as they are. `auto`, the default, [chooses](../resources/table_copy.md#how-the-method-is-chosen); `method_used` and `method_reason` tell what and why.",
			Validators:          []validator.String{stringvalidator.OneOf(engine.MethodAuto, engine.MethodScan, engine.MethodEMR, engine.MethodExport, engine.MethodRestore)},
			PlanModifiers:       []planmodifier.String{rerunString(engine.MethodAuto)},
		},
		"export":         exportAttribute(),
		"backup_restore": backupRestoreAttribute(),
		"filter":         filterAttribute("Chooses the items that are copied; without it all are."),
		"sample_percent": samplePercentAttribute(),
		"transform":      transformAttribute(),
		hmacKey:          hmacKeyAttribute(),
		hmacKeyVersion:   hmacKeyVersionAttribute(),
		"on_conflict":    onConflictAttribute(),
		"verify":         verifyAttribute(),
		"on_item_error": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What happens when DynamoDB refuses an item for good, because it is too large or does not fit a key, or a step of `transform` cannot be done with it: `fail`, the default, ends the run; `skip` writes the item to the file " +
				"`dead_letter_path`, counts it in `items_failed` and goes on. A change does not run again.",
			Validators: []validator.String{stringvalidator.OneOf(itemErrorFail, itemErrorSkip)},
		},
		"throughput": throughputAttribute(),
		"emr":        emrAttribute(),
		"triggers":   triggersAttribute(),
		"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
			Create: true, CreateDescription: "How long a run may take, such as `90m`; 6 hours if it is left out. A run that takes longer fails.",
		}),
		"items_dropped": outputInt("Items that are not in the sample, or that a transform left out."),
		"items_written": outputInt("Items that the destination has acknowledged."),
		"items_skipped": outputInt("Items left alone because the destination has one with that key."),
		"verified":      outputBool("Whether the destination was verified, as `verify` says; a mismatch fails the run."),
		"bytes_written": outputInt("Size of the items written, as DynamoDB JSON; for a file or S3, before compression."),
		"emr_job_id":    outputString("AWS's id of the EMR Serverless job run, of the cluster or of the pipeline that did the run; empty with other methods."),
		"dead_letter_path": outputString("File of the items that were set aside, one on each line with the reason; empty if there were none. A line with `Step` has the item as it is at the source, which that step of `transform` could not be done with; one without has it as DynamoDB refused it, behind the last step. " +
			"It lies on the machine that ran, with the journal's folder or in Terraform's data directory, and only its owner may read it. A copy can read the corrected lines as its `source.file`, those with `Step` with the same `transform`, the others without."),
		"source_table_arn":      outputString("ARN of the source table; empty for another source."),
		"destination_table_arn": outputString("ARN of the destination table; empty for another destination."),
		"destination_created":   outputBool("Whether the run made the destination table, which was missing."),
		"settings_not_copied":   outputStrings("Names of the settings that the source table uses and a destination table that the run has made does not have."),
		"backup_arn":            outputString("ARN of the backup that was restored, if it is still there; empty for another method, for point-in-time recovery, and for a backup that the run has made and deleted."),
		"export_arn":            outputString("ARN of the export that AWS made of the source; empty for another method."),
		"import_arn":            outputString("ARN of the import or the bulk operation that loaded the export into the destination; empty if there was none."),
		"destination_s3_prefix": outputString("What the keys of the export in S3 begin with, `PREFIX/AWSDynamoDB/ID`; empty for another destination. The data files are in its folder `data`."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Copies a DynamoDB table, one of its indexes, a file of items or an export in S3 to another table, to a file or to S3, when the resource is created or replaced.\n\n" +
			"Every item is accounted for: `items_scanned` is the sum of `items_dropped`, `items_written`, `items_skipped` and `items_failed`, or the run fails.",
		Attributes: attributes,
	}
}

func copySourceAttribute() schema.SingleNestedAttribute {
	attributes := connectionAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"table": tableAttribute("Name or ARN of the table to read. Exactly one of `table`, `s3` and `file` is given."),
		"index": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Secondary index to read in place of the table. Items that are not in the index, and attributes that it does not project, are not copied.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(3)},
		},
		"consistent_read": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Read with strong consistency, for twice the read units. Default: `false`.",
		},
		"s3": sourceS3Attribute(),
		"file": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Path of a file with one item on each line, plain JSON or DynamoDB JSON, in plain text or compressed with gzip or zstd; all of that is told by the content. " +
				"Runs do not watch the file: put `filesha256(...)` of it into `triggers`.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
	})
	return schema.SingleNestedAttribute{
		Required:            true,
		MarkdownDescription: "Where the items come from.",
		Attributes:          attributes,
		Validators: []validator.Object{oneOf{
			{name: "table"}, {name: "s3", beside: []string{"region", "profile", "assume_role"}}, {name: "file"},
		}},
		PlanModifiers: []planmodifier.Object{rerunObject(map[string]attr.Value{
			"consistent_read": types.BoolValue(false),
			"s3":              types.ObjectValueMust(map[string]attr.Type{"format": types.StringType}, map[string]attr.Value{"format": types.StringValue(store.S3FormatExport)}),
		})},
	}
}

func copyDestinationAttribute() schema.SingleNestedAttribute {
	attributes := connectionAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"table":        tableAttribute("Name or ARN of the table to write. It exists, unless `create_table` says otherwise. Exactly one of `table`, `s3` and `file` is given."),
		"create_table": createTableAttribute(),
		"kms_key_arn":  kmsKeyAttribute(),
		"s3":           destinationS3Attribute(),
		"file": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Path of a file to write, one item on each line as `{\"Item\": ...}` in DynamoDB JSON, the form of AWS's exports. A name that ends in `.gz` or `.zst` compresses it. " +
				"It appears, or is replaced, when it is complete, and only its owner may read it.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
	})
	return schema.SingleNestedAttribute{
		Required:            true,
		MarkdownDescription: "Where the items go.",
		Attributes:          attributes,
		Validators: []validator.Object{oneOf{
			{name: "table"}, {name: "s3", beside: []string{"region", "profile", "assume_role"}}, {name: "file"},
		}},
		PlanModifiers: []planmodifier.Object{rerunObject(map[string]attr.Value{"create_table": types.StringValue(createNever)})},
	}
}
