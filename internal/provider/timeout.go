// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// leastTimeout is the shortest time that a run may be given. One that is over before the run begins can only be a
// mistake.
const leastTimeout = time.Second

// timeoutsAttribute is the argument timeouts of a resource.
func timeoutsAttribute(ctx context.Context, description string) schema.SingleNestedAttribute {
	block, isObject := timeouts.Attributes(ctx, timeouts.Opts{Create: true, CreateDescription: description}).(schema.SingleNestedAttribute)
	create, isString := block.Attributes["create"].(schema.StringAttribute)
	if !isObject || !isString {
		panic("timeouts are no longer an object of strings")
	}
	create.Validators = []validator.String{timeoutValidator{}}
	block.Attributes["create"] = create
	return block
}

// timeoutValidator accepts a time that a run may take.
type timeoutValidator struct{}

func (timeoutValidator) Description(context.Context) string {
	return fmt.Sprintf("value must be a duration such as \"90m\" or \"1h30m\", of %s or more", leastTimeout)
}

func (v timeoutValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v timeoutValidator) ValidateString(
	ctx context.Context,
	req validator.StringRequest,
	resp *validator.StringResponse,
) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d < leastTimeout {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Duration", v.Description(ctx)+".")
	}
}
