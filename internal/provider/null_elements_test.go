// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

// configurable is a resource, an action, a data source or the provider block: its schema, and how Terraform has a configuration checked.
type configurable struct {
	form     *tfprotov6.Schema
	validate func(tftypes.Value) ([]*tfprotov6.Diagnostic, error)
}

// configurables are all that the provider serves, by name.
func configurables(t *testing.T) map[string]configurable {
	t.Helper()
	ctx, server := t.Context(), newServer("test")
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	in := func(typ tftypes.Type, value tftypes.Value) *tfprotov6.DynamicValue {
		config, err := tfprotov6.NewDynamicValue(typ, value)
		if err != nil {
			t.Fatal(err)
		}
		return &config
	}
	all := map[string]configurable{
		"provider": {schemas.Provider, func(config tftypes.Value) ([]*tfprotov6.Diagnostic, error) {
			resp, err := server.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: in(schemas.Provider.ValueType(), config)})
			return resp.Diagnostics, err
		}},
	}
	for name, form := range schemas.ResourceSchemas {
		all["resource "+name] = configurable{form, func(config tftypes.Value) ([]*tfprotov6.Diagnostic, error) {
			resp, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
				TypeName: name, Config: in(form.ValueType(), config),
				ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
			})
			return resp.Diagnostics, err
		}}
	}
	for name, form := range schemas.DataSourceSchemas {
		all["data source "+name] = configurable{form, func(config tftypes.Value) ([]*tfprotov6.Diagnostic, error) {
			resp, err := server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: in(form.ValueType(), config)})
			return resp.Diagnostics, err
		}}
	}
	for name, form := range schemas.ActionSchemas {
		all["action "+name] = configurable{form.Schema, func(config tftypes.Value) ([]*tfprotov6.Diagnostic, error) {
			resp, err := server.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: in(form.Schema.ValueType(), config)})
			return resp.Diagnostics, err
		}}
	}
	return all
}

// variant is a configuration in which nothing is set but what is of interest at one place.
type variant struct {
	at    string
	value tftypes.Value
}

// variants are configurations of the type, one for each place below it that change replaces by a value of its own.
func variants(typ tftypes.Type, change func(tftypes.Type) (tftypes.Value, bool)) []variant {
	var found []variant
	if value, ok := change(typ); ok {
		found = append(found, variant{value: value})
	}
	add := func(step string, of tftypes.Type, around func(tftypes.Value) tftypes.Value) {
		for _, v := range variants(of, change) {
			found = append(found, variant{step + v.at, around(v.value)})
		}
	}
	switch typ := typ.(type) {
	case tftypes.Object:
		for _, name := range slices.Sorted(maps.Keys(typ.AttributeTypes)) {
			add("."+name, typ.AttributeTypes[name], func(member tftypes.Value) tftypes.Value {
				members := map[string]tftypes.Value{}
				for other, of := range typ.AttributeTypes {
					members[other] = tftypes.NewValue(of, nil)
				}
				members[name] = member
				return tftypes.NewValue(typ, members)
			})
		}
	case tftypes.List:
		add("[0]", typ.ElementType, func(element tftypes.Value) tftypes.Value { return tftypes.NewValue(typ, []tftypes.Value{element}) })
	case tftypes.Set:
		add("[]", typ.ElementType, func(element tftypes.Value) tftypes.Value { return tftypes.NewValue(typ, []tftypes.Value{element}) })
	case tftypes.Map:
		add("[\"k\"]", typ.ElementType, func(element tftypes.Value) tftypes.Value {
			return tftypes.NewValue(typ, map[string]tftypes.Value{"k": element})
		})
	}
	return found
}

// withNull is a collection with one element that is null.
func withNull(typ tftypes.Type) (tftypes.Value, bool) {
	switch typ := typ.(type) {
	case tftypes.List:
		return tftypes.NewValue(typ, []tftypes.Value{tftypes.NewValue(typ.ElementType, nil)}), true
	case tftypes.Set:
		return tftypes.NewValue(typ, []tftypes.Value{tftypes.NewValue(typ.ElementType, nil)}), true
	case tftypes.Map:
		return tftypes.NewValue(typ, map[string]tftypes.Value{"k": tftypes.NewValue(typ.ElementType, nil)}), true
	}
	return tftypes.Value{}, false
}

// Every list, set and map that can be configured anywhere refuses an element that is null, and names it.
func TestNullElementsAreRefusedEverywhere(t *testing.T) {
	t.Parallel()
	checked := 0
	for name, it := range configurables(t) {
		for _, v := range variants(it.form.ValueType(), withNull) {
			top := argumentOf(v.at)
			if isOutput(it.form, top) {
				continue
			}
			checked++
			diags, err := it.validate(v.value)
			if err != nil {
				t.Fatal(err)
			}
			var named []string
			for _, d := range diags {
				if strings.HasPrefix(d.Summary, "Null In A") {
					named = append(named, d.Detail)
				}
				if strings.Contains(d.Detail, "error in the provider") {
					t.Errorf("%s: %s with a null: %s: %s", name, v.at, d.Summary, d.Detail)
				}
			}
			if want := strings.TrimPrefix(v.at, "."); len(named) != 1 || !strings.Contains(named[0], want) {
				t.Errorf("%s: %s with a null: %q, want one that names it", name, v.at, named)
			}
		}
	}
	if checked < 50 {
		t.Errorf("%d collections found, so they are not looked for", checked)
	}
}

// argumentOf is the argument that the place is in.
func argumentOf(at string) string {
	argument, _, _ := strings.Cut(strings.TrimPrefix(at, "."), ".")
	argument, _, _ = strings.Cut(argument, "[")
	return argument
}

func isBlock(form *tfprotov6.Schema, name string) bool {
	return slices.ContainsFunc(form.Block.BlockTypes, func(block *tfprotov6.SchemaNestedBlock) bool { return block.TypeName == name })
}

func isOutput(form *tfprotov6.Schema, name string) bool {
	for _, attribute := range form.Block.Attributes {
		if attribute.Name == name {
			return !attribute.Optional && !attribute.Required
		}
	}
	return false
}

// emptyObject is an object of which nothing is set.
func emptyObject(typ tftypes.Type) (tftypes.Value, bool) {
	object, ok := typ.(tftypes.Object)
	if !ok {
		return tftypes.Value{}, false
	}
	members := map[string]tftypes.Value{}
	for name, of := range object.AttributeTypes {
		members[name] = tftypes.NewValue(of, nil)
	}
	return tftypes.NewValue(object, members), true
}

// Every object of which nothing is set gets a warning, since a misspelled name in it is all that may have been set. In blocks,
// which the provider block alone has, Terraform itself refuses such a name.
func TestEmptyObjectsAreWarnedOfEverywhere(t *testing.T) {
	t.Parallel()
	checked := 0
	for name, it := range configurables(t) {
		for _, v := range variants(it.form.ValueType(), emptyObject) {
			top := argumentOf(v.at)
			if v.at == "" || isOutput(it.form, top) {
				continue
			}
			checked++
			diags, err := it.validate(v.value)
			if err != nil {
				t.Fatal(err)
			}
			var warnings []string
			for _, d := range diags {
				if d.Severity == tfprotov6.DiagnosticSeverityWarning {
					warnings = append(warnings, fmt.Sprintf("%s %s", d.Summary, d.Detail))
				}
			}
			want := 1
			if isBlock(it.form, top) {
				want = 0
			}
			if len(warnings) != want {
				t.Errorf("%s: %s = {}: %d warnings %q, want %d", name, v.at, len(warnings), warnings, want)
			}
			if want == 1 && len(warnings) == 1 && !strings.Contains(warnings[0], "Nothing Is Set In "+strings.TrimPrefix(v.at, ".")+" ") {
				t.Errorf("%s: %s = {}: %q does not name it", name, v.at, warnings[0])
			}
		}
	}
	if checked < 30 {
		t.Errorf("%d objects found, so they are not looked for", checked)
	}
}

// A null that is known only when the run begins is refused then, before the job is made.
func TestNullElementsAreRefusedBeforeARun(t *testing.T) {
	t.Parallel()
	all := filledResource(t, NewTableCopyResource())
	newModel := func() runModel[job.Copy] { return &tableCopyModel{} }
	for _, path := range pathsOf(t, all.Raw) {
		found, _, err := tftypes.WalkAttributePath(all.Raw, path)
		value, ok := found.(tftypes.Value)
		if err != nil || !ok {
			t.Fatal(path, err)
		}
		null, ok := withNull(value.Type())
		if !ok || path.Steps()[0].Equal(tftypes.AttributeName("filter")) && len(path.Steps()) > 2 { // A value of a filter may be null.
			continue
		}
		config, err := tftypes.Transform(all.Raw, func(at *tftypes.AttributePath, old tftypes.Value) (tftypes.Value, error) {
			if at.Equal(path) {
				return null, nil
			}
			return old, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		done, diags := create(t, NewTableCopyResource(), newModel)(t.Context(), tfsdk.Config{Schema: all.Schema, Raw: config})
		if done || len(diags) != 1 || !strings.HasPrefix(diags[0].Summary(), "Null In A") {
			t.Errorf("%s with a null: %v", path, diags)
		}
	}
}
