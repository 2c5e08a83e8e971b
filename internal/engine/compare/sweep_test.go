// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package compare_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
)

// Sweep removes the folder of a killed process, but not that of a living one, nor one without a lock.
func TestSweep(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	living, err := compare.New(filepath.Join(directory, "verify-living"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{"verify-killed": "lock", "verify-theirs": "kept", "other": "lock"} {
		if err := os.Mkdir(filepath.Join(directory, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(directory, name, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	compare.Sweep(filepath.Join(directory, "verify-*"))
	for name, want := range map[string]bool{
		"verify-living": true, "verify-killed": false, "verify-theirs": true, "other": true,
	} {
		if _, err := os.Stat(filepath.Join(directory, name)); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		}
	}
	if err := living.Close(); err != nil {
		t.Error(err)
	}
}
