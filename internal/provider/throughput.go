// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

// throughputAttribute limits how fast a run goes. A change is an update in place: it holds for the next run.
func throughputAttribute() schema.SingleNestedAttribute {
	units := func(side, percent string) schema.Float64Attribute {
		return schema.Float64Attribute{
			Optional: true, MarkdownDescription: "Maximum " + side + " capacity units per second, on average, of the table " +
				"and its indexes together. Excludes `" + percent + "`.",
			Validators: []validator.Float64{
				float64validator.AtLeast(1),
				float64validator.ConflictsWith(path.MatchRoot("throughput").AtName(percent)),
			},
		}
	}
	percent := func(side string) schema.Float64Attribute {
		return schema.Float64Attribute{
			Optional: true, MarkdownDescription: "The same, as a percentage of the table's provisioned " + side + " units, or of an on-demand table's maximum. " +
				"What its indexes consume does not count.",
			Validators: []validator.Float64{float64validator.Between(1, 100)},
		}
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Limits how fast a run goes. Default: as fast as the tables allow. A change does not start a " +
			"run.",
		Attributes: map[string]schema.Attribute{
			"read_units":    units("read", "read_percent"),
			"write_units":   units("write", "write_percent"),
			"read_percent":  percent("read"),
			"write_percent": percent("write"),
			"concurrency": schema.Int64Attribute{
				Optional: true, MarkdownDescription: "Maximum number of concurrent write requests.",
				Validators: []validator.Int64{int64validator.Between(1, 1024)},
			},
			"segments": schema.Int64Attribute{
				Optional: true, MarkdownDescription: "Number of segments of the Scan. Default: 16, more for large tables.",
				Validators: []validator.Int64{int64validator.Between(1, 1_000_000)},
			},
		},
	}
}

type throughputModel struct {
	ReadUnits    types.Float64 `tfsdk:"read_units"`
	WriteUnits   types.Float64 `tfsdk:"write_units"`
	ReadPercent  types.Float64 `tfsdk:"read_percent"`
	WritePercent types.Float64 `tfsdk:"write_percent"`
	Concurrency  types.Int64   `tfsdk:"concurrency"`
	Segments     types.Int64   `tfsdk:"segments"`
}

func throughputOf(ctx context.Context, object types.Object, diags *diag.Diagnostics) job.Throughput {
	var m throughputModel
	if !asKnown(ctx, object, &m, diags) {
		return job.Throughput{}
	}
	return job.Throughput{
		ReadUnits: m.ReadUnits.ValueFloat64(), WriteUnits: m.WriteUnits.ValueFloat64(),
		ReadPercent: m.ReadPercent.ValueFloat64(), WritePercent: m.WritePercent.ValueFloat64(),
		Concurrency: int(m.Concurrency.ValueInt64()), Segments: int(m.Segments.ValueInt64()),
	}
}
