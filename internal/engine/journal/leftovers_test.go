// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
)

// The next run removes what killed processes left, and nothing of a live run, of one that has progress, or of another
// program.
func TestLeftovers(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	j := journal.Local(directory)
	living, err := j.Open(t.Context(), "copy-living")
	if err != nil {
		t.Fatal(err)
	}
	const holder = `{"Host":"h","Process":1,"Since":"2026-11-30T00:00:00Z"}`
	kept := map[string]string{
		".copy-living.saving-1": "{", "copy-waiting.json": "{}", "copy-waiting.holder": holder, "copy-waiting.lock": "",
		"yarn.lock": "", "notes.holder": "mine", "notes.lock": "", ".copy-dead.1": "somebody's", "saving-1": "", ".env": "",
	}
	left := map[string]string{
		".copy-dead.saving-1": "{", ".copy-waiting.saving-22": "{", "copy-ended.holder": holder, "copy-ended.lock": "",
		".copy-own.saving-1": "",
	}
	for _, files := range []map[string]string{kept, left} {
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	own, err := j.Open(t.Context(), "copy-own")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"copy-living.holder", "copy-living.lock", "copy-own.holder", "copy-own.lock"}
	for name := range kept {
		want = append(want, name)
	}
	if got := namesIn(t, directory); !slices.Equal(got, sorted(want)) {
		t.Errorf("the folder holds\n%q, want\n%q", got, sorted(want))
	}
	// A run that has ended leaves nothing itself.
	for _, record := range []journal.Record{own, living} {
		if err := record.Close(); err != nil {
			t.Fatal(err)
		}
	}
	want = slices.DeleteFunc(want, func(name string) bool {
		return slices.Contains([]string{"copy-living.holder", "copy-living.lock", "copy-own.holder", "copy-own.lock"}, name)
	})
	if got := namesIn(t, directory); !slices.Equal(got, sorted(want)) {
		t.Errorf("the folder holds\n%q afterwards, want\n%q", got, sorted(want))
	}
}

// One process at a time holds a lock, and a run is not refused because another process checks whether it has ended.
func TestLocksThatComeAndGo(t *testing.T) {
	t.Parallel()
	j := journal.Local(t.TempDir())
	var all sync.WaitGroup
	var holders [4]atomic.Int32
	for i := range 2 * len(holders) {
		name, holder, alone := fmt.Sprintf("copy-%d", i/2), &holders[i/2], i/2 == 0 && i%2 == 0
		if i/2 == 0 && i%2 == 1 {
			continue // The first name has one process.
		}
		all.Go(func() {
			for range 40 {
				record, err := j.Open(t.Context(), name)
				if held := new(journal.HeldError); errors.As(err, &held) && !alone {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if holder.Add(1) > 1 {
					t.Errorf("%s is held twice", name)
				}
				holder.Add(-1)
				if err := record.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func namesIn(t *testing.T, directory string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}
