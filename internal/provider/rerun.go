// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The plan modifiers of the arguments that define a run: a change of meaning replaces the resource, and a replacement runs.
// An argument that is left out means its default, and a list or a map that is left out means an empty one. So writing that down, or a new
// version of the provider that knows more arguments, changes nothing.

const rerunDescription = "A change starts a new run."

// rerunString is for a string that means fallback when it is left out.
func rerunString(fallback string) planmodifier.String {
	return stringplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = changed(req.StateValue, req.PlanValue, types.StringValue(fallback))
	}, rerunDescription, rerunDescription)
}

// rerunFloat64 is for a number that means fallback when it is left out.
func rerunFloat64(fallback float64) planmodifier.Float64 {
	return float64planmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.Float64Request, resp *float64planmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = changed(req.StateValue, req.PlanValue, types.Float64Value(fallback))
	}, rerunDescription, rerunDescription)
}

// rerunBool is for a bool that means fallback when it is left out.
func rerunBool(fallback bool) planmodifier.Bool {
	return boolplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.BoolRequest, resp *boolplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = changed(req.StateValue, req.PlanValue, types.BoolValue(fallback))
	}, rerunDescription, rerunDescription)
}

// rerunMap is for a map.
func rerunMap() planmodifier.Map {
	return mapplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = changed(req.StateValue, req.PlanValue, nil)
	}, rerunDescription, rerunDescription)
}

// rerunList is for a list.
func rerunList() planmodifier.List {
	return listplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.ListRequest, resp *listplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = changed(req.StateValue, req.PlanValue, nil)
	}, rerunDescription, rerunDescription)
}

// rerunSet is for a set.
func rerunSet() planmodifier.Set {
	return setplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.SetRequest, resp *setplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = changed(req.StateValue, req.PlanValue, nil)
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
		if changed(value, planned[name], fallbacks[name]) {
			return false
		}
	}
	return true
}

// changed says whether the values mean something else.
func changed(state, plan, fallback attr.Value) bool {
	return !meaning(state, fallback).Equal(meaning(plan, fallback))
}

// meaning is the value, or what it stands for when it is left out or empty. The fallback of an object has those of its attributes.
func meaning(value, fallback attr.Value) attr.Value {
	ctx := context.Background()
	isEmpty := func(elements int) bool { return elements == 0 && !value.IsUnknown() }
	switch value := value.(type) {
	case types.Object:
		return objectMeaning(value, fallback)
	case types.Map:
		if isEmpty(len(value.Elements())) {
			return types.MapNull(value.ElementType(ctx))
		}
	case types.List:
		if isEmpty(len(value.Elements())) {
			return types.ListNull(value.ElementType(ctx))
		}
	case types.Set:
		if isEmpty(len(value.Elements())) {
			return types.SetNull(value.ElementType(ctx))
		}
	}
	if value.IsNull() && fallback != nil {
		return fallback
	}
	return value
}

func objectMeaning(object types.Object, fallback attr.Value) attr.Value {
	defaults, ok := fallback.(types.Object)
	if !ok || object.IsNull() || object.IsUnknown() {
		return object
	}
	attributes := object.Attributes()
	kinds := map[string]attr.Type{}
	for name, attribute := range attributes {
		attributes[name] = meaning(attribute, defaults.Attributes()[name])
		kinds[name] = attribute.Type(context.Background())
	}
	return types.ObjectValueMust(kinds, attributes)
}
