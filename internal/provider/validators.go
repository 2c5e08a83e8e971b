// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
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

func (v durationValidator) ValidateString(
	ctx context.Context,
	req validator.StringRequest,
	resp *validator.StringResponse,
) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	d, err := time.ParseDuration(req.ConfigValue.ValueString())
	if err != nil || d < v.least || d > v.most {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Duration", v.Description(ctx)+".")
	}
}

// patternValidator accepts texts that match. Unlike that of the framework it does not quote the value, which may be
// sensitive: Terraform shows the argument, and hides it if it is.
type patternValidator struct {
	pattern *regexp.Regexp
	must    string
}

// matching says what a value must be, as in "must be a table name".
func matching(pattern *regexp.Regexp, must string) validator.String {
	return patternValidator{pattern, must}
}

func (v patternValidator) Description(context.Context) string { return "value " + v.must }

func (v patternValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v patternValidator) ValidateString(
	_ context.Context,
	req validator.StringRequest,
	resp *validator.StringResponse,
) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || v.pattern.MatchString(req.ConfigValue.ValueString()) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid Attribute Value Match", fmt.Sprintf("%s %s.", req.Path, v.must))
}

// ifFalse judges false alone, for an argument whose default true means nothing by itself.
type ifFalse struct{ validator.Bool }

func (v ifFalse) ValidateBool(ctx context.Context, req validator.BoolRequest, resp *validator.BoolResponse) {
	if req.ConfigValue.Equal(types.BoolValue(false)) {
		v.Bool.ValidateBool(ctx, req, resp)
	}
}

// oneOf accepts an object in which exactly one of its alternatives is given. The first one goes with everything else,
// the others with nothing but what they name.
type oneOf []alternative

// alternative is an attribute, and what may stand beside it.
type alternative struct {
	name   string
	beside []string
}

func (v oneOf) names() string {
	var names []string
	for _, a := range v {
		names = append(names, a.name)
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func (v oneOf) Description(context.Context) string {
	return fmt.Sprintf("exactly one of %s must be given", v.names())
}

func (v oneOf) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v oneOf) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	attributes := req.ConfigValue.Attributes()
	var given []alternative
	for _, a := range v {
		if attributes[a.name].IsUnknown() {
			return
		}
		if !attributes[a.name].IsNull() {
			given = append(given, a)
		}
	}
	if len(given) != 1 {
		how := "None is."
		if len(given) > 1 {
			how = fmt.Sprintf("%d are.", len(given))
		}
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Attribute Combination", fmt.Sprintf("Exactly one of %s must "+
			"be given. %s", v.names(), how))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if given[0].name != v[0].name && name != given[0].name && !slices.Contains(given[0].beside, name) &&
			!attributes[name].IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path.AtName(name), "Invalid Attribute Combination",
				fmt.Sprintf("%s means nothing beside %s, which is given. Leave it out.", name, given[0].name))
		}
	}
}
