// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package compare_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// keysOf adds the lines of the files, each file in its own goroutine, and returns the result of Check. The keys
// may use the directory.
func keysOf(t *testing.T, directory string, key []item.KeyAttribute, hold int, files ...string) error {
	t.Helper()
	keys, err := compare.NewKeys(directory, key)
	if err != nil {
		t.Fatal(err)
	}
	keys.Hold(hold)
	errs := make(chan error, len(files))
	for _, path := range files {
		go func() { errs <- enter(t, keys, path) }()
	}
	for range files {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	err = keys.Check()
	if again := keys.Check(); fmt.Sprint(again) != fmt.Sprint(err) {
		t.Errorf("Check = %v, and again %v", err, again)
	}
	if err := keys.Close(); err != nil {
		t.Error(err)
	}
	return err
}

func enter(t *testing.T, keys *compare.Keys, path string) (err error) {
	source, err := store.OpenJSONLines(path, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	var page store.Page
	for after := []byte(nil); ; after = page.Next {
		if err := source.Read(t.Context(), store.Segment{Total: 1}, after, &page); err != nil {
			return err
		}
		if err := keys.Add(&page); err != nil || page.Next == nil {
			return err
		}
	}
}

func writeLines(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Equal keys are found however far apart they are, in memory, in the file, and in both.
func TestKeys(t *testing.T) {
	t.Parallel()
	const items = 30_000
	lines := make([]string, items)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"id":{"S":"%d"}}`, i)
	}
	apart := writeLines(t, "apart", lines...)
	lines[items-1] = ` {"x":{"N":"1"},"id":{"S":"\u0030"}}` // The key of the first line, written differently.
	lines[100], lines[20_000] = `{"id":{"S":"99"}}`, `{"id":{"S":"99"}}`
	twice := writeLines(t, "twice", lines...)
	other := writeLines(t, "other", `{"id":{"S":"new"}}`, "", `{"id":{"S":"17"}}`)
	for _, hold := range []int{1, 1000, 7000, items, 1 << 20} {
		directory := filepath.Join(t.TempDir(), "not", "there")
		if err := keysOf(t, directory, key, hold, apart); err != nil {
			t.Errorf("%d held: %v", hold, err)
		}
		err := keysOf(t, directory, key, hold, twice)
		same, ok := errors.AsType[*compare.SameKeyError](err)
		first, second := store.Place{Text: twice, Line: 100}, store.Place{Text: twice, Line: 101}
		if !ok || same.Items != 3 || same.First != first || same.Second != second || !errors.Is(err, store.ErrSameKey) {
			t.Errorf("%d held: %+v", hold, err)
		}
		err = keysOf(t, directory, key, hold, apart, other)
		same, ok = errors.AsType[*compare.SameKeyError](err)
		if !ok || same.Items != 1 || same.First.Line+same.Second.Line != 18+3 || same.First.Text == same.Second.Text {
			t.Errorf("%d held: %+v", hold, err)
		}
		if left, err := os.ReadDir(directory); len(left) > 0 || err != nil && !os.IsNotExist(err) {
			t.Errorf("%d held: the directory holds %v, %v", hold, left, err)
		}
	}
}

// Numbers are compared by value, and every attribute of the key counts.
func TestKeysOfNumbers(t *testing.T) {
	t.Parallel()
	both := []item.KeyAttribute{{Name: "id", Type: item.S}, {Name: "n", Type: item.N}}
	path := writeLines(t, "numbers",
		`{"id":{"S":"a"},"n":{"N":"10"}}`, `{"id":{"S":"b"},"n":{"N":"10"}}`,
		`{"id":{"S":"a"},"n":{"N":"11"}}`, `{"n":{"N":"1.10E1"},"id":{"S":"a"}}`)
	err := keysOf(t, t.TempDir(), both, 2, path)
	same, ok := errors.AsType[*compare.SameKeyError](err)
	if !ok || same.Items != 1 || same.First.Line != 3 || same.Second.Line != 4 {
		t.Errorf("%+v", err)
	}
}

// Too many keys, and a file that cannot be created, are errors.
func TestKeysAtMost(t *testing.T) {
	t.Parallel()
	path := writeLines(t, "three", `{"id":{"S":"a"}}`, `{"id":{"S":"b"}}`, `{"id":{"S":"c"}}`)
	for most, want := range map[int64]error{2: compare.ErrTooManyKeys, 3: nil} {
		keys, err := compare.NewKeys(t.TempDir(), key)
		if err != nil {
			t.Fatal(err)
		}
		keys.AtMost(most)
		if err := enter(t, keys, path); !errors.Is(err, want) {
			t.Errorf("at most %d: %v", most, err)
		}
	}
	file := writeLines(t, "file", "")
	keys, err := compare.NewKeys(file, key)
	if err != nil {
		t.Fatal(err)
	}
	keys.Hold(1)
	if err := enter(t, keys, path); err == nil {
		t.Error("no error where there is no directory for the file")
	}
	if err := keys.Close(); err != nil {
		t.Error(err)
	}
}
