// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

func TestAppendProblems(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		base    path.Path
		problem problem.Problem
		want    diag.Diagnostic
	}{
		"no argument":     {path.Empty(), problem.Problem{Summary: "S", Cause: "C."}, diag.NewErrorDiagnostic("S", "C.")},
		"warning":         {path.Empty(), problem.Problem{Summary: "S", Cause: "C.", Warning: true}, diag.NewWarningDiagnostic("S", "C.")},
		"argument":        {path.Empty(), problem.Problem{Summary: "S", Attribute: "source.table"}, diag.NewAttributeErrorDiagnostic(path.Root("source").AtName("table"), "S", "")},
		"index":           {path.Empty(), problem.Problem{Summary: "S", Attribute: "assume_role.1.role_arn"}, diag.NewAttributeErrorDiagnostic(path.Root("assume_role").AtListIndex(1).AtName("role_arn"), "S", "")},
		"base":            {path.Root("config"), problem.Problem{Summary: "S"}, diag.NewAttributeErrorDiagnostic(path.Root("config"), "S", "")},
		"key of a map":    {path.Empty(), problem.Problem{Summary: "S", Attribute: `transform[2].set["a.b[0] \""]`}, diag.NewAttributeErrorDiagnostic(path.Root("transform").AtListIndex(2).AtName("set").AtMapKey(`a.b[0] "`), "S", "")},
		"element":         {path.Empty(), problem.Problem{Summary: "S", Attribute: "transform[0].remove[11]"}, diag.NewAttributeErrorDiagnostic(path.Root("transform").AtListIndex(0).AtName("remove").AtListIndex(11), "S", "")},
		"base, argument":  {path.Root("config"), problem.Problem{Summary: "S", Attribute: "table"}, diag.NewAttributeErrorDiagnostic(path.Root("config").AtName("table"), "S", "")},
		"located warning": {path.Empty(), problem.Problem{Summary: "S", Attribute: "filter", Warning: true}, diag.NewAttributeWarningDiagnostic(path.Root("filter"), "S", "")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			appendProblems(&diags, test.base, nil, &test.problem)
			if len(diags) != 1 || !diags[0].Equal(test.want) {
				t.Errorf("got %v, want %v", diags, test.want)
			}
		})
	}
}
