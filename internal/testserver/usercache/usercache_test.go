// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package usercache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"
)

func write(name string) func(string) error {
	return func(folder string) error {
		return os.WriteFile(filepath.Join(folder, name), nil, 0o600)
	}
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return all
}

func TestFolderIsFilledOnce(t *testing.T) {
	t.Parallel()
	parent := filepath.Join(t.TempDir(), "not", "made", "yet")

	var fills atomic.Int32
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			path, err := folderIn(t.Context(), parent, "tool-1.0", func(folder string) error {
				fills.Add(1)
				return write("tool")(folder)
			})
			if err != nil {
				return err
			}
			_, err = os.Stat(filepath.Join(path, "tool"))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := fills.Load(); n != 1 {
		t.Errorf("filled %d times", n)
	}
}

func TestFailedFillLeavesNoFolder(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	broken := errors.New("broken")

	_, err := folderIn(t.Context(), parent, "tool-1.0", func(folder string) error {
		return errors.Join(write("half")(folder), broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("got error %v", err)
	}
	if left := names(t, parent); len(left) != 1 || left[0] != "tool-1.0.lock" {
		t.Errorf("left behind: %q", left)
	}

	path, err := folderIn(t.Context(), parent, "tool-1.0", write("tool"))
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t, path); len(got) != 1 || got[0] != "tool" {
		t.Errorf("second try filled %q", got)
	}
}

func TestLeftoversOfKilledProcess(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	if err := os.MkdirAll(filepath.Join(parent, "tool-1.0.unfinished", "half"), 0o755); err != nil {
		t.Fatal(err)
	}

	path, err := folderIn(t.Context(), parent, "tool-1.0", write("tool"))
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t, path); len(got) != 1 || got[0] != "tool" {
		t.Errorf("filled %q", got)
	}
}

func TestWaitEndsWithContext(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()

	_, err := folderIn(t.Context(), parent, "tool-1.0", func(string) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := folderIn(ctx, parent, "tool-1.0", write("tool"))
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
}
