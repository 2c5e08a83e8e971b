// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"math"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/estimate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

var _ datasource.DataSourceWithConfigure = (*estimateDataSource)(nil)

// NewEstimateDataSource returns dynamoops_estimate.
func NewEstimateDataSource() datasource.DataSource { return &estimateDataSource{} }

type estimateDataSource struct{ runDataSource }

func (d *estimateDataSource) Metadata(
	_ context.Context,
	req datasource.MetadataRequest,
	resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_estimate"
}

func (d *estimateDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := runArguments(ctx)
	maps.Copy(attributes, map[string]schema.Attribute{
		"estimated_items": schema.Int64Attribute{
			Computed: true,
			MarkdownDescription: "Estimate of the items that are read, including those that the filter excludes: DynamoDB's " +
				"own count, up to six hours old; a file's items are " +
				"counted now.",
		},
		"estimated_bytes": schema.Int64Attribute{
			Computed: true, MarkdownDescription: "Estimate of the size of these items: DynamoDB's own, up to six hours old; " +
				"of a file, as DynamoDB JSON.",
		},
		"estimated_read_units": schema.Float64Attribute{Computed: true, MarkdownDescription: "Estimate of the read " +
			"capacity units that the run consumes."},
		"estimated_write_units": schema.Float64Attribute{
			Computed: true,
			MarkdownDescription: "Estimate of the write capacity units that the run consumes, including those of the written " +
				"table's indexes, as if every item passed the " +
				"filter and, in a copy, were in every index.",
		},
		"estimated_seconds": schema.Float64Attribute{
			Computed: true,
			MarkdownDescription: "Estimate of how long the run takes if nothing else uses the tables: at their provisioned " +
				"units or their maximum, or else at their warm " +
				"throughput, and within `throughput`. The network and this machine may be slower.",
		},
		"method_used":   schema.StringAttribute{Computed: true, MarkdownDescription: "The method that the run would use."},
		"method_reason": schema.StringAttribute{Computed: true, MarkdownDescription: "Why it would use that method."},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Estimates what a copy or a purge would read, write and take, without running it.\n\n" +
			"Every number is an estimate. The counts and sizes are DynamoDB's own, which it updates about every six hours. " +
			"The data source makes the " +
			"checks of a plan: what would prevent the run is an error.",
		Attributes: attributes,
	}
}

func (d *estimateDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var estimate *estimate.Estimate
	var err error
	switch operationOf(req.Config, &resp.Diagnostics) {
	case operationCopy:
		if j, ok := jobOf(ctx, NewTableCopyResource(), &tableCopyModel{}, req.Config, &resp.Diagnostics); ok {
			j.TransformOptions.HMACKeyLater = true // The estimate hashes nothing.
			estimate, err = d.engine.EstimateCopy(ctx, j)
		}
	case operationPurge:
		if j, ok := jobOf(ctx, NewTablePurgeResource(), &tablePurgeModel{}, req.Config, &resp.Diagnostics); ok {
			estimate, err = d.engine.EstimatePurge(ctx, j)
		}
	}
	if err != nil {
		appendProblems(&resp.Diagnostics, path.Empty(), problem.All(err)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.State.Raw = req.Config.Raw
	for name, value := range map[string]any{
		"estimated_items":       estimate.Items,
		"estimated_bytes":       estimate.Bytes,
		"estimated_read_units":  estimate.ReadUnits,
		"estimated_write_units": estimate.WriteUnits,
		"estimated_seconds":     math.Ceil(estimate.Seconds),
		"method_used":           estimate.Method,
		"method_reason":         estimate.MethodReason,
	} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
}
