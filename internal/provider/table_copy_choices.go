// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
)

// What a copy chooses to take, to replace and to prove.

func samplePercentAttribute() schema.Float64Attribute {
	return schema.Float64Attribute{
		Optional: true,
		MarkdownDescription: "Copy about so many percent of the partition keys, more than 0 and at most 100; 100 if it is left out. A hash of the key's value chooses, so items that share a partition key stay together, " +
			"every run and every table that has the same keys gives the same ones, and a larger share holds all of a smaller one. The key is the source table's; for a source file, the destination's. " +
			"The whole source is read; what is not in the sample counts in `items_dropped`.",
		Validators:    []validator.Float64{float64validator.Between(0.000001, 100)},
		PlanModifiers: []planmodifier.Float64{rerunFloat64(100)},
	}
}

func onConflictAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "What happens to an item of the destination table that has the key of one that is copied: `overwrite`, the default, replaces it; `skip` keeps it and counts the other in `items_skipped`; `fail` keeps it and ends the run. " +
			"`skip` and `fail` write item by item with a condition, which takes more requests and CPU, and as many write units. What the run itself has written before an interruption is no conflict: " +
			"a run that goes on takes an item that equals its own in every value for written. A destination file is replaced as a whole.",
		Validators:    []validator.String{stringvalidator.OneOf(engine.ConflictOverwrite, engine.ConflictSkip, engine.ConflictFail)},
		PlanModifiers: []planmodifier.String{rerunString(engine.ConflictOverwrite)},
	}
}

func verifyAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Whether the destination is read back when the copy is complete: `none`, the default; `count`, which counts its items; or `full`, which reads the source once more and compares every item, after filter and sample. " +
			"A mismatch fails the run. See [verify a copy](../resources/table_copy.md#verify-a-copy) for what each of them proves and costs.",
		Validators:    []validator.String{stringvalidator.OneOf(engine.VerifyNone, engine.VerifyCount, engine.VerifyFull)},
		PlanModifiers: []planmodifier.String{rerunString(engine.VerifyNone)},
	}
}
