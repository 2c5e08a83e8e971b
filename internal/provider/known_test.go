// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

// A purge whose filter is not known would delete everything if it ran without. So nothing runs, and nothing is said about a run,
// if any part of any argument is not known; what is null, the write-only key too, keeps nothing from running.
func TestNothingRunsThatIsNotKnown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		all tfsdk.Config
		// use does with the configuration what needs all of it.
		use func(context.Context, tfsdk.Config) (done bool, diags diag.Diagnostics)
	}{
		"the purge":              {filledResource(t, NewTablePurgeResource()), create(t, NewTablePurgeResource(), func() runModel[job.Purge] { return &tablePurgeModel{} })},
		"the copy":               {filledResource(t, NewTableCopyResource()), create(t, NewTableCopyResource(), func() runModel[job.Copy] { return &tableCopyModel{} })},
		"the action of a purge":  {filledAction(t, NewTablePurgeAction()), invoke[job.Purge](t, NewTablePurgeAction())},
		"the action of a copy":   {filledAction(t, NewTableCopyAction()), invoke[job.Copy](t, NewTableCopyAction())},
		"an estimate of a purge": {filledEstimate(t, NewTablePurgeResource()), look[job.Purge](NewTablePurgeResource(), &tablePurgeModel{})},
		"an estimate of a copy":  {filledEstimate(t, NewTableCopyResource()), look[job.Copy](NewTableCopyResource(), &tableCopyModel{})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if done, diags := test.use(t.Context(), test.all); !done || diags.HasError() {
				t.Fatalf("with everything known: done %v, %v", done, diags)
			}
			for _, path := range pathsOf(t, test.all.Raw) {
				done, diags := test.use(t.Context(), with(t, test.all, path, tftypes.UnknownValue))
				if done || len(diags) != 1 || !strings.HasSuffix(diags[0].Summary(), " Not Known") {
					t.Errorf("%s not known: done %v, %v", path, done, diags)
				}
				if len(path.Steps()) > 1 {
					continue
				}
				if done, diags := test.use(t.Context(), with(t, test.all, path, nil)); !done || diags.HasError() {
					t.Errorf("%s null: done %v, %v", path, done, diags)
				}
			}
		})
	}
}

// A plan checks what is known, whatever is not: an argument is left out alone. But a table is not looked for at a place that is
// not known.
func TestPlanChecksWhatIsKnown(t *testing.T) {
	t.Parallel()
	place := []string{"table", "region", "profile", "endpoint", "assume_role"}
	for top, j := range jobsWithUnknown(t, filledResource(t, NewTablePurgeResource()), func() runModel[job.Purge] { return &tablePurgeModel{} }) {
		if known := j.Table != "" && j.Connection.Region != ""; known == slices.Contains(place, top) {
			t.Errorf("%s not known: the table is %q in Region %q", top, j.Table, j.Connection.Region)
		}
		if known := j.Filter != nil; known == (top == "filter") {
			t.Errorf("%s not known: the filter is %v", top, j.Filter)
		}
	}
	for top, j := range jobsWithUnknown(t, filledResource(t, NewTableCopyResource()), func() runModel[job.Copy] { return &tableCopyModel{} }) {
		for name, known := range map[string]bool{
			"source":      !reflect.ValueOf(j.Source).IsZero(),
			"destination": !reflect.ValueOf(j.Destination).IsZero(),
			"filter":      j.Filter != nil,
			"transform":   !j.TransformLater,
			hmacKey:       !j.TransformOptions.HMACKeyLater,
		} {
			if known == (top == name) {
				t.Errorf("%s not known: is %s known? %v", top, name, known)
			}
		}
		if known := j.EMR != nil; known == (top == "emr") {
			t.Errorf("%s not known: is emr known? %v", top, known)
		}
	}
}

// jobsWithUnknown yields what a plan checks for each part of the configuration that may not be known, with the argument it is
// part of.
func jobsWithUnknown[J job.Job](t *testing.T, all tfsdk.Config, model func() runModel[J]) func(yield func(string, J) bool) {
	return func(yield func(string, J) bool) {
		for _, path := range pathsOf(t, all.Raw) {
			var diags diag.Diagnostics
			m := model()
			diags.Append(with(t, all, path, tftypes.UnknownValue).Get(t.Context(), m)...)
			j := m.job(t.Context(), &diags)
			if diags.HasError() {
				t.Errorf("%s not known: %v", path, diags)
			}
			top, _ := path.Steps()[0].(tftypes.AttributeName)
			if !yield(string(top), j) {
				return
			}
		}
	}
}

func create[J job.Job](t *testing.T, of resource.Resource, model func() runModel[J]) func(context.Context, tfsdk.Config) (bool, diag.Diagnostics) {
	return func(ctx context.Context, config tfsdk.Config) (done bool, _ diag.Diagnostics) {
		run := func(context.Context, J, engine.Observer) (*engine.Result, error) {
			done = true
			return &engine.Result{}, nil
		}
		form := schemaOf(ctx, of)
		resp := resource.CreateResponse{State: tfsdk.State{Schema: form, Raw: tftypes.NewValue(form.Type().TerraformType(ctx), nil)}}
		createRun(ctx, model(), time.Hour, run, resource.CreateRequest{Plan: planOf(t, form, config), Config: config}, &resp)
		var state map[string]tftypes.Value
		if err := resp.State.Raw.As(&state); err != nil {
			t.Error(err)
		}
		for name, value := range state {
			if output := form.Attributes[name].IsComputed(); output && value.IsNull() && name != "destination_file" {
				t.Errorf("the output %s is left out", name)
			}
		}
		return done, resp.Diagnostics
	}
}

// planOf is what Terraform plans to create: the configuration without what is write-only, and with outputs that are not known.
func planOf(t *testing.T, form schema.Schema, config tfsdk.Config) tfsdk.Plan {
	t.Helper()
	var values map[string]tftypes.Value
	if err := config.Raw.As(&values); err != nil {
		t.Fatal(err)
	}
	values = maps.Clone(values)
	for name, attribute := range form.Attributes {
		switch {
		case attribute.IsWriteOnly():
			values[name] = tftypes.NewValue(values[name].Type(), nil)
		case attribute.IsComputed():
			values[name] = tftypes.NewValue(values[name].Type(), tftypes.UnknownValue)
		}
	}
	return tfsdk.Plan{Schema: form, Raw: tftypes.NewValue(config.Raw.Type(), values)}
}

func invoke[J job.Job](t *testing.T, a action.Action) func(context.Context, tfsdk.Config) (bool, diag.Diagnostics) {
	invoked, ok := a.(*runAction[J])
	if !ok {
		t.Fatalf("a %T", a)
	}
	return func(ctx context.Context, config tfsdk.Config) (done bool, _ diag.Diagnostics) {
		invoked.run = func(*engine.Engine, context.Context, J, engine.Observer) (*engine.Result, error) {
			done = true
			return &engine.Result{}, nil
		}
		resp := action.InvokeResponse{SendProgress: func(action.InvokeProgressEvent) {}}
		invoked.Invoke(ctx, action.InvokeRequest{Config: config}, &resp)
		return done, resp.Diagnostics
	}
}

func look[J job.Job](of resource.Resource, model runModel[J]) func(context.Context, tfsdk.Config) (bool, diag.Diagnostics) {
	return func(ctx context.Context, config tfsdk.Config) (bool, diag.Diagnostics) {
		var diags diag.Diagnostics
		_, ok := jobOf(ctx, of, model, config, &diags)
		return ok, diags
	}
}

func filledResource(t *testing.T, of resource.Resource) tfsdk.Config {
	form := schemaOf(t.Context(), of)
	return filled(t, tfsdk.Config{Schema: form}, form.Attributes)
}

func filledAction(t *testing.T, a action.Action) tfsdk.Config {
	var resp action.SchemaResponse
	a.Schema(t.Context(), action.SchemaRequest{}, &resp)
	return filled(t, tfsdk.Config{Schema: resp.Schema}, resp.Schema.Attributes)
}

func filledEstimate(t *testing.T, of resource.Resource) tfsdk.Config {
	var resp datasource.SchemaResponse
	NewEstimateDataSource().Schema(t.Context(), datasource.SchemaRequest{}, &resp)
	return filled(t, tfsdk.Config{Schema: resp.Schema}, arguments(schemaOf(t.Context(), of)))
}

// filled is a configuration with a value for each part of the arguments among those.
func filled[A any](t *testing.T, config tfsdk.Config, those map[string]A) tfsdk.Config {
	values := map[string]tftypes.Value{}
	for name, attribute := range config.Schema.GetAttributes() {
		typ := attribute.GetType().TerraformType(t.Context())
		values[name] = tftypes.NewValue(typ, nil)
		if _, chosen := those[name]; chosen && (attribute.IsRequired() || attribute.IsOptional()) {
			values[name] = someValue(name, typ)
		}
	}
	config.Raw = tftypes.NewValue(config.Schema.Type().TerraformType(t.Context()), values)
	return config
}

func someValue(name string, typ tftypes.Type) tftypes.Value {
	switch typ := typ.(type) {
	case tftypes.Object:
		members := map[string]tftypes.Value{}
		for name, member := range typ.AttributeTypes {
			members[name] = someValue(name, member)
		}
		return tftypes.NewValue(typ, members)
	case tftypes.Map:
		return tftypes.NewValue(typ, map[string]tftypes.Value{"key": someValue(name, typ.ElementType)})
	case tftypes.List:
		return tftypes.NewValue(typ, []tftypes.Value{someValue(name, typ.ElementType)})
	case tftypes.Set:
		return tftypes.NewValue(typ, []tftypes.Value{someValue(name, typ.ElementType)})
	}
	switch {
	case typ.Is(tftypes.Number):
		return tftypes.NewValue(typ, 1)
	case typ.Is(tftypes.Bool):
		return tftypes.NewValue(typ, true)
	case typ.Is(tftypes.DynamicPseudoType):
		return hclObject(map[string]tftypes.Value{":v": hclTuple(hclString("a"), hclObject(map[string]tftypes.Value{"k": hclNumber("1")}))})
	}
	switch name {
	case "method":
		return hclString(job.MethodAuto)
	case "values_json":
		return hclString(`{":v": {"S": "a"}}`)
	case "point_in_time":
		return hclString("2026-11-24T08:00:00Z")
	}
	return hclString("1h") // It may have to be a duration.
}

// pathsOf are those of all values that are there.
func pathsOf(t *testing.T, raw tftypes.Value) []*tftypes.AttributePath {
	found := map[string]*tftypes.AttributePath{}
	err := tftypes.Walk(raw, func(path *tftypes.AttributePath, value tftypes.Value) (bool, error) {
		if len(path.Steps()) > 0 && !value.IsNull() {
			found[path.String()] = path
		}
		return true, nil
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("%d values, %v", len(found), err)
	}
	paths := make([]*tftypes.AttributePath, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		paths = append(paths, found[name])
	}
	return paths
}

// with is the configuration with another value there.
func with(t *testing.T, config tfsdk.Config, at *tftypes.AttributePath, value any) tfsdk.Config {
	changed, err := tftypes.Transform(config.Raw, func(path *tftypes.AttributePath, old tftypes.Value) (tftypes.Value, error) {
		if path.Equal(at) {
			return tftypes.NewValue(old.Type(), value), nil
		}
		return old, nil
	})
	if err != nil || changed.Equal(config.Raw) {
		t.Fatalf("%s not changed: %v", at, err)
	}
	config.Raw = changed
	return config
}
