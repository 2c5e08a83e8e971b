// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// validTexts are what arguments may be that accept less than any text.
var validTexts = map[string]string{
	"role_arn": "arn:aws:iam::111122223333:role/r", "execution_role_arn": "arn:aws:iam::111122223333:role/r",
	"kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/k", "table": "orders", "index": "by-status", "endpoint": "http://localhost:8000",
	"create_table": "schema", "on_conflict": "skip", "verify": "count", "on_item_error": "skip", "allow": "stream", "bucket": "example", "s3_bucket": "example",
	"format": "jsonl", "launcher": "cluster", "s3_uri": "s3://example/work", "log_uri": "s3://example/logs", "release_label": "emr-7.11.0",
	"architecture": "ARM64", "executor_memory": "4g",
}

// Whatever a schema, its validators and the checks of a plan refuse of a resource they refuse of its action, in the same words. The test
// goes through all arguments, and gives each of them values that are wrong, unknown or none.
func TestActionsRefuseWhatResourcesRefuse(t *testing.T) {
	t.Parallel()
	rules := map[string]bool{}
	for name, of := range map[string]struct {
		resource resource.Resource
		action   action.Action
	}{
		"dynamoops_table_copy":  {NewTableCopyResource(), NewTableCopyAction()},
		"dynamoops_table_purge": {NewTablePurgeResource(), NewTablePurgeAction()},
	} {
		valid := validAction(t, of.action)
		s := newServer("test")
		if found := planByServer(t, s, name, of.resource, valid); len(found[0])+len(found[1]) > 0 {
			t.Fatalf("%s: the valid arguments are refused: %q", name, found)
		}
		for _, at := range pathsOf(t, valid.Raw) {
			for _, wrong := range []any{tftypes.UnknownValue, nil, "-", -1} {
				config, ok := withAny(valid, at, wrong)
				if !ok || pattern(at) == "timeout" { // Resources have timeouts.
					continue
				}
				found := planByServer(t, s, name, of.resource, config)
				if !slices.Equal(found[0], found[1]) {
					t.Errorf("%s, %s = %v:\n the resource says %q\n the action says   %q", name, at, wrong, found[0], found[1])
				}
				for _, rule := range found[0] {
					rules[rule] = true
				}
			}
		}
	}
	if len(rules) < 50 {
		t.Errorf("only %d rules were broken", len(rules))
	}
}

// validAction is a configuration of the action in which each argument has a value, but for what excludes something else.
func validAction(t *testing.T, a action.Action) tfsdk.Config {
	t.Helper()
	config := filledAction(t, a)
	changed, err := tftypes.Transform(config.Raw, func(at *tftypes.AttributePath, old tftypes.Value) (tftypes.Value, error) {
		switch name := pattern(at); {
		case slices.Contains([]string{"filter.values_json", "source.s3", "source.file", "destination.s3", "destination.file", "throughput.read_percent", "throughput.write_percent"}, name):
			return tftypes.NewValue(old.Type(), nil), nil
		case name == "emr.instance_count":
			return tftypes.NewValue(old.Type(), 2), nil
		case !old.Type().Is(tftypes.String) || old.IsNull():
			return old, nil
		}
		last := ""
		for _, step := range at.Steps() {
			if name, ok := step.(tftypes.AttributeName); ok {
				last = string(name)
			}
		}
		if text, ok := validTexts[last]; ok {
			return hclString(text), nil
		}
		return old, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	config.Raw = withSteps(t, changed, oneStepAPart)
	return config
}

// withAny is the configuration with another value there, if one of that kind can be there.
func withAny(config tfsdk.Config, at *tftypes.AttributePath, value any) (_ tfsdk.Config, ok bool) {
	changed, err := tftypes.Transform(config.Raw, func(path *tftypes.AttributePath, old tftypes.Value) (tftypes.Value, error) {
		if !path.Equal(at) {
			return old, nil
		}
		if err := tftypes.ValidateValue(old.Type(), value); err != nil {
			return old, err
		}
		return tftypes.NewValue(old.Type(), value), nil
	})
	config.Raw = changed
	return config, err == nil
}

// planByServer is what Terraform is told of the arguments of a new resource, and of the same ones of an action.
func planByServer(t *testing.T, s *server, name string, of resource.Resource, config tfsdk.Config) [2][]string {
	t.Helper()
	ctx := t.Context()
	given := encoded(t, config.Raw)
	actionPlan, err := s.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: name, Config: given})
	if err != nil {
		t.Fatal(err)
	}
	asIs, ok := asResource(ctx, of, config, nil)
	if !ok {
		t.Fatal("the arguments cannot be those of a resource")
	}
	same := encoded(t, asIs.Raw)
	validated, err := s.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: name, Config: same})
	if err != nil {
		t.Fatal(err)
	}
	found := errorsIn(validated.Diagnostics)
	if len(found) == 0 {
		plan, err := s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
			TypeName: name, Config: same, ProposedNewState: same, PriorState: encoded(t, tftypes.NewValue(asIs.Raw.Type(), nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		found = errorsIn(plan.Diagnostics)
	}
	return [2][]string{found, errorsIn(actionPlan.Diagnostics)}
}

func encoded(t *testing.T, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	raw, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		t.Fatal(err)
	}
	return &raw
}

func errorsIn(diags []*tfprotov6.Diagnostic) []string {
	var found []string
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			found = append(found, strings.Join([]string{d.Summary, d.Detail, fmt.Sprint(d.Attribute)}, "|"))
		}
	}
	slices.Sort(found)
	return found
}
