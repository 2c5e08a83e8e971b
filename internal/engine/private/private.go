// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package private keeps the folders with locks, progress and refused items to one user, because a run trusts
// what it finds there.
package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// SharedError is the error for a folder that other users can change.
type SharedError struct {
	// Folder is the folder that was asked for. Path is what others can change: the folder itself or something
	// on the way to it.
	Folder, Path string
	// Why says how they can change it, worded to follow the path.
	Why string
}

func (e *SharedError) Error() string {
	return fmt.Sprintf("%s %s, so other users can change what is in %s", e.Path, e.Why, e.Folder)
}

// Make creates the folder for this user alone if it does not exist, and then checks it as [Check] does.
func Make(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return check(folder)
}

// Check returns a *SharedError if users other than this one and the administrator can change what is in the
// folder. A folder that does not exist is not an error. On Unix, Check looks at owners and at the permissions
// of group and others, not at access control lists. On other systems it checks nothing, since little can be
// found out there without a system library.
//
// The working directory and the folders above it are not checked, and the owner of the working directory counts
// as this user: whoever can change these can change the configuration. So a checkout that belongs to another
// user can be used in a container.
func Check(folder string) error {
	if err := check(folder); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
