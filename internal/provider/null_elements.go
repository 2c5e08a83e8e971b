// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What Terraform lets pass in every configuration is checked here once, whatever the arguments are called. Resources,
// actions, data sources and the provider block all use configChecks.

// configChecks refuses null elements, and warns of objects of which nothing is set.
type configChecks struct{}

func (configChecks) Description(context.Context) string {
	return "no element of a list, a set or a map may be null, and something of each object should be set"
}

func (c configChecks) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

func (configChecks) ValidateResource(
	ctx context.Context,
	req resource.ValidateConfigRequest,
	resp *resource.ValidateConfigResponse,
) {
	checkConfig(ctx, req.Config, &resp.Diagnostics)
}

func (configChecks) ValidateAction(
	ctx context.Context,
	req action.ValidateConfigRequest,
	resp *action.ValidateConfigResponse,
) {
	checkConfig(ctx, req.Config, &resp.Diagnostics)
}

func (configChecks) ValidateDataSource(
	ctx context.Context,
	req datasource.ValidateConfigRequest,
	resp *datasource.ValidateConfigResponse,
) {
	checkConfig(ctx, req.Config, &resp.Diagnostics)
}

func (configChecks) ValidateProvider(
	ctx context.Context,
	req provider.ValidateConfigRequest,
	resp *provider.ValidateConfigResponse,
) {
	checkConfig(ctx, req.Config, &resp.Diagnostics)
}

func checkConfig(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) {
	refuseNullElements(ctx, config.Schema, config.Raw, diags)
	blocks := config.Schema.GetBlocks()
	warnOfEmptyObjects(
		ctx,
		config.Schema,
		config.Raw,
		func(argument string) bool { return blocks[argument] != nil },
		diags,
	)
}

// typed tells the type of each part of a configuration.
type typed interface {
	TypeAtTerraformPath(context.Context, *tftypes.AttributePath) (attr.Type, error)
}

// walkArguments walks through all values of a configuration but those below an attribute of any type: what such a value
// may hold is its own affair, as the null in a filter's values is DynamoDB's NULL.
func walkArguments(
	ctx context.Context,
	schema typed,
	config tftypes.Value,
	visit func(*tftypes.AttributePath, tftypes.Value) (deeper bool),
) {
	_ = tftypes.Walk(config, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
		if len(at.Steps()) > 0 {
			if typ, err := schema.TypeAtTerraformPath(ctx, at); err == nil && typ.Equal(types.DynamicType) {
				return false, nil
			}
		}
		return visit(at, value), nil
	})
}

// refuseNullElements refuses elements of lists, sets and maps that are null. Terraform lets them pass, for instance
// those that come from a variable without a value.
func refuseNullElements(ctx context.Context, schema typed, config tftypes.Value, diags *diag.Diagnostics) {
	walkArguments(ctx, schema, config, func(at *tftypes.AttributePath, value tftypes.Value) bool {
		if value.IsNull() && len(at.Steps()) > 0 {
			where := frameworkPath(at)
			const filtered = "Leave it out, or give it a value. To leave nulls out of a %[2]s called x, write %[3]s."
			switch at.LastStep().(type) {
			case tftypes.ElementKeyInt:
				diags.AddAttributeError(where, "Null In A List", fmt.Sprintf("%s is null. "+filtered, where, "list", "[for v in x : v if v != null]"))
			case tftypes.ElementKeyValue:
				diags.AddAttributeError(where, "Null In A Set", fmt.Sprintf("An element of %s is null. "+filtered, where, "set", "[for v in x : v if v != null]"))
			case tftypes.ElementKeyString:
				diags.AddAttributeError(where, "Null In A Map", fmt.Sprintf("%s is null. "+filtered, where, "map", "{ for k, v in x : k => v if v != null }"))
			}
		}
		return true
	})
}

// warnOfEmptyObjects warns of each object of which nothing is set. Terraform drops the names that an object does not
// have before the provider sees them, so this is all that can be seen of a misspelled one. In blocks it refuses such
// names itself.
func warnOfEmptyObjects(
	ctx context.Context,
	schema typed,
	config tftypes.Value,
	isBlock func(argument string) bool,
	diags *diag.Diagnostics,
) {
	walkArguments(ctx, schema, config, func(at *tftypes.AttributePath, value tftypes.Value) bool {
		if len(at.Steps()) == 0 {
			return true
		}
		if argument, ok := at.Steps()[0].(tftypes.AttributeName); ok && isBlock(string(argument)) {
			return false
		}
		if !value.Type().Is(tftypes.Object{}) || value.IsNull() || !value.IsKnown() {
			return true
		}
		var members map[string]tftypes.Value
		if value.As(&members) != nil {
			return true
		}
		for _, member := range members {
			if !member.IsNull() {
				return true
			}
		}
		where := frameworkPath(at)
		// With its own summary, since Terraform shows one of several warnings of the same.
		diags.AddAttributeWarning(where, fmt.Sprintf("Nothing Is Set In %s", where), fmt.Sprintf("Nothing in %s is set, "+
			"or the names of what is set are misspelled: Terraform drops "+
			"a name that an object does not have, and the provider never sees it. Check the names, or leave %s out.", where, where))
		return true
	})
}
