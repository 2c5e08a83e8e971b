// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// local is a journal in a folder. Records are files of mode 0600, since positions in a table are keys of items.
type local struct{ directory string }

// Local returns the journal in the folder, which the first record makes if need be.
func Local(directory string) Journal { return &local{directory: directory} }

func (l *local) path(name, suffix string) string { return filepath.Join(l.directory, name+suffix) }

func (l *local) Open(_ context.Context, name string) (Record, error) {
	if err := valid(name); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(l.directory, 0o700); err != nil {
		return nil, err
	}
	// The operating system lets go of the lock when the process dies. The file stays: removing it would let two
	// processes lock two files of that name.
	lock := flock.New(l.path(name, ".lock"), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", lock.Path(), err)
	}
	if !locked {
		var held HeldError
		content, err := os.ReadFile(lock.Path())
		if err == nil {
			err = json.Unmarshal(content, &held.Holder)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: who holds %s cannot be read: %w", &held, lock.Path(), err)
		}
		return nil, &held
	}
	host, _ := os.Hostname() // Without a name of the host, the process has to do.
	content, err := json.Marshal(Holder{Host: host, Process: os.Getpid(), Since: time.Now()})
	if err == nil {
		err = os.WriteFile(lock.Path(), content, 0o600)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return &localRecord{journal: l, name: name, lock: lock}, nil
}

func (l *local) Names(context.Context) ([]string, error) {
	paths, err := filepath.Glob(l.path("*", ".json"))
	for i, path := range paths {
		paths[i] = strings.TrimSuffix(filepath.Base(path), ".json")
	}
	return paths, err
}

func (l *local) Peek(_ context.Context, name string, record any) (bool, error) {
	if err := valid(name); err != nil {
		return false, err
	}
	content, err := os.ReadFile(l.path(name, ".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(content, record)
	}
	return err == nil, err
}

// SaveInterval is short: what was done since the last saving is done again after a kill.
func (l *local) SaveInterval() time.Duration { return 250 * time.Millisecond }

func (l *local) String() string { return "the folder " + l.directory }

type localRecord struct {
	journal *local
	name    string
	lock    *flock.Flock
}

func (r *localRecord) Load(ctx context.Context, record any) (bool, error) {
	return r.journal.Peek(ctx, r.name, record)
}

// Save writes a new file, brings it to the disk and puts it in the place of the old one.
func (r *localRecord) Save(_ context.Context, record any) (err error) {
	content, err := json.Marshal(record)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(r.journal.directory, "."+r.name+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), r.journal.path(r.name, ".json")); err != nil {
		return err
	}
	return syncDirectory(r.journal.directory)
}

func (r *localRecord) Remove(context.Context) error {
	if err := os.Remove(r.journal.path(r.name, ".json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncDirectory(r.journal.directory)
}

func (r *localRecord) Close() error { return r.lock.Close() }

// syncDirectory brings the names in a folder to the disk.
func syncDirectory(path string) error {
	directory, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}
