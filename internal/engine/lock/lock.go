// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package lock keeps two runs from interfering with each other on one table.
//
// Terraform applies independent resources at the same time, with a separate process for each provider
// configuration. So the locks are files, locked through the operating system, which releases them when a
// process dies.
package lock

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/private"
)

// ErrHeld is the error for a table that another run uses in a way that excludes this one.
var ErrHeld = errors.New("another run is using the table")

// Locks are the locks that one run holds.
type Locks struct {
	directory string
	held      []*flock.Flock
}

// In returns an empty set of locks that are kept in the directory, which is created if it does not exist. The
// error is a *private.SharedError if other users can write to the directory.
func In(directory string) (*Locks, error) {
	if err := private.Make(directory); err != nil {
		return nil, err
	}
	return &Locks{directory: directory}, nil
}

// Read locks the table for reading, which other readers may do too. It returns ErrHeld if a run writes to the
// table.
func (l *Locks) Read(table string) error { return l.take(table, (*flock.Flock).TryRLock) }

// Write locks the table for writing. It returns ErrHeld if another run reads or writes the table.
func (l *Locks) Write(table string) error { return l.take(table, (*flock.Flock).TryLock) }

func (l *Locks) take(table string, try func(*flock.Flock) (bool, error)) error {
	sum := sha256.Sum256([]byte(table))
	file := flock.New(filepath.Join(l.directory, hex.EncodeToString(sum[:16])+".lock"), flock.SetPermissions(0o600))
	ok, err := try(file)
	if err != nil {
		return fmt.Errorf("lock %s: %w", file.Path(), err)
	}
	if !ok {
		return ErrHeld
	}
	l.held = append(l.held, file)
	return nil
}

// Release releases all locks.
func (l *Locks) Release() error {
	var err error
	for _, file := range l.held {
		err = errors.Join(err, file.Unlock())
	}
	l.held = nil
	return err
}
