// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// saving separates the record's name from a random suffix in the name of the file that is to replace the record.
const saving = ".saving-"

// lockWait is how long Open waits for a lock: another process may hold it for a moment to see whether its run has
// ended.
const lockWait = 300 * time.Millisecond

// lockOf takes the lock of the record, nil if another process holds it. A file that was removed before it was locked
// is not a lock any more.
func (l *local) lockOf(ctx context.Context, name string, wait time.Duration) (*flock.Flock, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		lock := flock.New(l.path(name, ".lock"), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
		locked, err := lock.TryLockContext(ctx, lockWait/20)
		if !locked {
			if errors.Is(err, context.DeadlineExceeded) {
				err = nil
			}
			return nil, err
		}
		held, err := lock.Stat()
		if err != nil {
			return nil, errors.Join(err, lock.Close())
		}
		if there, err := os.Stat(lock.Path()); err == nil && os.SameFile(held, there) {
			return lock, nil
		}
		if err := lock.Close(); err != nil {
			return nil, err
		}
	}
}

// release gives up the lock. If there is no record, its files are removed while the lock is held: a file that is
// removed later may be the lock of another process by then. Windows removes no file that is open, by whichever
// process.
func (l *local) release(name string, lock *flock.Flock) error {
	_, err := os.Stat(l.path(name, ".json"))
	ended := errors.Is(err, fs.ErrNotExist)
	if ended {
		_ = os.Remove(l.path(name, ".holder")) // The next process that looks at it tries again.
		_ = os.Remove(lock.Path())
	}
	err = lock.Close()
	if ended && runtime.GOOS == "windows" {
		_ = os.Remove(lock.Path())
	}
	return err
}

// sweep removes what killed processes have left: files that were to replace a record, and locks of runs that have
// ended. It removes only files that are named as this package names them, and whose lock no process holds. The caller
// holds own.
func (l *local) sweep(ctx context.Context, own string) {
	entries, err := os.ReadDir(l.directory)
	if err != nil {
		return // What is left stays.
	}
	left := map[string][]string{}
	for _, entry := range entries {
		if !entry.Type().IsRegular() {
			continue
		}
		name, _, ok := strings.Cut(strings.TrimPrefix(entry.Name(), "."), saving)
		if ok && entry.Name()[0] == '.' && valid(name) == nil {
			left[name] = append(left[name], l.path(entry.Name(), ""))
		}
		if name, ok := strings.CutSuffix(entry.Name(), ".holder"); ok && valid(name) == nil && l.ended(name) {
			left[name] = append(left[name], "")
		}
	}
	for name, files := range left {
		if name == own {
			removeAll(files)
			continue
		}
		lock, err := l.lockOf(ctx, name, lockWait/100)
		if err != nil || lock == nil {
			continue
		}
		removeAll(files)
		_ = l.release(name, lock) // A lock that stays ends with the process.
	}
}

// ended reports whether the holder file is one that this package has written, and its record is gone.
func (l *local) ended(name string) bool {
	if _, err := os.Stat(l.path(name, ".json")); !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	var holder Holder
	content, err := os.ReadFile(l.path(name, ".holder"))
	return err == nil && json.Unmarshal(content, &holder) == nil && holder.Process > 0
}

// removeAll removes the files at those paths. What cannot be removed is left to a later run.
func removeAll(paths []string) {
	for _, path := range paths {
		if path != "" {
			_ = os.Remove(path)
		}
	}
}
