// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"regexp"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// appendProblems adds a diagnostic for each problem. Their attributes are below base.
func appendProblems(diags *diag.Diagnostics, base path.Path, problems ...*problem.Problem) {
	for _, p := range problems {
		if p == nil {
			continue
		}
		at := attributePath(base, p.Attribute)
		switch located := len(at.Steps()) > 0; {
		case p.Warning && located:
			diags.AddAttributeWarning(at, p.Summary, p.Detail())
		case p.Warning:
			diags.AddWarning(p.Summary, p.Detail())
		case located:
			diags.AddAttributeError(at, p.Summary, p.Detail())
		default:
			diags.AddError(p.Summary, p.Detail())
		}
	}
}

// attributeStep is one step of a written path: a name or a number behind a full stop, or a number or a quoted key in
// brackets.
var attributeStep = regexp.MustCompile(`\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\.?([^.\[]+)`)

// attributePath is the path that a written one such as assume_role.0.role_arn or transform[2].set["a.b"] means below
// base. A number is an index.
func attributePath(base path.Path, written string) path.Path {
	for _, step := range attributeStep.FindAllStringSubmatch(written, -1) {
		if key, err := strconv.Unquote(step[2]); err == nil {
			base = base.AtMapKey(key)
		} else if index, err := strconv.Atoi(step[1] + step[3]); err == nil {
			base = base.AtListIndex(index)
		} else {
			base = base.AtName(step[3])
		}
	}
	return base
}
