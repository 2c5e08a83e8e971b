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

// writing is what stands between the name of a file and the rest of that under which it is written.
const writing = ".dynamoops-"

const locksFiles = runtime.GOOS != "windows"

// createBeside makes the file that is to take the path's place, and a lock on it, which the operating system lets go of
// when the process dies: what has no lock is left by a process that was killed, and removed by the next one that writes
// the path. On Windows, which removes no file that is open, and where a lock would keep the writer out, there is no
// lock.
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
		// Another process has just taken it for one that was left.
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

// sweepBeside removes the files of that pattern that nobody writes. What cannot be removed stays for a later run.
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
