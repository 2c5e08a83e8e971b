// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// mayBeUnknown are the arguments that a plan need not know, and why. What is below one of them may be unknown too.
var mayBeUnknown = map[string]string{
	"table": namesAPlace, "source.table": namesAPlace, "source.file": namesAPlace, "source.s3": namesAPlace,
	"destination.table": namesAPlace, "destination.file": namesAPlace, "destination.s3": namesAPlace, "export": namesAPlace,
	"region": providersOwn, "source.region": providersOwn, "destination.region": providersOwn,
	"profile": providersOwn, "source.profile": providersOwn, "destination.profile": providersOwn,
	"endpoint": providersOwn, "source.endpoint": providersOwn, "destination.endpoint": providersOwn,
	"assume_role.*": unknownRole, "source.assume_role.*": unknownRole, "destination.assume_role.*": unknownRole,
	"filter.expression":            "null is refused when the run begins",
	"filter.names":                 "DynamoDB refuses an expression whose placeholders are missing",
	"filter.values_json":           "as filter.values",
	"filter.values":                "DynamoDB refuses an expression without its values, and one that is null is NULL, as it is written elsewhere",
	"transform.*.drop_if":          "a step without a part is refused when the run begins",
	"transform.*.rename.*":         nullElement,
	"transform.*.remove.*":         nullElement,
	"transform.*.keep.*":           nullElement,
	"transform.*.set.*":            nullElement,
	"transform.*.mask.*":           nullElement,
	"recheck_filter":               "null means true, which protects more",
	"allow":                        "null allows nothing",
	"destination.create_table":     "null creates nothing",
	"destination.kms_key_arn":      "null is AWS's own key, and refused where the source has a key of its own",
	"backup_restore.point_in_time": "null restores a backup, and no item is lost",
	"backup_restore.backup_arn":    "null restores a backup, and no item is lost",
	"backup_restore.keep_backup":   "null deletes what the run itself has made",
	"on_item_error":                "null ends the run",
	"throughput":                   "may come from the table that the same apply creates",
	"emr":                          "what is needed is refused when the run begins",
	"timeout":                      "null is the default",
	"timeouts":                     "null is the default",
	"triggers":                     "only says when to run",
	hmacKeyVersion:                 "only says when to run",
	hmacKey:                        "a transform that needs a key is refused without one",
}

const (
	namesAPlace  = "may come from what the same apply creates, and null is refused"
	providersOwn = "null means the provider's own, as everywhere"
	unknownRole  = "a role may be created by the same apply, and AWS refuses a wrong one"
	nullElement  = "null is refused when the run begins"
)

// What decides what a run does is refused while it is not known: by the plan of a resource that is new or changes, and by that of an
// action. The test walks the schemas, so that a new argument has to be put on one of the two lists.
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
			if mayBe := slices.ContainsFunc(prefixes(pattern(at)), func(name string) bool { return mayBeUnknown[name] != "" }); mayBe == decides {
				t.Errorf("%s has to be either in decisive or in mayBeUnknown", pattern(at))
			}
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

// prefixes are the pattern of an argument, and those of what it is a part of. An object's parts are one for an asterisk.
func prefixes(pattern string) []string {
	var all []string
	for parts := strings.Split(pattern, "."); len(parts) > 0; parts = parts[:len(parts)-1] {
		all = append(all, strings.Join(parts, "."), strings.Join(parts[:len(parts)-1], ".")+".*")
	}
	return all
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
