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
	_ resource.ResourceWithConfigure   = (*tableCopyResource)(nil)
	_ resource.ResourceWithImportState = (*tableCopyResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*tableCopyResource)(nil)
)

// copyTimeout is how long a copy may take unless timeouts.create says otherwise.
const copyTimeout = 6 * time.Hour

// NewTableCopyResource returns dynamoops_table_copy.
func NewTableCopyResource() resource.Resource { return &tableCopyResource{} }

type tableCopyResource struct{ runResource }

func (r *tableCopyResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_table_copy"
}

// ModifyPlan checks a run before it is announced. What is not known yet is checked when the run begins.
func (r *tableCopyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if !r.willRun(req) {
		return
	}
	var model tableCopyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	job, _ := model.job(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	appendProblems(&resp.Diagnostics, path.Empty(), r.engine.CheckCopy(ctx, job)...)
}

func (r *tableCopyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model tableCopyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	job, known := model.job(ctx, &resp.Diagnostics)
	if !known {
		refuseUnknown(&resp.Diagnostics)
	}
	timeout, diags := model.Timeouts.Create(ctx, copyTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := engine.WithDeadline(ctx, timeout)
	defer cancel()
	result, err := r.engine.Copy(ctx, job, observer(ctx, "dynamoops_table_copy"))
	if err != nil {
		appendProblems(&resp.Diagnostics, path.Empty(), problemOf(err))
		return
	}
	model.setResult(result)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
