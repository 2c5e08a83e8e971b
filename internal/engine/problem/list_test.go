// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package problem_test

import (
	"slices"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

func TestList(t *testing.T) {
	t.Parallel()
	warning := &problem.Problem{Summary: "Only Projected Attributes Are Copied", Warning: true}
	first, second := &problem.Problem{Summary: "Table Not Found"}, &problem.Problem{Summary: "Index Not Found"}
	for name, test := range map[string]struct {
		add   [][]*problem.Problem
		want  []*problem.Problem
		first error
	}{
		"nothing":            {add: nil, want: nil},
		"checks that passed": {add: [][]*problem.Problem{{nil}, nil, {nil, nil}}, want: nil},
		"only warnings": {
			add:  [][]*problem.Problem{{warning}, {nil, warning}},
			want: []*problem.Problem{warning, warning},
		},
		"errors in order": {
			add:   [][]*problem.Problem{{first, nil}, {second}},
			want:  []*problem.Problem{first, second},
			first: first,
		},
		"a warning before errors": {
			add:   [][]*problem.Problem{{warning, second}, {first}},
			want:  []*problem.Problem{warning, second, first},
			first: second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var list problem.List
			for _, found := range test.add {
				list.Add(found...)
			}
			if !slices.Equal(list, test.want) {
				t.Errorf("list = %v, want %v", list, test.want)
			}
			//nolint:errorlint // It must be the problem itself, or nil.
			if got := list.FirstError(); got != test.first {
				t.Errorf("FirstError = %v, want %v", got, test.first)
			}
		})
	}
}
