// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// decisive are the arguments that a plan has to know, each with what a run would do if the argument turned out to be
// null. An asterisk stands for any element. The plan would not have announced that, and nothing finds it later:
// Terraform says neither in an apply nor when it invokes an action what was unknown in the plan. Other arguments may be
// unknown, since null makes a run do less, or is refused, or means what the provider block says.
var decisive = map[string]string{
	"filter":                             "the run would be about all items",
	"sample_percent":                     "all items would be copied",
	"transform":                          unchanged,
	"transform.*":                        unchanged,
	"transform.*.rename":                 unchanged,
	"transform.*.remove":                 unchanged,
	"transform.*.keep":                   unchanged,
	"transform.*.set":                    unchanged,
	"transform.*.mask":                   unchanged,
	"method":                             "the provider would choose one",
	"on_conflict":                        "items that are there would be replaced",
	"verify":                             "the copy would not be verified",
	"backup_before":                      "no backup would be made",
	"require_pitr":                       "a table without point-in-time recovery would be purged",
	"backup_restore":                     "a new backup would be restored",
	"backup_restore.replace_destination": "the destination would stay, and if it were true, it would be dropped",
	"assume_role":                        otherAccount,
	"source":                             wholeTable,
	"source.index":                       wholeTable,
	"source.consistent_read":             "the source would be read without consistency",
	"source.assume_role":                 otherAccount,
	"destination":                        "the items would go nowhere",
	"destination.assume_role":            otherAccount,
}

const (
	unchanged    = "items would be copied as they are"
	wholeTable   = "the whole table would be read"
	otherAccount = "the provider's own credentials would be used, which may be those of another account"
)

// refuseUndecided refuses a configuration of which something decisive is not known. The plan of a resource and that of
// an action call it, which is why it is not one of the plan modifiers: actions have none.
func refuseUndecided(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) {
	walkArguments(ctx, config.Schema, config.Raw, func(at *tftypes.AttributePath, value tftypes.Value) bool {
		where, name := frameworkPath(at), pattern(at)
		if without, ok := decisive[name]; ok && !value.IsKnown() {
			summary, detail := undecided(name, without)
			diags.AddAttributeError(where, summary, detail)
			return false
		}
		if name == "transform.*" && mayBeAnotherStep(value) {
			diags.AddAttributeError(where.AtName("drop_if"), transformNotKnown, "A step is exactly one of rename, remove, "+
				"keep, set, mask and drop_if. This one has more, and "+
				"its drop_if is not known before the apply: if it turned out to be null, no items would be dropped.\n\n"+
				"Write each in braces of its own: steps are done one after the other.")
		}
		return true
	})
}

const transformNotKnown = "Transform Not Known"

// undecided says what is wrong if the argument is not known.
func undecided(name, without string) (summary, detail string) {
	switch {
	case name == "filter":
		return "Filter Not Known", "Whether there is a filter is not known before the apply, so the plan cannot say which " +
			"items the run is about.\n\n" +
			"Write the filter as an object of which only parts are unknown, such as values. Let known values decide whether " +
			"there is one."
	case strings.HasPrefix(name, "transform"):
		return transformNotKnown, "What is done to the items is not known before the apply: if this turned out to be null " +
			"or empty, " + without + ".\n\n" +
			"Write the steps, and what they name, in the configuration, so that only texts in them are unknown. Let known " +
			"values decide which steps there are."
	}
	return "Argument Not Known", fmt.Sprintf("The value of %s is not known before the apply. If it turned out to be "+
		"null, %s, and the plan would not have said so.\n\n"+
		"Let values decide that are known when planning, such as variables. In an object, write what is unknown as a part "+
		"of it.", name, without)
}

// pattern is the path with full stops, and an asterisk for each element.
func pattern(at *tftypes.AttributePath) string {
	var names []string
	for _, step := range at.Steps() {
		if name, ok := step.(tftypes.AttributeName); ok {
			names = append(names, string(name))
		} else {
			names = append(names, "*")
		}
	}
	return strings.Join(names, ".")
}

// mayBeAnotherStep reports whether the only part of a step that may be unknown is, and the step has another one.
func mayBeAnotherStep(step tftypes.Value) bool {
	var parts map[string]tftypes.Value
	if step.IsNull() || !step.IsKnown() || step.As(&parts) != nil || parts["drop_if"].IsKnown() {
		return false
	}
	return slices.ContainsFunc(
		slices.Collect(maps.Values(parts)),
		func(part tftypes.Value) bool { return part.IsKnown() && !part.IsNull() },
	)
}
