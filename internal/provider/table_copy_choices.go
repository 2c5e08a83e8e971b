// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

// What a copy chooses to take, to replace and to prove.

func samplePercentAttribute() schema.Float64Attribute {
	return schema.Float64Attribute{
		Optional: true,
		MarkdownDescription: "Copy about this percentage of the partition keys, more than 0 and at most 100. Default: " +
			"100. A hash of the key's value selects them, " +
			"so items that share a partition key stay together, every run and every table with the same keys selects the " +
			"same ones, and a larger sample contains " +
			"every smaller one. The key is the source table's; for a source file, the destination's. The whole source is " +
			"read; items that are not in the sample " +
			"count in `items_dropped`.",
		Validators:    []validator.Float64{float64validator.Between(0.000001, 100)},
		PlanModifiers: []planmodifier.Float64{rerunAs(types.Float64Value(100))},
	}
}

func onConflictAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "What to do if the destination table has an item with the same key: `overwrite`, the " +
			"default, replaces it; `skip` keeps it and counts " +
			"the copied one in `items_skipped`; `fail` keeps it and ends the run. `skip` and `fail` write one item per " +
			"request, on condition that its key does not " +
			"exist, which takes more requests and CPU, and as many write units. A resumed run counts an existing item as " +
			"written if it equals its own in every " +
			"value. A destination file is replaced as a whole.",
		Validators:    []validator.String{stringvalidator.OneOf(job.ConflictOverwrite, job.ConflictSkip, job.ConflictFail)},
		PlanModifiers: []planmodifier.String{rerunAs(types.StringValue(job.ConflictOverwrite))},
	}
}

func verifyAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Whether to read the destination back once the copy is complete: `none`, the default; " +
			"`count`, which counts its items; or `full`, which " +
			"reads the source once more and compares every item, after filter and sample. A mismatch fails the run. See " +
			"[verify a copy](../resources/table_copy.md#verify-a-copy) for what each of them proves and costs.",
		Validators:    []validator.String{stringvalidator.OneOf(job.VerifyNone, job.VerifyCount, job.VerifyFull)},
		PlanModifiers: []planmodifier.String{rerunAs(types.StringValue(job.VerifyNone))},
	}
}
