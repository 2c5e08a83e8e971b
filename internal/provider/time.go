// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// timeOf is the time of the argument.
func timeOf(ctx context.Context, value types.String, at path.Path, diags *diag.Diagnostics) time.Time {
	parsed, err := time.Parse(time.RFC3339, value.ValueString())
	if err != nil {
		diags.AddAttributeError(at, invalidTime, timeValidator{}.Description(ctx)+".")
	}
	return parsed
}

const invalidTime = "Invalid Time"

// timeValidator accepts a time of RFC 3339, and the word if there is one.
type timeValidator struct{ word string }

func (v timeValidator) Description(context.Context) string {
	const must = "value must be a time such as \"2026-11-24T08:00:00Z\" (RFC 3339)"
	if v.word == "" {
		return must
	}
	return fmt.Sprintf("%s, or %q", must, v.word)
}

func (v timeValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v timeValidator) ValidateString(
	ctx context.Context,
	req validator.StringRequest,
	resp *validator.StringResponse,
) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || v.word != "" && req.ConfigValue.ValueString() == v.word {
		return
	}
	if _, err := time.Parse(time.RFC3339, req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, invalidTime, v.Description(ctx)+".")
	}
}
