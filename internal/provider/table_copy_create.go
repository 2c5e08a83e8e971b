// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// createNever leaves the making of the destination table to others; it is also the default.
const createNever = "never"

var kmsKeyPattern = regexp.MustCompile(`^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+`)

func createTableAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Whether the run creates the table if it does not exist: `never`, the default; `schema`, " +
			"with the keys, indexes and billing of the source " +
			"table; or `full`, with all settings of the table itself: throughput, stream, encryption, class, tags, time to " +
			"live, point-in-time recovery, contributor " +
			"insights, autoscaling, deletion protection and, within the account, resource policies. The new table is never " +
			"connected to what reads or replicates the " +
			"source. An existing table is used as it is. See [create the " +
			"destination](../resources/table_copy.md#create-the-destination).",
		Validators: []validator.String{stringvalidator.OneOf(createNever, string(settings.Schema), string(settings.Full))},
	}
}

func kmsKeyAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "ARN of the KMS key that encrypts the table that the run creates. With `create_table = " +
			"\"full\"`, it is needed if the source's own " +
			"customer managed key cannot be used: in another account or Region.",
		Validators: []validator.String{matching(kmsKeyPattern, "must be the ARN of a KMS key, "+
			"arn:aws:kms:REGION:ACCOUNT:key/ID")},
	}
}

// createLevel is how much of a table is made, empty for none.
func createLevel(value types.String) settings.Level {
	if value.ValueString() == createNever {
		return ""
	}
	return settings.Level(value.ValueString())
}
