// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/permissions"
)

// runDataSource is what the data sources have in common that tell something about a run, a copy or a purge, without
// running it.
type runDataSource struct{ engine *engine.Engine }

func (d *runDataSource) Configure(
	_ context.Context,
	req datasource.ConfigureRequest,
	resp *datasource.ConfigureResponse,
) {
	d.engine = engineOf(req.ProviderData, &resp.Diagnostics)
}

func (d *runDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{configChecks{}}
}

// runArguments are the arguments of both resources, less the named ones. None is required: which are needed depends on
// the operation.
func runArguments(ctx context.Context, without ...string) map[string]datasourceschema.Attribute {
	ofCopy, ofPurge := arguments(schemaOf(ctx, NewTableCopyResource())), arguments(schemaOf(ctx, NewTablePurgeResource()))
	all := maps.Clone(ofPurge)
	maps.Copy(all, ofCopy)
	all["source"], all["destination"] = optionalObject(copySourceAttribute()), optionalObject(copyDestinationAttribute())
	all["table"] = tableAttribute("Name or ARN of the table to empty, for a purge.")
	all["method"] = schema.StringAttribute{
		Optional: true, MarkdownDescription: "As in the resource of the operation. Default: `auto`.",
		Validators: []validator.String{stringvalidator.Any(slices.Concat(methods(ofCopy), methods(ofPurge))...)},
	}
	chosen := map[string]datasourceschema.Attribute{}
	for name, attribute := range all {
		if !slices.Contains(without, name) {
			chosen[name] = attribute
		}
	}
	return chosen
}

func optionalObject(attribute schema.SingleNestedAttribute) schema.SingleNestedAttribute {
	attribute.Required, attribute.Optional = false, true
	attribute.MarkdownDescription += " For a copy."
	return attribute
}

// methods are the checks of the argument method.
func methods(arguments map[string]schema.Attribute) []validator.String {
	method, ok := arguments["method"].(schema.StringAttribute)
	if !ok {
		panic("method is no longer a string")
	}
	return method.Validators
}

// The operations of a run.
const (
	operationCopy  = string(permissions.Copy)
	operationPurge = string(permissions.Purge)
)

// operationOf is the operation that the arguments mean which are given.
func operationOf(config tfsdk.Config, diags *diag.Diagnostics) string {
	values, ok := rootValues(config.Raw, diags)
	if !ok {
		return ""
	}
	source, destination, table := !values["source"].IsNull(), !values["destination"].IsNull(), !values["table"].IsNull()
	switch {
	case source && destination && !table:
		return operationCopy
	case table && !source && !destination:
		return operationPurge
	}
	diags.AddError("Invalid Attribute Combination", "A copy needs source and destination, a purge needs table. Give "+
		"either source and destination, or table.")
	return ""
}

// jobOf is the job that the arguments describe, as the resource would have it.
func jobOf[J job.Job](
	ctx context.Context,
	of resource.Resource,
	model runModel[J],
	config tfsdk.Config,
	diags *diag.Diagnostics,
) (j J, ok bool) {
	config, ok = asResource(ctx, of, config, diags)
	if !ok {
		return j, false
	}
	checkMethod(ctx, of, config, diags)
	return wholeJob(ctx, config, model, diags)
}

// checkMethod refuses a method of the other operation.
func checkMethod(ctx context.Context, of resource.Resource, config tfsdk.Config, diags *diag.Diagnostics) {
	at := path.Root("method")
	var method types.String
	diags.Append(config.GetAttribute(ctx, at, &method)...)
	for _, check := range methods(arguments(schemaOf(ctx, of))) {
		var resp validator.StringResponse
		check.ValidateString(ctx, validator.StringRequest{Path: at, ConfigValue: method}, &resp)
		diags.Append(resp.Diagnostics...)
	}
}
