// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
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

func (r *tableCopyResource) ModifyPlan(
	ctx context.Context,
	req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse,
) {
	r.planDelete(ctx, req, resp)
	planRun(ctx, r.runResource, &tableCopyModel{}, copyTimeout, r.engine.CheckCopy, req, resp)
}

func (r *tableCopyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	createRun(ctx, &tableCopyModel{}, copyTimeout, r.engine.Copy, req, resp)
}
