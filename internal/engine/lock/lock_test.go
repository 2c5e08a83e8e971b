// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package lock_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/lock"
)

func TestLocks(t *testing.T) {
	t.Parallel()
	read, write := (*lock.Locks).Read, (*lock.Locks).Write
	for name, test := range map[string]struct {
		first, second func(*lock.Locks, string) error
		want          error
	}{
		"two readers":           {read, read, nil},
		"a writer and a reader": {write, read, lock.ErrHeld},
		"a reader and a writer": {read, write, lock.ErrHeld},
		"two writers":           {write, write, lock.ErrHeld},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory := filepath.Join(t.TempDir(), "not", "there")
			one, errOne := lock.In(directory)
			two, errTwo := lock.In(directory)
			if err := errors.Join(errOne, errTwo); err != nil {
				t.Fatal(err)
			}
			if err := test.first(one, "orders"); err != nil {
				t.Fatal(err)
			}
			if err := write(two, "customers"); err != nil {
				t.Errorf("another table: %v", err)
			}
			if err := test.second(two, "orders"); !errors.Is(err, test.want) {
				t.Errorf("the second lock: %v, want %v", err, test.want)
			}
			if err := errors.Join(one.Release(), two.Release()); err != nil {
				t.Fatal(err)
			}
			if err := write(two, "orders"); err != nil {
				t.Errorf("after the release: %v", err)
			}
			if err := two.Release(); err != nil {
				t.Error(err)
			}
		})
	}
}
