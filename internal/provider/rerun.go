// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The plan modifiers of the arguments that define a run: a change of meaning replaces the resource, and a replacement runs.
// An argument that is left out means its default, so writing the default down, or a new version of the provider that
// knows more arguments, changes nothing.

const rerunDescription = "A change starts a new run."

// rerunString is for a string that means fallback when it is left out.
func rerunString(fallback string) planmodifier.String {
	return stringplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = !meaning(req.StateValue, types.StringValue(fallback)).Equal(meaning(req.PlanValue, types.StringValue(fallback)))
	}, rerunDescription, rerunDescription)
}

// rerunFloat64 is for a number that means fallback when it is left out.
func rerunFloat64(fallback float64) planmodifier.Float64 {
	return float64planmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.Float64Request, resp *float64planmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = !meaning(req.StateValue, types.Float64Value(fallback)).Equal(meaning(req.PlanValue, types.Float64Value(fallback)))
	}, rerunDescription, rerunDescription)
}

// rerunBool is for a bool that means fallback when it is left out.
func rerunBool(fallback bool) planmodifier.Bool {
	return boolplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.BoolRequest, resp *boolplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = !meaning(req.StateValue, types.BoolValue(fallback)).Equal(meaning(req.PlanValue, types.BoolValue(fallback)))
	}, rerunDescription, rerunDescription)
}

// rerunObject is for an object whose attributes mean what fallbacks say when they are left out.
func rerunObject(fallbacks map[string]attr.Value) planmodifier.Object {
	return objectplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.ObjectRequest, resp *objectplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = !sameObject(req.StateValue, req.PlanValue, fallbacks)
	}, rerunDescription, rerunDescription)
}

func sameObject(state, plan types.Object, fallbacks map[string]attr.Value) bool {
	if state.IsNull() != plan.IsNull() || plan.IsUnknown() {
		return false
	}
	planned := plan.Attributes()
	for name, value := range state.Attributes() {
		if !meaning(value, fallbacks[name]).Equal(meaning(planned[name], fallbacks[name])) {
			return false
		}
	}
	return true
}

// meaning is the value, or what it stands for when it is left out. The fallback of an object has those of its attributes.
func meaning(value, fallback attr.Value) attr.Value {
	object, isObject := value.(types.Object)
	if isObject {
		defaults, ok := fallback.(types.Object)
		if !ok || object.IsNull() || object.IsUnknown() {
			return value
		}
		attributes := object.Attributes()
		kinds := map[string]attr.Type{}
		for name, attribute := range attributes {
			attributes[name] = meaning(attribute, defaults.Attributes()[name])
			kinds[name] = attribute.Type(context.Background())
		}
		return types.ObjectValueMust(kinds, attributes)
	}
	if value.IsNull() && fallback != nil {
		return fallback
	}
	return value
}
