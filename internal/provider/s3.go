// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

func sourceS3Attribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Folder in an S3 bucket to read. `region`, `profile` and `assume_role` say how to reach it. " +
			"A change of the objects does not start a run: put something that changes with them into `triggers`.",
		Attributes: map[string]schema.Attribute{
			"bucket": s3BucketAttribute(),
			"prefix": s3PrefixAttribute("Prefix that a table was exported to, or that of one export, " +
				"`PREFIX/AWSDynamoDB/ID`; for `jsonl`, a folder or the key of one object. " +
				"Default: the whole bucket."),
			"format": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "`dynamodb_json`, the default, is a full export of a table, made by AWS or by this " +
					"provider, whose manifests, counts and checksums are checked. " +
					"`jsonl` is objects with one item per line, plain JSON or DynamoDB JSON, uncompressed or compressed with gzip " +
					"or zstd; the folder must hold nothing else.",
				Validators: []validator.String{stringvalidator.OneOf(store.S3FormatExport, store.S3FormatLines)},
			},
		},
	}
}

func destinationS3Attribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "S3 bucket to write an export to, in the layout of AWS's own full exports, which DynamoDB's " +
			"ImportTable, AWS Glue and `source.s3` read. " +
			"Each run makes a new export. It is complete once its `manifest-summary.json` exists, which is written last. " +
			"`region`, `profile` and `assume_role` say " +
			"how to reach the bucket.",
		Attributes: map[string]schema.Attribute{
			"bucket": s3BucketAttribute(),
			"prefix": s3PrefixAttribute("Prefix of the keys; the export is below `PREFIX/AWSDynamoDB/`. Default: none."),
		},
	}
}

func s3BucketAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Name of an existing bucket.",
		Validators:          []validator.String{bucketName()},
	}
}

func s3PrefixAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description + " Slashes at its beginning and " +
		"end do not count.", Validators: []validator.String{stringvalidator.LengthAtLeast(1)}}
}

type sourceS3Model struct {
	Bucket types.String `tfsdk:"bucket"`
	Prefix types.String `tfsdk:"prefix"`
	Format types.String `tfsdk:"format"`
}

type destinationS3Model struct {
	Bucket types.String `tfsdk:"bucket"`
	Prefix types.String `tfsdk:"prefix"`
}

// sourceS3 returns the place, nil if there is none.
func sourceS3(ctx context.Context, object types.Object, diags *diag.Diagnostics) *job.S3Source {
	var m sourceS3Model
	if !asKnown(ctx, object, &m, diags) {
		return nil
	}
	source := &job.S3Source{
		S3Place: store.S3Place{Bucket: m.Bucket.ValueString(), Prefix: m.Prefix.ValueString()},
		Format:  store.S3FormatExport,
	}
	if !m.Format.IsNull() {
		source.Format = m.Format.ValueString()
	}
	return source
}

// destinationS3 is the same for a destination.
func destinationS3(ctx context.Context, object types.Object, diags *diag.Diagnostics) *store.S3Place {
	var m destinationS3Model
	if !asKnown(ctx, object, &m, diags) {
		return nil
	}
	return &store.S3Place{Bucket: m.Bucket.ValueString(), Prefix: m.Prefix.ValueString()}
}
