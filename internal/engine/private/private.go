// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package private keeps the folders with locks, progress and refused items to one user: what others can write there, a run would go by.
package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// SharedError is the error for a folder that other users can change.
type SharedError struct {
	// Folder is the one that was asked for. Path is what others can change, the folder itself or what is on the way to it.
	Folder, Path string
	// Why says how they can.
	Why string
}

func (e *SharedError) Error() string {
	return fmt.Sprintf("%s %s, so other users can change what is in %s", e.Path, e.Why, e.Folder)
}

// Make makes the folder, for this user alone, if it is not there, and then is Check.
func Make(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return check(folder)
}

// Check returns a *SharedError if users other than this one, and the system's administrator, can change what is in the folder. One that is
// not there is no error. On Unix it looks at owners and at the permissions of group and others, not at access control lists; on other
// systems it looks at nothing, since what can be told there without a library of the system's says little.
//
// Folders above the working directory, and that itself, are not looked at, and its owner counts as this user: who can change these can change
// the configuration. So a checkout of another user can be used in a container.
func Check(folder string) error {
	if err := check(folder); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
