// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package usercache keeps what tests download or build in the user's cache folder, so that it is made once for all test
// processes and all later runs.
package usercache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// retryDelay is how long to wait before asking again for a lock that another process holds. Filling takes from seconds
// to minutes.
const retryDelay = 100 * time.Millisecond

// Folder returns the path of the folder of that name in the user's cache. If there is none, fill gets an empty folder
// to put the content into, which takes its place under the name once fill has returned nil. While one process fills,
// others that want the same folder wait, until the context ends.
//
// A name should contain the version of what is kept: a filled folder is never looked at again.
func Folder(ctx context.Context, name string, fill func(folder string) error) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return folderIn(ctx, filepath.Join(cache, "dynamoops"), name, fill)
}

func folderIn(ctx context.Context, parent, name string, fill func(folder string) error) (path string, err error) {
	path = filepath.Join(parent, name)
	if found, err := exists(path); found || err != nil {
		return path, err
	}

	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	lock := flock.New(path + ".lock")
	if _, err := lock.TryLockContext(ctx, retryDelay); err != nil {
		return "", fmt.Errorf("wait for another process that fills %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if found, err := exists(path); found || err != nil {
		return path, err
	}

	// The lock makes a fixed name safe, and with it the leftovers of a process that was killed go away.
	unfinished := path + ".unfinished"
	if err := os.RemoveAll(unfinished); err != nil {
		return "", err
	}
	if err := os.Mkdir(unfinished, 0o755); err != nil {
		return "", err
	}
	if err := fill(unfinished); err != nil {
		return "", errors.Join(err, os.RemoveAll(unfinished))
	}
	return path, os.Rename(unfinished, path)
}

func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
