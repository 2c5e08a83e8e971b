// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package problem_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

func TestDetail(t *testing.T) {
	t.Parallel()
	full := &problem.Problem{
		Summary: "Table Gone", Table: "orders", Account: "123456789012", Region: "eu-west-1",
		Counts: "So far: 7 items read.", Cause: "It was deleted.", Next: "Create it.", Err: errors.New("not found"),
	}
	want := "Table: orders, Account: 123456789012, Region: eu-west-1\n\nSo far: 7 items read.\n\n" +
		"It was deleted.\n\nCreate it.\n\nOriginal error: not found"
	if got := full.Detail(); got != want {
		t.Errorf("Detail = %q, want %q", got, want)
	}
	if got, want := full.Error(), "Table Gone: It was deleted. (not found)"; got != want {
		t.Errorf("Error = %q, want %q", got, want)
	}
	if !errors.Is(full, full.Err) {
		t.Error("the original error cannot be found")
	}
	short := &problem.Problem{Summary: "Filter Is Empty", Cause: "The expression is empty."}
	if got := short.Detail(); got != "The expression is empty." {
		t.Errorf("Detail = %q", got)
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	cause, other := errors.New("disk full"), errors.New("lock lost")
	one, two := &problem.Problem{Summary: "One", Err: cause}, &problem.Problem{Summary: "Two"}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"nothing":              {nil, ""},
		"one":                  {one, "One"},
		"wrapped":              {fmt.Errorf("while planning: %w", one), "One"},
		"joined":               {errors.Join(nil, errors.Join(two, one), fmt.Errorf("closing: %w", one)), "Two, One, One"},
		"unknown":              {cause, "Unexpected Error"},
		"its own cause":        {errors.Join(cause, one), "One"},
		"something else fails": {errors.Join(one, other), "One, Unexpected Error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var summaries []string
			for _, p := range problem.All(test.err) {
				summaries = append(summaries, p.Summary)
			}
			if got := strings.Join(summaries, ", "); got != test.want {
				t.Errorf("All = %s, want %s", got, test.want)
			}
		})
	}
	if got := problem.All(cause)[0]; !errors.Is(got, cause) || !strings.Contains(got.Detail(), "disk full") {
		t.Errorf("got %v", got)
	}
}
