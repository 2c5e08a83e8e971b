// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
)

var (
	_ resource.ResourceWithConfigure   = (*tablePurgeResource)(nil)
	_ resource.ResourceWithImportState = (*tablePurgeResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*tablePurgeResource)(nil)
)

// purgeTimeout is how long a purge may take unless timeouts.create says otherwise.
const purgeTimeout = 2 * time.Hour

// NewTablePurgeResource returns dynamoops_table_purge.
func NewTablePurgeResource() resource.Resource { return &tablePurgeResource{} }

type tablePurgeResource struct{ runResource }

func (r *tablePurgeResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_table_purge"
}

// ModifyPlan checks a run before it is announced. What is not known yet is checked when the run begins.
func (r *tablePurgeResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if !r.willRun(req) {
		return
	}
	var model tablePurgeModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	job, _ := model.job(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	appendProblems(&resp.Diagnostics, path.Empty(), r.engine.CheckPurge(ctx, job)...)
}

func (r *tablePurgeResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model tablePurgeModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	job, known := model.job(ctx, &resp.Diagnostics)
	if !known {
		refuseUnknown(&resp.Diagnostics)
	}
	timeout, diags := model.Timeouts.Create(ctx, purgeTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := engine.WithDeadline(ctx, timeout)
	defer cancel()
	result, err := r.engine.Purge(ctx, job, observer(ctx, "dynamoops_table_purge"))
	if err != nil {
		appendProblems(&resp.Diagnostics, path.Empty(), problemOf(err))
		return
	}
	model.setResult(result)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
