// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package worker_test

import (
	"errors"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/worker"
)

// A run that fails in several ways names them all.
func TestExplain(t *testing.T) {
	t.Parallel()
	got := worker.Explain(errors.Join(
		&problem.Problem{Summary: "Table Gone", Table: "orders", Cause: "It was there."},
		&problem.Problem{Summary: "Journal Cannot Be Used", Cause: "The disk is full."},
	))
	if want := "Table Gone\nTable: orders\n\nIt was there.\n\nJournal Cannot Be Used\nThe disk is full."; got != want {
		t.Errorf("the text is %q, want %q", got, want)
	}
}
