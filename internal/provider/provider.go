// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package provider is what Terraform sees: schemas, plan checks, state and diagnostics. It turns configuration into
// jobs of the engine and results into state, and touches no data.
package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

var (
	_ provider.ProviderWithActions          = (*dynamoopsProvider)(nil)
	_ provider.ProviderWithConfigValidators = (*dynamoopsProvider)(nil)
)

type dynamoopsProvider struct{ version string }

// New returns what makes a provider of the given version, "dev" for one that was not released.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &dynamoopsProvider{version: version} }
}

// providerData is what the provider hands to its resources, actions and data sources.
type providerData struct{ engine *engine.Engine }

// engineOf is the engine in the data that the provider has handed over, nil while the provider is not configured.
func engineOf(data any, diags *diag.Diagnostics) *engine.Engine {
	switch data := data.(type) {
	case nil:
	case *providerData:
		return data.engine
	default:
		diags.AddError("Unexpected Provider Data", fmt.Sprintf("Expected *providerData, got %T. Please report this as a "+
			"bug of the provider.", data))
	}
	return nil
}

func (p *dynamoopsProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "dynamoops"
	resp.Version = p.version
}

func (p *dynamoopsProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

func (p *dynamoopsProvider) ConfigValidators(context.Context) []provider.ConfigValidator {
	return []provider.ConfigValidator{configChecks{}}
}

// Configure connects to AWS, so that wrong credentials are found before anything is planned.
func (p *dynamoopsProvider) Configure(
	ctx context.Context,
	req provider.ConfigureRequest,
	resp *provider.ConfigureResponse,
) {
	refuseUnknownArguments(req.Config.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	settings := model.settings()
	settings.UserAgent = "terraform-provider-dynamoops/" + p.version
	connections, err := awsconn.New(ctx, settings)
	if err != nil {
		appendProblems(&resp.Diagnostics, path.Empty(), problem.All(err)...)
		return
	}
	progress, directory := openJournal(ctx, model.Journal, connections, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	data := &providerData{engine: &engine.Engine{
		Connections: connections, ProtectedTables: model.ProtectedTables, Journal: progress, Directory: directory,
		UserAgent: settings.UserAgent, Now: time.Now,
	}}
	resp.ResourceData, resp.DataSourceData, resp.ActionData = data, data, data
}

func (p *dynamoopsProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{NewTableCopyResource, NewTablePurgeResource}
}

func (p *dynamoopsProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{NewEstimateDataSource, NewIAMPolicyDataSource, NewTableDataSource}
}

// Actions are there for Terraform 1.14 and newer; others do not ask for them.
func (p *dynamoopsProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{NewTableCopyAction, NewTablePurgeAction}
}
