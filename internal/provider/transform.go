// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

const (
	// envHMACKey holds the key of hmac() where hmac_key_wo does not.
	envHMACKey        = "DYNAMOOPS_HMAC_KEY"
	hmacKey           = "hmac_key_wo"
	hmacKeyVersion    = "hmac_key_wo_version"
	transformGuide    = "See [the guide to transforms](../guides/transform.md)."
	pathsAreAttribute = " Each is the path of an attribute, such as `ssn`, `address.street` or `lines[0].sku`."
)

type transformStepModel struct {
	Rename types.Map    `tfsdk:"rename"`
	Remove types.List   `tfsdk:"remove"`
	Keep   types.List   `tfsdk:"keep"`
	Set    types.Map    `tfsdk:"set"`
	Mask   types.List   `tfsdk:"mask"`
	DropIf types.String `tfsdk:"drop_if"`
}

func transformAttribute() schema.ListNestedAttribute {
	paths := func(description string) schema.ListAttribute {
		return schema.ListAttribute{
			Optional:            true,
			ElementType:         types.StringType,
			MarkdownDescription: description + pathsAreAttribute,
		}
	}
	byPath := func(description string) schema.MapAttribute {
		return schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	return schema.ListNestedAttribute{
		Optional: true,
		MarkdownDescription: "Steps that change the copied items, one after the other; each has exactly one of the " +
			"following. Attributes that no step names are " +
			"copied byte for byte. The plan reports a mistake in a step. " + transformGuide,
		PlanModifiers: []planmodifier.List{rerun{}},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"rename": byPath("Renames attributes: `{ cust = \"customer_id\" }`. An item that already has an attribute of the " +
				"new name is an error."),
			"remove": paths("Removes attributes."),
			"keep":   paths("Removes all attributes but these."),
			"set": byPath("Sets attributes to the values of CEL expressions over `item`: `{ email = \"sha256(item.id) + " +
				"'@example.com'\" }`. All of them see the item " +
				"as it is before the step. The value `optional.none()` leaves the attribute unchanged."),
			"mask": paths("Replaces every character of a string but the last four with `*`, or every character if the string " +
				"is shorter than eight."),
			"drop_if": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "CEL condition over `item`, such as `item.amount == 0`: items for which it is true are not " +
					"copied, and are counted in `items_dropped`.",
			},
		}},
	}
}

func hmacKeyAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, WriteOnly: true, Sensitive: true,
		MarkdownDescription: "Key of the function `hmac()` in `transform`. It is stored in neither plan nor state. Needs " +
			"Terraform 1.11 or newer; the environment " +
			"variable `" + envHMACKey + "` does the same in any version.",
	}
}

func hmacKeyVersionAttribute() schema.Int64Attribute {
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: "A change starts a new run; Terraform cannot see a change of `" + hmacKey + "` itself.",
		PlanModifiers:       []planmodifier.Int64{rerun{}},
	}
}

// transformOf returns the steps; later says that they are not known yet.
func transformOf(ctx context.Context, list types.List, diags *diag.Diagnostics) (steps []transform.Step, later bool) {
	if !known(ctx, list) {
		return nil, true
	}
	var models []transformStepModel
	diags.Append(list.ElementsAs(ctx, &models, false)...)
	for _, model := range models {
		var step transform.Step
		diags.Append(model.Rename.ElementsAs(ctx, &step.Rename, false)...)
		diags.Append(model.Remove.ElementsAs(ctx, &step.Remove, false)...)
		diags.Append(model.Keep.ElementsAs(ctx, &step.Keep, false)...)
		diags.Append(model.Set.ElementsAs(ctx, &step.Set, false)...)
		diags.Append(model.Mask.ElementsAs(ctx, &step.Mask, false)...)
		step.DropIf = model.DropIf.ValueStringPointer()
		steps = append(steps, step)
	}
	return steps, false
}

// transformOptions has the key of hmac, from the argument or else from the environment.
func transformOptions(key types.String) transform.Options {
	if key.ValueString() == "" && !key.IsUnknown() {
		return transform.Options{HMACKey: []byte(os.Getenv(envHMACKey))}
	}
	return transform.Options{HMACKey: []byte(key.ValueString()), HMACKeyLater: key.IsUnknown()}
}
