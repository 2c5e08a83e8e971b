// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// What Lambda keeps encrypted is in the journal, to be put back, but neither in the state nor in a diagnostic.
func TestEncryptedFilterCriteriaAreNotShown(t *testing.T) {
	t.Parallel()
	snapshot := func(pattern string) *settings.Snapshot {
		return &settings.Snapshot{Settings: map[string]json.RawMessage{
			"event_source_mappings": json.RawMessage(`[` +
				`{"BatchSize":5,"FilterCriteria":{"Filters":[{"Pattern":"` + pattern + `"}]},` +
				`"FunctionName":"secretive","KMSKeyArn":"arn:aws:kms:eu-west-1:123456789012:key/a"},` +
				`{"FilterCriteria":{"Filters":[{"Pattern":"open"}]},"FunctionName":"plain"}]`),
			"table_class": json.RawMessage(`"STANDARD"`),
		}}
	}
	one, other := snapshot("planted-one"), snapshot("planted-other")
	shown, err := one.Shown()
	if err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, shown); strings.Contains(text, "planted") || !strings.Contains(text, "open") ||
		!strings.Contains(text, "secretive") || !strings.Contains(text, `"BatchSize":5`) ||
		!strings.Contains(text, "STANDARD") || !strings.Contains(text, "not shown") {
		t.Errorf("shown: %s", text)
	}
	if !strings.Contains(textOf(t, one), "planted-one") {
		t.Error("the snapshot itself has lost what must be put back")
	}
	found := settings.Diff(one, other)
	if len(found) != 1 {
		t.Fatalf("%d differences", len(found))
	}
	if text := (&settings.DifferenceError{Differences: found}).Error(); strings.Contains(text, "planted") ||
		!strings.Contains(text, "different in a part that is not shown") {
		t.Errorf("difference: %s", text)
	}
}

func textOf(t *testing.T, snapshot *settings.Snapshot) string {
	t.Helper()
	text, err := json.Marshal(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
