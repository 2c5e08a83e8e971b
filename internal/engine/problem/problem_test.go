// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package problem_test

import (
	"errors"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

func TestDetail(t *testing.T) {
	t.Parallel()
	full := &problem.Problem{
		Summary: "Table Gone", Table: "orders", Account: "123456789012", Region: "eu-west-1",
		Counts: "So far: 7 items read.", Cause: "Somebody deleted it.", Next: "Create it.", Err: errors.New("not found"),
	}
	want := "Table: orders, Account: 123456789012, Region: eu-west-1\n\nSo far: 7 items read.\n\nSomebody deleted it.\n\nCreate it.\n\nOriginal error: not found"
	if got := full.Detail(); got != want {
		t.Errorf("Detail = %q, want %q", got, want)
	}
	if got, want := full.Error(), "Table Gone: Somebody deleted it. (not found)"; got != want {
		t.Errorf("Error = %q, want %q", got, want)
	}
	if !errors.Is(full, full.Err) {
		t.Error("the original error cannot be found")
	}
	if got := (&problem.Problem{Summary: "Filter Is Empty", Cause: "Nothing stands there."}).Detail(); got != "Nothing stands there." {
		t.Errorf("Detail = %q", got)
	}
}
