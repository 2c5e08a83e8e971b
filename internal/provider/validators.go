// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
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

// oneOf accepts an object in which exactly one of two attributes is given. Beside the second stands no other.
type oneOf struct{ first, second string }

func (v oneOf) Description(context.Context) string {
	return fmt.Sprintf("exactly one of %s and %s must be given", v.first, v.second)
}

func (v oneOf) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v oneOf) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	attributes := req.ConfigValue.Attributes()
	first, second := attributes[v.first], attributes[v.second]
	if first.IsUnknown() || second.IsUnknown() {
		return
	}
	if first.IsNull() == second.IsNull() {
		given := "Neither is."
		if !first.IsNull() {
			given = "Both are."
		}
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Attribute Combination",
			fmt.Sprintf("Exactly one of %s and %s must be given. %s", v.first, v.second, given))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if first.IsNull() && name != v.second && !attributes[name].IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path.AtName(name), "Invalid Attribute Combination",
				fmt.Sprintf("%s only means something beside %s, and %s is given. Leave it out.", name, v.first, v.second))
		}
	}
}
