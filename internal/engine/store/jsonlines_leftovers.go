// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gofrs/flock"
)

// writing separates the name of a file from the rest of the name under which it is written.
const writing = ".dynamoops-"

const locksFiles = runtime.GOOS != "windows"

// createBeside creates the file that will replace the one at path, and locks it. The operating system releases the lock
// when the process dies: a file without a lock was left by a killed process, and the next process that writes the path
// removes it. Windows removes no open file, and a lock would keep the writer out, so there is no lock there.
func createBeside(path string) (*os.File, *flock.Flock, error) {
	directory, pattern := filepath.Dir(path), "."+filepath.Base(path)+writing
	sweepBeside(directory, pattern)
	for {
		file, err := os.CreateTemp(directory, pattern+"*")
		if err != nil || !locksFiles {
			return file, nil, err
		}
		lock := flock.New(file.Name(), flock.SetFlag(os.O_RDWR))
		locked, err := lock.TryLock()
		if locked && stillThere(file) {
			return file, lock, nil
		}
		// Another process has taken it for a leftover.
		if err := errors.Join(err, lock.Close(), file.Close()); err != nil {
			return nil, nil, errors.Join(err, os.Remove(file.Name()))
		}
	}
}

func stillThere(file *os.File) bool {
	made, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(file.Name())
	return err == nil && os.SameFile(made, there)
}

// sweepBeside removes the files of that pattern that no process writes. What cannot be removed stays for a later run.
func sweepBeside(directory, pattern string) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !strings.HasPrefix(entry.Name(), pattern) {
			continue
		}
		path := filepath.Join(directory, entry.Name())
		if !locksFiles {
			_ = os.Remove(path)
			continue
		}
		lock := flock.New(path, flock.SetFlag(os.O_RDWR))
		if locked, err := lock.TryLock(); err == nil && locked {
			_ = os.Remove(path)
		}
		_ = lock.Close()
	}
}
