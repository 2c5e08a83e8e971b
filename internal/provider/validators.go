// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// durationValidator accepts a Go duration between two bounds.
type durationValidator struct{ least, most time.Duration }

func durationBetween(least, most time.Duration) validator.String {
	return durationValidator{least, most}
}

func (v durationValidator) Description(context.Context) string {
	return fmt.Sprintf("value must be a duration such as \"1h30m\", from %s to %s", v.least, v.most)
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	d, err := time.ParseDuration(req.ConfigValue.ValueString())
	if err != nil || d < v.least || d > v.most {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Duration", v.Description(ctx)+".")
	}
}
