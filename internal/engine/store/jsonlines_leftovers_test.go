// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// A file that a killed run has begun is removed by the next one that writes its place; that of a run which lives stays, and so does what
// others have put there.
func TestFilesOfKilledRuns(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	path := filepath.Join(directory, "dump.jsonl")
	living, err := store.CreateJSONLines(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".dump.jsonl.dynamoops-1", ".dump.jsonl.1", ".dump.jsonl", ".other.jsonl.dynamoops-1"} {
		if err := os.WriteFile(filepath.Join(directory, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	next, err := store.CreateJSONLines(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(directory, ".dump.jsonl.dynamoops-1")); !os.IsNotExist(err) {
		t.Errorf("what was left is still there: %v", err)
	}
	for _, sink := range []store.Sink{next, living} { // The second one replaces what the first has put there.
		if err := sink.Close(true); err != nil {
			t.Error(err)
		}
	}
	entries, err := os.ReadDir(directory)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if want := []string{".dump.jsonl", ".dump.jsonl.1", ".other.jsonl.dynamoops-1", "dump.jsonl"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("the folder holds %q (%v), want %q", names, err, want)
	}
}
