// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What describes a run is defined once, by its resource. Actions and data sources take their arguments from there, and
// read their configuration as if it were that of the resource.

func schemaOf(ctx context.Context, of resource.Resource) schema.Schema {
	var resp resource.SchemaResponse
	of.Schema(ctx, resource.SchemaRequest{}, &resp)
	return resp.Schema
}

// ofRecord are the arguments that decide when a resource runs again, and how long it may take.
var ofRecord = []string{"triggers", "timeouts", hmacKeyVersion}

// arguments are those of a resource that describe its run. Outputs and what decides when the resource runs again speak
// of a record in the state; and the framework knows write-only arguments in resources alone.
func arguments(of schema.Schema) map[string]schema.Attribute {
	chosen := map[string]schema.Attribute{}
	for name, attribute := range of.Attributes {
		if (attribute.IsRequired() || attribute.IsOptional()) && !attribute.IsWriteOnly() &&
			!slices.Contains(ofRecord, name) {
			chosen[name] = attribute
		}
	}
	return chosen
}

// asResource is the configuration of something that has arguments of the resource, in the resource's own form. An
// argument called timeout is its timeouts.create; what is not there is null.
func asResource(
	ctx context.Context,
	of resource.Resource,
	config tfsdk.Config,
	diags *diag.Diagnostics,
) (_ tfsdk.Config, ok bool) {
	given, ok := rootValues(config.Raw, diags)
	if !ok {
		return tfsdk.Config{}, false
	}
	form := schemaOf(ctx, of)
	described := arguments(form)
	values := map[string]tftypes.Value{}
	for name, attribute := range form.Attributes {
		values[name] = tftypes.NewValue(attribute.GetType().TerraformType(ctx), nil)
		if value, isGiven := given[name]; isGiven && described[name] != nil {
			values[name] = value
		}
	}
	if timeout, isGiven := given["timeout"]; isGiven {
		values["timeouts"] = tftypes.NewValue(values["timeouts"].Type(), map[string]tftypes.Value{"create": timeout})
	}
	return tfsdk.Config{Schema: form, Raw: tftypes.NewValue(form.Type().TerraformType(ctx), values)}, true
}
