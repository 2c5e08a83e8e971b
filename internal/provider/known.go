// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

// What is not known yet when a run is planned is left out of its job, as if it had not been given. That is enough to
// check the rest, and not to run: a purge without its filter deletes everything.

// wholeJob is the job that the configuration describes, for whoever does more with it than check it. All of the
// configuration has to be known.
func wholeJob[J job.Job](
	ctx context.Context,
	config tfsdk.Config,
	model runModel[J],
	diags *diag.Diagnostics,
) (j J, ok bool) {
	if !config.Raw.IsFullyKnown() {
		diags.AddError("Value Not Known", "A value that describes this run is not known, so nothing has been done. Please "+
			"report this as a bug of the provider.")
		return j, false
	}
	refuseNullElements(ctx, config.Schema, config.Raw, diags)
	if diags.HasError() {
		return j, false
	}
	diags.Append(config.Get(ctx, model)...)
	if diags.HasError() {
		return j, false
	}
	j = model.job(ctx, diags)
	return j, !diags.HasError()
}

// known reports whether every part of the values is known.
func known(ctx context.Context, values ...attr.Value) bool {
	for _, value := range values {
		if raw, err := value.ToTerraformValue(ctx); err != nil || !raw.IsFullyKnown() {
			return false
		}
	}
	return true
}

// asKnown puts what the object holds into the model. It leaves the model alone, and returns false, if there is no
// object or a part of it is not known yet.
func asKnown(ctx context.Context, object types.Object, model any, diags *diag.Diagnostics) bool {
	if object.IsNull() || !known(ctx, object) {
		return false
	}
	diags.Append(object.As(ctx, model, basetypes.ObjectAsOptions{})...)
	return true
}
