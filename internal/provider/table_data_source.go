// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

var _ datasource.DataSourceWithConfigure = (*tableDataSource)(nil)

// NewTableDataSource returns dynamoops_table.
func NewTableDataSource() datasource.DataSource { return &tableDataSource{} }

type tableDataSource struct{ engine *engine.Engine }

func (d *tableDataSource) Metadata(
	_ context.Context,
	req datasource.MetadataRequest,
	resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_table"
}

func (d *tableDataSource) Configure(
	_ context.Context,
	req datasource.ConfigureRequest,
	resp *datasource.ConfigureResponse,
) {
	d.engine = engineOf(req.ProviderData, &resp.Diagnostics)
}

func (d *tableDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{configChecks{}}
}

func (d *tableDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	diags := &resp.Diagnostics
	var model tableDataSourceModel
	diags.Append(req.Config.Get(ctx, &model)...)
	side := model.side(ctx, diags) // Terraform reads a data source when all of its configuration is known.
	if diags.HasError() {
		return
	}
	table, err := d.engine.TableSettings(ctx, model.Table.ValueString(), side)
	exists := table != nil
	if model.Exists = &exists; exists {
		err = model.set(table)
	}
	if err != nil {
		appendProblems(diags, path.Empty(), problem.All(err)...)
		return
	}
	appendProblems(diags, path.Empty(), d.engine.Waiting(ctx, model.Table.ValueString(), side))
	diags.Append(resp.State.Set(ctx, &model)...)
}

// set fills the outputs with what the table is like.
func (m *tableDataSourceModel) set(table *engine.TableSettings) error {
	document, err := json.MarshalIndent(table.Snapshot, "", "  ")
	if err != nil {
		return err
	}
	text := string(document)
	m.SettingsJSON, m.ItemCount, m.SizeBytes = &text, &table.Items, &table.Bytes
	m.ARN, m.TableID, m.Status, m.StreamARN, m.NotKept = &table.Table.ARN, &table.Table.ID, &table.Status, present(
		table.Table.StreamARN,
	), table.NotKept
	settings, err := json.Marshal(table.Settings)
	if err != nil {
		return err
	}
	// The names are the same, but for a few that read better in another form.
	if err := json.Unmarshal(settings, &m.tableSettingsModel); err != nil {
		return err
	}
	var odd struct {
		Tags               []struct{ Key, Value string } `json:"tags"`
		DeletionProtection struct{ Enabled bool }        `json:"deletion_protection"`
	}
	if err := json.Unmarshal(settings, &odd); err != nil {
		return err
	}
	m.DeletionProtectionEnabled = &odd.DeletionProtection.Enabled
	m.Tags = map[string]string{}
	for _, tag := range odd.Tags {
		m.Tags[tag.Key] = tag.Value
	}
	policy, streamPolicy := table.Policies()
	m.ResourcePolicy, m.StreamResourcePolicy = present(policy), present(streamPolicy)
	return nil
}

// present is nil for an empty text.
func present(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
