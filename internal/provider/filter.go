// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
)

// filterAttribute is the filter of a copy or a purge; the description says what it chooses.
func filterAttribute(description string) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: description + " It uses DynamoDB's own condition syntax, and DynamoDB evaluates it: items " +
			"that do not pass are " +
			"read and paid for, but not sent. Its parts may be unknown until the apply, but not whether there is a filter.",
		PlanModifiers: []planmodifier.Object{rerun{meaning{parts: map[string]meaning{"values_json": valuesInJSON}}}},
		Attributes: map[string]schema.Attribute{
			"expression": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The condition, such as `#s = :open AND amount > :min`.",
			},
			"names": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Attribute names for the placeholders that begin with `#`. Names that are reserved words, " +
					"or contain dots, need one.",
			},
			"values": schema.DynamicAttribute{
				Optional:      true,
				PlanModifiers: []planmodifier.Dynamic{unseenChange{}},
				MarkdownDescription: "Values for the placeholders that begin with `:`, as an object. Strings become S, numbers " +
					"N with all digits, bools BOOL, null NULL, " +
					"lists L, objects M, `toset([...])` of strings SS and of numbers NS.",
			},
			"values_json": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The same values as DynamoDB JSON, such as `jsonencode({ \":hash\" = { B = \"AAE=\" } })`, " +
					"which has binaries too. Excludes `values`.",
				Validators: []validator.String{stringvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName("values"))},
			},
		},
	}
}

type filterModel struct {
	Expression types.String  `tfsdk:"expression"`
	Names      types.Map     `tfsdk:"names"`
	Values     types.Dynamic `tfsdk:"values"`
	ValuesJSON types.String  `tfsdk:"values_json"`
}

// filterOf returns the filter, nil if there is none. A mistake in a value is reported even if something else is not
// known yet.
func filterOf(ctx context.Context, object types.Object, diags *diag.Diagnostics) *filter.Filter {
	if object.IsNull() || object.IsUnknown() {
		return nil
	}
	var model filterModel
	diags.Append(object.As(ctx, &model, basetypes.ObjectAsOptions{})...)
	values, err := attributeValues(model.Values)
	at := path.Root("filter")
	if err != nil {
		diags.AddAttributeError(at.AtName("values"), "Invalid Filter Values", err.Error())
	}
	if json := model.ValuesJSON; !json.IsNull() && !json.IsUnknown() {
		if values, err = filter.ParseValues(json.ValueString()); err != nil {
			diags.AddAttributeError(at.AtName("values_json"), "Invalid Filter Values", "The text is "+err.Error()+".")
		}
	}
	if err != nil || !known(ctx, object) {
		return nil
	}
	f := &filter.Filter{Expression: model.Expression.ValueString(), Values: values}
	names := map[string]types.String{}
	diags.Append(model.Names.ElementsAs(ctx, &names, false)...)
	if len(names) > 0 { // DynamoDB refuses an empty map.
		f.Names = make(map[string]string, len(names))
	}
	for placeholder, name := range names {
		f.Names[placeholder] = name.ValueString()
	}
	return f
}
