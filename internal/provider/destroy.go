// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Delete forgets the run.
func (r *runResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.warnOfWaiting(ctx, req.State, &resp.Diagnostics)
}

// planDelete warns in the plan of what Delete warns of.
func (r *runResource) planDelete(
	ctx context.Context,
	req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse,
) {
	if req.Plan.Raw.IsNull() {
		r.warnOfWaiting(ctx, req.State, &resp.Diagnostics)
	}
}

// warnOfWaiting warns if the run's table waits for a recreate to be finished: whoever destroys the resource may believe
// that nothing is left to do. It reads the journal, and calls nothing else.
func (r *runResource) warnOfWaiting(ctx context.Context, state tfsdk.State, diags *diag.Diagnostics) {
	if r.engine == nil {
		return
	}
	for _, output := range []string{"table_arn", "destination_table_arn"} {
		at := path.Root(output)
		if _, err := state.Schema.AttributeAtPath(ctx, at); err.HasError() {
			continue // It is the other resource's.
		}
		var arn types.String
		diags.Append(state.GetAttribute(ctx, at, &arn)...)
		if arn.ValueString() != "" {
			appendProblems(diags, path.Empty(), r.engine.WaitingARN(ctx, arn.ValueString()))
		}
	}
}
