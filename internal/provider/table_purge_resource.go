// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
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

func (r *tablePurgeResource) Metadata(
	_ context.Context,
	req resource.MetadataRequest,
	resp *resource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_table_purge"
}

func (r *tablePurgeResource) ModifyPlan(
	ctx context.Context,
	req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse,
) {
	r.planDelete(ctx, req, resp)
	planRun(ctx, r.runResource, &tablePurgeModel{}, purgeTimeout, r.engine.CheckPurge, req, resp)
}

func (r *tablePurgeResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	createRun(ctx, &tablePurgeModel{}, purgeTimeout, r.engine.Purge, req, resp)
}
