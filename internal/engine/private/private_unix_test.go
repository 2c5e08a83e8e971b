// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package private_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/private"
)

// others gives the path to another user: a link itself, not its target. Only root may do that.
func others(t *testing.T, path string) {
	t.Helper()
	if err := os.Lchown(path, 12345, -1); err != nil {
		t.Fatal(err)
	}
}

// reachable returns a new folder that others can enter.
func reachable(t *testing.T) string {
	t.Helper()
	in := t.TempDir()
	return folder(t, 0o755, folder(t, 0o755, filepath.Dir(in)), filepath.Base(in))
}

func folder(t *testing.T, mode os.FileMode, names ...string) string {
	t.Helper()
	path := filepath.Join(names...)
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // Independently of the umask.
		t.Fatal(err)
	}
	return path
}

func link(t *testing.T, target, path string) string {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// A folder is refused if anyone else can write to it, or can replace it.
func TestShared(t *testing.T) {
	t.Parallel()
	const writable = "may be written to by others"
	for name, test := range map[string]struct {
		set  func(t *testing.T, in string) string
		says string // Empty where the folder is private.
	}{
		"a new one": {func(_ *testing.T, in string) string {
			return filepath.Join(in, "new", "journal")
		}, ""},
		"one that is there": {func(t *testing.T, in string) string {
			return folder(t, 0o755, in, "journal")
		}, ""},
		"a group may write": {func(t *testing.T, in string) string {
			return folder(t, 0o770, in, "journal")
		}, writable},
		"all may write": {func(t *testing.T, in string) string {
			return folder(t, 0o777, in, "journal")
		}, writable},
		"all may write, with a sticky bit": {func(t *testing.T, in string) string {
			return folder(t, 0o777|os.ModeSticky, in, "journal")
		}, writable},
		"all may write above": {func(t *testing.T, in string) string {
			folder(t, 0o777, in, "open")
			return folder(t, 0o700, in, "open", "journal")
		}, writable},
		"all may write in a closed folder": {func(t *testing.T, in string) string {
			folder(t, 0o700, in, "closed")
			return folder(t, 0o777, in, "closed", "journal")
		}, ""},
		"out of a closed folder": {func(t *testing.T, in string) string {
			folder(t, 0o777, in, "journal")
			return link(t, filepath.Join("..", "journal"), filepath.Join(folder(t, 0o700, in, "closed"), "link"))
		}, writable},
		"in a folder like /tmp": {func(t *testing.T, in string) string {
			folder(t, 0o777|os.ModeSticky, in, "tmp")
			return folder(t, 0o700, in, "tmp", "journal")
		}, ""},
		"through a link": {func(t *testing.T, in string) string {
			folder(t, 0o700, in, "journal")
			return link(t, "journal", filepath.Join(in, "link"))
		}, ""},
		"through a link to what all may write": {func(t *testing.T, in string) string {
			return link(t, folder(t, 0o777, in, "journal"), filepath.Join(in, "link"))
		}, writable},
		"through a link on the way": {func(t *testing.T, in string) string {
			folder(t, 0o777, in, "open")
			folder(t, 0o700, in, "open", "journal")
			folder(t, 0o700, in, "x")
			link(t, "x/../open/", filepath.Join(in, "link"))
			return filepath.Join(in, "link", "journal")
		}, writable},
		"a link to itself": {func(t *testing.T, in string) string {
			return link(t, "link", filepath.Join(in, "link"))
		}, "link"},
		"a file": {func(t *testing.T, in string) string {
			path := filepath.Join(in, "file")
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return filepath.Join(path, "journal")
		}, "not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, test.set(t, reachable(t)), test.says)
		})
	}
}

// A folder that belongs to another user is refused, and so is one inside such a folder or behind such a link.
func TestOthers(t *testing.T) {
	t.Parallel()
	// Only root can give files away. For any other user, the root folder belongs to another one.
	if os.Geteuid() != 0 {
		expect(t, "/", "belongs to another user")
		return
	}
	for name, set := range map[string]func(t *testing.T, in string) string{
		"the folder": func(t *testing.T, in string) string {
			others(t, folder(t, 0o700, in, "journal"))
			return filepath.Join(in, "journal")
		},
		"a folder above": func(t *testing.T, in string) string {
			folder(t, 0o700, in, "theirs", "journal")
			others(t, filepath.Join(in, "theirs"))
			return filepath.Join(in, "theirs", "journal")
		},
		"a link": func(t *testing.T, in string) string {
			others(t, link(t, folder(t, 0o700, in, "journal"), filepath.Join(in, "link")))
			return filepath.Join(in, "link")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, set(t, reachable(t)), "belongs to another user (uid 12345)")
		})
	}
}

// Folders above the working directory are not checked: whoever keeps the configuration there is responsible for
// them, as for the checkout of another user in a container.
func TestWorkingDirectory(t *testing.T) {
	in := reachable(t)
	checkout := folder(t, 0o777, in, "checkout")
	if os.Geteuid() == 0 {
		others(t, checkout)
	}
	t.Chdir(checkout)
	expect(t, filepath.Join(".terraform", "dynamoops"), "")
	if os.Geteuid() == 0 {
		others(t, ".terraform")
		others(t, filepath.Join(".terraform", "dynamoops"))
		expect(t, filepath.Join(".terraform", "dynamoops"), "") // Created by the owner of the checkout.
		if err := os.Lchown(filepath.Join(".terraform", "dynamoops"), 54321, -1); err != nil {
			t.Fatal(err)
		}
		expect(t, filepath.Join(".terraform", "dynamoops"), "belongs to another user (uid 54321)")
		others(t, filepath.Join(".terraform", "dynamoops"))
	}
	folder(t, 0o777, checkout, ".terraform")
	expect(t, filepath.Join(".terraform", "dynamoops"), "may be written to by others")
}

// expect checks the folder with both functions.
func expect(t *testing.T, path, says string) {
	t.Helper()
	for name, look := range map[string]func(string) error{"Make": private.Make, "Check": private.Check} {
		err := look(path)
		_, shared := errors.AsType[*private.SharedError](err)
		switch {
		case says == "" && err != nil, says != "" && (err == nil || !strings.Contains(err.Error(), says)):
			t.Errorf("%s returns %v, want %q", name, err, says)
		case says != "" && !shared && says != "link" && says != "not a directory":
			t.Errorf("%s returns %T", name, err)
		case shared && !strings.Contains(err.Error(), path):
			t.Errorf("%s does not name the folder: %v", name, err)
		}
	}
}
