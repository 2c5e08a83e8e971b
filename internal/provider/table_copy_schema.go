// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

const (
	itemErrorFail = "fail"
	itemErrorSkip = "skip"
)

const copyMethodDescription = "How to copy. `auto`, the default, " +
	"[chooses](../resources/table_copy.md#how-the-method-is-chosen) between `scan` and " +
	"`export_import`; `method_used` and `method_reason` report what and why. `scan` reads the source with a parallel " +
	"Scan and writes with BatchWriteItem. " +
	"`emr` does the same on many machines, with Spark on Amazon EMR. `export_import` has AWS export the source to S3, " +
	"which needs point-in-time recovery " +
	"and no read capacity, and load the export with StartBulkPutItems, or with ImportTable into a table that the run " +
	"creates; if neither can do what is " +
	"asked, the provider reads the export itself. `backup_restore` has AWS create the destination from a backup of the " +
	"source or from its point-in-time " +
	"recovery, which takes no capacity from the source and leaves the items unchanged."

func (r *tableCopyResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := runOutputs()
	maps.Copy(attributes, map[string]schema.Attribute{
		"source":      copySourceAttribute(),
		"destination": copyDestinationAttribute(),
		"method": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: copyMethodDescription,
			Validators: []validator.String{
				stringvalidator.OneOf(job.MethodAuto, job.MethodScan, job.MethodEMR, job.MethodExport, job.MethodRestore),
			},
			PlanModifiers: []planmodifier.String{rerunAs(types.StringValue(job.MethodAuto))},
		},
		"export":         exportAttribute(),
		"backup_restore": backupRestoreAttribute(),
		"filter":         filterAttribute("Selects the items to copy; without it, all are copied."),
		"sample_percent": samplePercentAttribute(),
		"transform":      transformAttribute(),
		hmacKey:          hmacKeyAttribute(),
		hmacKeyVersion:   hmacKeyVersionAttribute(),
		"on_conflict":    onConflictAttribute(),
		"verify":         verifyAttribute(),
		"on_item_error": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What to do with an item that DynamoDB permanently refuses, because it is too large or does " +
				"not fit a key, or that a step of " +
				"`transform` cannot be applied to: `fail`, the default, ends the run; `skip` writes the item to the file " +
				"`dead_letter_path`, counts it in " +
				"`items_failed` and continues; a warning at the end reports them. Items of a file and of S3 that no table takes " +
				"are found by the plan, as far as it " +
				"reads: an error, or with `skip` a warning. If DynamoDB refuses 16 items in a row with which nothing is found " +
				"wrong, or all of fewer, the run " +
				"fails and sets none of them aside. A change does not start a run.",
			Validators: []validator.String{stringvalidator.OneOf(itemErrorFail, itemErrorSkip)},
		},
		"throughput": throughputAttribute(),
		"emr":        emrAttribute(),
		"triggers":   triggersAttribute(),
		"timeouts": timeoutsAttribute(ctx, "How long a run may take, such as `90m`. Default: 6 hours. A run that "+
			"takes longer fails."),
		"items_dropped": outputInt("Items that are not in the sample, or that a transform dropped."),
		"items_written": outputInt("Items that the destination has acknowledged."),
		"items_failed": outputInt("Items that DynamoDB permanently refused, or that a step of `transform` could not be " +
			"applied to."),
		"items_skipped": outputInt("Items not written because the destination has one with the same key."),
		"verified":      outputBool("Whether the destination was verified, as `verify` asks; a mismatch fails the run."),
		"bytes_written": outputInt("Size of the items written, as DynamoDB JSON; for a file or S3, before compression."),
		"emr_job_id": outputString("ID of the EMR Serverless job run, the cluster or the pipeline that did the work; " +
			"empty with other methods."),
		"dead_letter_path": outputString("File of the items that were set aside, one per line with the reason; empty if " +
			"there were none. A line with `Step` " +
			"has the item as it is in the source, because that step of `transform` failed, or, with the step `source`, " +
			"because no table takes the item; a line without `Step` has the item as DynamoDB refused it, after the last " +
			"step. The file is on the machine that ran, in the journal's directory or in Terraform's data directory, and " +
			"only its owner may read it. A copy can read " +
			"the corrected lines as its `source.file`: lines with `Step` with the same `transform`, the others without."),
		"source_table_arn":      outputString("ARN of the source table; empty for other sources."),
		"destination_table_arn": outputString("ARN of the destination table; empty for other destinations."),
		"destination_created":   outputBool("Whether the run created the destination table."),
		"settings_not_copied": outputStrings("Names of the settings that the source table uses and the destination " +
			"table, if the run created it, does not have."),
		"backup_arn": outputString("ARN of the backup that was restored, if it still exists; empty with other methods, " +
			"for point-in-time recovery, and for a " +
			"backup that the run has made and deleted."),
		"export_arn": outputString("ARN of the export that AWS made of the source; empty with other methods."),
		"import_arn": outputString("ARN of the import or the bulk operation that loaded the export into the destination; " +
			"empty if there was none."),
		"destination_file": outputString("Path of the file that the run wrote, as `destination.file` has it; null for " +
			"other destinations. It is unknown in a plan that " +
			"will write the file, so a copy with `source = { file = dynamoops_table_copy.NAME.destination_file }` comes " +
			"after it, and runs again when it does."),
		"destination_s3_prefix": outputString("Prefix of the keys of the export in S3, `PREFIX/AWSDynamoDB/ID`; empty for " +
			"other destinations. The data files are in its " +
			"folder `data`."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Copies a DynamoDB table, one of its indexes, a file of items or an export in S3 to another " +
			"table, to a file or to S3, when the " +
			"resource is created or replaced.\n\n" +
			"Every item is accounted for: `items_scanned` is the sum of `items_dropped`, `items_written`, `items_skipped` " +
			"and `items_failed`, or the run fails.",
		Attributes: attributes,
	}
}

func copySourceAttribute() schema.SingleNestedAttribute {
	attributes := connectionAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"table": tableAttribute("Name or ARN of the table to read. Give exactly one of `table`, `s3` and `file`."),
		"index": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Secondary index to read instead of the table. Items that are not in the index, and " +
				"attributes that it does not project, are not copied.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(3)},
		},
		"consistent_read": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Read with strong consistency, for twice the read units. Default: `false`.",
		},
		"s3": sourceS3Attribute(),
		"file": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Path of a file with one item per line, plain JSON or DynamoDB JSON, uncompressed or " +
				"compressed with gzip or zstd; the content " +
				"decides. A change of the file does not start a run: put its `filesha256(...)` into `triggers`.",
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
		PlanModifiers: []planmodifier.Object{rerun{meaning{parts: map[string]meaning{
			"consistent_read": {fallback: types.BoolValue(false)},
			"assume_role":     aRole,
			"s3":              {parts: map[string]meaning{"format": {fallback: types.StringValue(store.S3FormatExport)}}},
		}}}},
	}
}

func copyDestinationAttribute() schema.SingleNestedAttribute {
	attributes := connectionAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"table": tableAttribute("Name or ARN of the table to write. It must exist, unless `create_table` is set. " +
			"Give exactly one of `table`, `s3` and `file`."),
		"create_table": createTableAttribute(),
		"kms_key_arn":  kmsKeyAttribute(),
		"s3":           destinationS3Attribute(),
		"file": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Path of a file to write, one item per line as `{\"Item\": ...}` in DynamoDB JSON, as in " +
				"AWS's exports. If the name ends in `.gz` " +
				"or `.zst`, the file is compressed. It appears, or is replaced, when it is complete, and only its owner may " +
				"read it.",
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
		PlanModifiers: []planmodifier.Object{rerun{meaning{parts: map[string]meaning{
			"create_table": {fallback: types.StringValue(createNever)},
			"assume_role":  aRole,
		}}}},
	}
}
