// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// rerun is the plan modifier of the arguments that define a run: a change of what an argument means replaces the
// resource, and a replacement runs. A change of its spelling does not, and neither does a new version of the provider
// that knows more arguments. The plan keeps the spelling that the state has, unless one of the two is null, which
// Terraform wants to see as it is written.
type rerun struct{ meaning }

// rerunAs is for an argument that means fallback when it is left out.
func rerunAs(fallback attr.Value) rerun { return rerun{meaning{fallback: fallback}} }

func (rerun) Description(context.Context) string { return "A change starts a new run." }

func (r rerun) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

// planned is the planned value, and whether the resource is to be replaced because of it.
func planned[V attr.Value](ctx context.Context, m meaning, prior tfsdk.State, state, plan V) (value V, replace bool) {
	switch {
	case prior.Raw.IsNull():
		return plan, false
	case !m.same(ctx, state, plan):
		return plan, true
	case state.IsNull() || plan.IsNull():
		return plan, false
	}
	return state, false
}

func (r rerun) PlanModifyString(
	ctx context.Context,
	req planmodifier.StringRequest,
	resp *planmodifier.StringResponse,
) {
	resp.PlanValue, resp.RequiresReplace = planned(ctx, r.meaning, req.State, req.StateValue, req.PlanValue)
}

func (r rerun) PlanModifyBool(ctx context.Context, req planmodifier.BoolRequest, resp *planmodifier.BoolResponse) {
	resp.PlanValue, resp.RequiresReplace = planned(ctx, r.meaning, req.State, req.StateValue, req.PlanValue)
}

func (r rerun) PlanModifyInt64(ctx context.Context, req planmodifier.Int64Request, resp *planmodifier.Int64Response) {
	resp.PlanValue, resp.RequiresReplace = planned(ctx, r.meaning, req.State, req.StateValue, req.PlanValue)
}

func (r rerun) PlanModifyFloat64(
	ctx context.Context,
	req planmodifier.Float64Request,
	resp *planmodifier.Float64Response,
) {
	resp.PlanValue, resp.RequiresReplace = planned(ctx, r.meaning, req.State, req.StateValue, req.PlanValue)
}

func (r rerun) PlanModifyMap(ctx context.Context, req planmodifier.MapRequest, resp *planmodifier.MapResponse) {
	resp.PlanValue, resp.RequiresReplace = planned(ctx, r.meaning, req.State, req.StateValue, req.PlanValue)
}

func (r rerun) PlanModifyList(ctx context.Context, req planmodifier.ListRequest, resp *planmodifier.ListResponse) {
	resp.PlanValue, resp.RequiresReplace = planned(ctx, r.meaning, req.State, req.StateValue, req.PlanValue)
}

func (r rerun) PlanModifySet(ctx context.Context, req planmodifier.SetRequest, resp *planmodifier.SetResponse) {
	resp.PlanValue, resp.RequiresReplace = planned(ctx, r.meaning, req.State, req.StateValue, req.PlanValue)
}

func (r rerun) PlanModifyObject(
	ctx context.Context,
	req planmodifier.ObjectRequest,
	resp *planmodifier.ObjectResponse,
) {
	resp.PlanValue, resp.RequiresReplace = planned(ctx, r.meaning, req.State, req.StateValue, req.PlanValue)
}

func (r rerun) PlanModifyDynamic(
	ctx context.Context,
	req planmodifier.DynamicRequest,
	resp *planmodifier.DynamicResponse,
) {
	resp.PlanValue, resp.RequiresReplace = planned(ctx, r.meaning, req.State, req.StateValue, req.PlanValue)
}
