// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
)

type note struct{ Text string }

func TestLocal(t *testing.T) {
	t.Parallel()
	ctx, directory := t.Context(), filepath.Join(t.TempDir(), "made", "for [one] *?")
	one, two := journal.Local(directory), journal.Local(directory)
	if names, err := one.Names(ctx); err != nil || len(names) != 0 {
		t.Errorf("Names of a journal that is not there = %q, %v", names, err)
	}
	record, err := one.Open(ctx, "copy-1")
	if err != nil {
		t.Fatal(err)
	}
	var got note
	if found, err := record.Load(ctx, &got); found || err != nil {
		t.Errorf("a record that was never saved: %t, %v", found, err)
	}
	for _, text := range []string{"a longer first text", "second"} {
		if err := record.Save(ctx, note{text}); err != nil {
			t.Fatal(err)
		}
		if found, err := two.Peek(ctx, "copy-1", &got); !found || err != nil || got.Text != text {
			t.Errorf("Peek finds %t, %v, %q; want %q", found, err, got.Text, text)
		}
	}
	var held *journal.HeldError
	if _, err := two.Open(ctx, "copy-1"); !errors.As(err, &held) || held.Holder.Process != os.Getpid() ||
		held.Holder.Since.IsZero() {
		t.Errorf("Open of a record that is held: %v", err)
	}
	if names, err := two.Names(ctx); err != nil || !slices.Equal(names, []string{"copy-1"}) {
		t.Errorf("Names = %q, %v", names, err)
	}
	info, err := os.Stat(filepath.Join(directory, "copy-1.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the record's mode is %v, %v", info.Mode(), err)
	}

	// The next process finds what was saved, until it is removed.
	if err := record.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := two.Open(ctx, "copy-1")
	if err != nil {
		t.Fatal(err)
	}
	if found, err := again.Load(ctx, &got); !found || err != nil || got.Text != "second" {
		t.Errorf("Load = %t, %v, %q", found, err, got.Text)
	}
	for range 2 {
		if err := again.Remove(ctx); err != nil {
			t.Error(err)
		}
	}
	if found, err := again.Load(ctx, &got); found || err != nil {
		t.Errorf("a record that was removed: %t, %v", found, err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestLocalRefusesNames(t *testing.T) {
	t.Parallel()
	j := journal.Local(t.TempDir())
	for _, name := range []string{"", "../copy", "a/b", "A", "a.json"} {
		if _, err := j.Open(t.Context(), name); !errors.Is(err, journal.ErrName) {
			t.Errorf("Open(%q): %v", name, err)
		}
		if _, err := j.Peek(t.Context(), name, &note{}); !errors.Is(err, journal.ErrName) {
			t.Errorf("Peek(%q): %v", name, err)
		}
	}
}
