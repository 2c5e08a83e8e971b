// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What decides what a run does is refused while it is not known: by the plan of a resource that is new or changes, and by that of an
// action. The test walks the schemas.
func TestUndecidedIsRefused(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for name, test := range map[string]struct {
		all  tfsdk.Config
		plan func(context.Context, tfsdk.Config) diag.Diagnostics
	}{
		"a new purge":     {filledResource(t, NewTablePurgeResource()), planResource(t, NewTablePurgeResource(), false)},
		"a changed purge": {filledResource(t, NewTablePurgeResource()), planResource(t, NewTablePurgeResource(), true)},
		"a new copy":      {filledResource(t, NewTableCopyResource()), planResource(t, NewTableCopyResource(), false)},
		"a changed copy":  {filledResource(t, NewTableCopyResource()), planResource(t, NewTableCopyResource(), true)},
		"purge's action":  {filledAction(t, NewTablePurgeAction()), planAction(NewTablePurgeAction())},
		"copy's action":   {filledAction(t, NewTableCopyAction()), planAction(NewTableCopyAction())},
	} {
		test.all.Raw = withSteps(t, test.all.Raw, oneStepAPart)
		for _, at := range pathsOf(t, test.all.Raw) {
			diags := test.plan(t.Context(), with(t, test.all, at, tftypes.UnknownValue))
			_, decides := decisive[pattern(at)]
			seen[pattern(at)] = true
			if refused := len(diags) == 1 && diags.HasError(); refused != decides || len(diags) > 1 {
				t.Errorf("%s: %s not known, which decides what the run does: %v; the plan says %v", name, at, decides, diags)
			}
		}
	}
	for _, argument := range slices.Sorted(maps.Keys(decisive)) {
		if !seen[argument] {
			t.Errorf("there is no %s", argument)
		}
	}
}

// planResource plans a resource that is new, or one that had other triggers.
func planResource(t *testing.T, of resource.Resource, exists bool) func(context.Context, tfsdk.Config) diag.Diagnostics {
	planned, ok := of.(resource.ResourceWithModifyPlan)
	if !ok {
		t.Fatalf("a %T", of)
	}
	form := schemaOf(t.Context(), of)
	state := tftypes.NewValue(form.Type().TerraformType(t.Context()), nil)
	if exists {
		state = filledResource(t, of).Raw
	}
	return func(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
		var resp resource.ModifyPlanResponse
		planned.ModifyPlan(ctx, resource.ModifyPlanRequest{
			Config: config, Plan: planOf(t, form, config), State: tfsdk.State{Schema: form, Raw: state},
		}, &resp)
		return resp.Diagnostics
	}
}

func planAction(a action.Action) func(context.Context, tfsdk.Config) diag.Diagnostics {
	return func(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
		var resp action.ModifyPlanResponse
		if planned, ok := a.(action.ActionWithModifyPlan); ok {
			planned.ModifyPlan(ctx, action.ModifyPlanRequest{Config: config}, &resp)
		}
		return resp.Diagnostics
	}
}

// A step whose drop_if may be null is refused if it has another part: then it would be that one.
func TestUndecidedStep(t *testing.T) {
	t.Parallel()
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	for name, test := range map[string]struct {
		parts   map[string]tftypes.Value
		refused bool
	}{
		"an unknown text":                     {map[string]tftypes.Value{"drop_if": unknown}, false},
		"an unknown text beside another part": {map[string]tftypes.Value{"drop_if": unknown, "remove": hclList(tftypes.String, hclString("a"))}, true},
		"two parts, which the engine refuses": {map[string]tftypes.Value{"drop_if": hclString("true"), "remove": hclList(tftypes.String, hclString("a"))}, false},
	} {
		config := filledResource(t, NewTableCopyResource())
		config.Raw = withSteps(t, config.Raw, func(step map[string]tftypes.Value) []map[string]tftypes.Value {
			for name, part := range step {
				step[name] = tftypes.NewValue(part.Type(), nil)
			}
			maps.Copy(step, test.parts)
			return []map[string]tftypes.Value{step}
		})
		var diags diag.Diagnostics
		if refuseUndecided(t.Context(), config, &diags); diags.HasError() != test.refused {
			t.Errorf("%s: %v", name, diags)
		}
	}
}

// oneStepAPart makes a step of each part of a step that has all of them.
func oneStepAPart(step map[string]tftypes.Value) []map[string]tftypes.Value {
	var steps []map[string]tftypes.Value
	for name, part := range step {
		only := map[string]tftypes.Value{}
		for other, value := range step {
			only[other] = tftypes.NewValue(value.Type(), nil)
		}
		only[name] = part
		steps = append(steps, only)
	}
	return steps
}

// withSteps is a configuration with other steps in its transform, if it has one.
func withSteps(t *testing.T, raw tftypes.Value, steps func(step map[string]tftypes.Value) []map[string]tftypes.Value) tftypes.Value {
	t.Helper()
	changed, err := tftypes.Transform(raw, func(at *tftypes.AttributePath, old tftypes.Value) (tftypes.Value, error) {
		if pattern(at) != "transform" || old.IsNull() {
			return old, nil
		}
		var elements []tftypes.Value
		if err := old.As(&elements); err != nil {
			return old, err
		}
		var step map[string]tftypes.Value
		if err := elements[0].As(&step); err != nil {
			return old, err
		}
		var list []tftypes.Value
		for _, other := range steps(maps.Clone(step)) {
			list = append(list, tftypes.NewValue(elements[0].Type(), other))
		}
		return tftypes.NewValue(old.Type(), list), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return changed
}
