// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
)

// Each id is a new UUID, belongs to its record alone, and is valid in one spelling only.
func TestID(t *testing.T) {
	t.Parallel()
	id := journal.NewID("copy-1")
	if again := journal.NewID("copy-1"); again == id {
		t.Error("two ids are the same")
	}
	if parsed, err := uuid.Parse(id); err != nil || parsed.Version() != 8 || parsed.Variant() != uuid.RFC4122 {
		t.Errorf("%s is not a UUID of version 8: %v", id, err)
	}
	if !journal.IsID(id, "copy-1") {
		t.Errorf("%s is not an id of its own record", id)
	}
	if next := journal.NextID(id); next == id || !journal.IsID(next, "copy-1") {
		t.Errorf("the next id after %s is %s", id, next)
	}
	for _, other := range []string{
		"", "../" + id, id + "/..", strings.ToUpper(id), "{" + id + "}", "urn:uuid:" + id, strings.ReplaceAll(id, "-", ""),
		uuid.NewString(), journal.NewID("copy-2"),
	} {
		if journal.IsID(other, "copy-1") {
			t.Errorf("%q is an id", other)
		}
	}
}
