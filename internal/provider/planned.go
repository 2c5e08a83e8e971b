// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// asPlanned is the configuration of a run as the plan has it. Terraform evaluates the configuration again after the
// last plan, so that uuid() and timestamp() have other values there: such a run would do something else than was
// planned, and its state would not be the planned one, which Terraform refuses when the run is over. Only write-only
// arguments come from the configuration, because no plan holds them. Outputs are null.
func asPlanned(
	ctx context.Context,
	plan tfsdk.Plan,
	config tfsdk.Config,
	diags *diag.Diagnostics,
) (_ tfsdk.Config, ok bool) {
	planned, planOK := rootValues(plan.Raw, diags)
	configured, configOK := rootValues(config.Raw, diags)
	if !planOK || !configOK {
		return tfsdk.Config{}, false
	}
	planned = maps.Clone(planned) // It is the plan's own.
	for name, attribute := range plan.Schema.GetAttributes() {
		switch {
		case attribute.IsWriteOnly():
			planned[name] = configured[name]
		case attribute.IsComputed():
			planned[name] = tftypes.NewValue(attribute.GetType().TerraformType(ctx), nil)
		}
	}
	return tfsdk.Config{Schema: plan.Schema, Raw: tftypes.NewValue(plan.Raw.Type(), planned)}, true
}

// rootValues are the values of the arguments and outputs of a resource, an action or a data source.
func rootValues(raw tftypes.Value, diags *diag.Diagnostics) (values map[string]tftypes.Value, ok bool) {
	if err := raw.As(&values); err != nil {
		diags.AddError("Unexpected Configuration",
			"The configuration cannot be read. Please report this as a bug of the provider.\n\nOriginal error: "+err.Error())
		return nil, false
	}
	return values, true
}
