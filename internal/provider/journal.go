// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// bucketPattern are the names of general purpose buckets ("General purpose bucket naming rules" in the Amazon S3 User
// Guide).
var bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

func bucketName() validator.String {
	return matching(bucketPattern, "must be the name of a bucket (3 to 63 of a-z 0-9 . -)")
}

func journalSchemaBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Where the provider keeps the progress of runs, so that an interrupted run can resume: a " +
			"directory, or an S3 bucket. " +
			"See [a journal in S3](index.md#a-journal-in-s3).",
		Attributes: map[string]schema.Attribute{
			"path": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Directory, created if needed. Default: `dynamoops` in Terraform's data directory, which " +
					"is `TF_DATA_DIR` or else `.terraform`. " +
					"It must be [one that no other user can write to](index.md#who-may-write-to-the-journal). Excludes `s3`.",
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(1),
					stringvalidator.ConflictsWith(path.MatchRoot("journal").AtName("s3")),
				},
			},
		},
		Blocks: map[string]schema.Block{"s3": schema.SingleNestedBlock{
			MarkdownDescription: "Bucket that every machine that may resume a run can reach, with the provider's own " +
				"credentials.",
			Attributes: map[string]schema.Attribute{
				"bucket": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Name of an existing bucket. Required.",
					Validators: []validator.String{bucketName()},
				},
				"prefix": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Prefix of the objects' keys. Default: `" + journal.DefaultPrefix + "`.",
					Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"region": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Region of the bucket. Default: the provider's.",
					Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				},
			},
			// An argument of a block cannot be required without the block being so.
			Validators: []validator.Object{objectvalidator.AlsoRequires(path.MatchRelative().AtName("bucket"))},
		}},
	}
}

type journalBlock struct {
	Path types.String `tfsdk:"path"`
	S3   types.Object `tfsdk:"s3"`
}

type journalS3Block struct {
	Bucket types.String `tfsdk:"bucket"`
	Prefix types.String `tfsdk:"prefix"`
	Region types.String `tfsdk:"region"`
}

// openJournal returns the journal that the block describes, and the folder for what stays on this machine. Nothing is
// written while planning, so until all of it is known the default will do.
func openJournal(
	ctx context.Context,
	block types.Object,
	connections *awsconn.Connections,
	diags *diag.Diagnostics,
) (_ journal.Journal, directory string) {
	directory = DefaultJournal()
	if block.IsNull() || block.IsUnknown() {
		return journal.Local(directory), directory
	}
	var given journalBlock
	diags.Append(block.As(ctx, &given, basetypes.ObjectAsOptions{})...)
	if given.Path.ValueString() != "" {
		directory = given.Path.ValueString()
	}
	if given.S3.IsNull() || given.S3.IsUnknown() {
		return journal.Local(directory), directory
	}
	var place journalS3Block
	diags.Append(given.S3.As(ctx, &place, basetypes.ObjectAsOptions{})...)
	if diags.HasError() || place.Bucket.IsUnknown() || place.Prefix.IsUnknown() || place.Region.IsUnknown() {
		return journal.Local(directory), directory
	}
	client, err := connections.S3(ctx, awsconn.Connection{Region: place.Region.ValueString()})
	if err != nil {
		appendProblems(diags, path.Root("journal").AtName("s3"), problem.All(err)...)
		return nil, ""
	}
	return journal.S3(client, place.Bucket.ValueString(), place.Prefix.ValueString(), time.Now), directory
}

// DefaultJournal is a folder in Terraform's data directory, which Terraform lets every working directory have for its
// own.
func DefaultJournal() string {
	directory := os.Getenv("TF_DATA_DIR")
	if directory == "" {
		directory = ".terraform"
	}
	return filepath.Join(directory, "dynamoops")
}
