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
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/rogpeppe/go-internal/robustio"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/private"
)

// local is a journal in a folder. Records are files of mode 0600, since positions in a table are keys of items.
type local struct {
	directory string
	// watched reports whether the journal is only read.
	watched bool
}

// Local returns the journal in the folder, which the first Open creates if need be. Its methods return a
// *private.SharedError if other users can write to the folder: a run must not act on what they have written.
func Local(directory string) Journal { return &local{directory: directory} }

// Watched returns the journal in the folder, which may be any user's, to read it only.
func Watched(directory string) Journal { return &local{directory: directory, watched: true} }

// check returns an error if the folder must not be read.
func (l *local) check() error {
	if l.watched {
		return nil
	}
	return private.Check(l.directory)
}

func (l *local) path(name, suffix string) string { return filepath.Join(l.directory, name+suffix) }

func (l *local) Open(ctx context.Context, name string) (Record, error) {
	if err := valid(name); err != nil {
		return nil, err
	}
	if err := private.Make(l.directory); err != nil {
		return nil, err
	}
	// The operating system releases the lock when the process dies.
	lock, err := l.lockOf(ctx, name, lockWait)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", l.path(name, ".lock"), err)
	}
	if lock == nil {
		var held HeldError
		// The holder may not have written yet who it is. What matters is that it holds the record.
		if content, err := os.ReadFile(l.path(name, ".holder")); err == nil {
			_ = json.Unmarshal(content, &held.Holder)
		}
		return nil, &held
	}
	host, _ := os.Hostname() // Without the host's name, the process id must do.
	// Not into the locked file, which no other process can read on Windows.
	if err := l.replace(name, ".holder", Holder{Host: host, Process: os.Getpid(), Since: time.Now()}); err != nil {
		return nil, errors.Join(err, l.release(name, lock))
	}
	l.sweep(ctx, name)
	return &localRecord{journal: l, name: name, lock: lock}, nil
}

func (l *local) Names(context.Context) ([]string, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(l.directory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // Nothing was ever saved there.
	}
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".json"); ok && valid(name) == nil {
			names = append(names, name)
		}
	}
	return names, err
}

func (l *local) Peek(_ context.Context, name string, record any) (bool, error) {
	if err := valid(name); err != nil {
		return false, err
	}
	if err := l.check(); err != nil {
		return false, err
	}
	path := l.path(name, ".json")
	content, err := robustio.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		err = &UnreadableError{Err: err}
	default:
		err = decode(content, record)
	}
	return err == nil, at(name, path, err)
}

// SaveInterval is short: what was done since the last save is done again after a kill.
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

func (r *localRecord) Save(_ context.Context, record any) error {
	if err := r.journal.replace(r.name, ".json", record); err != nil {
		return err
	}
	return syncDirectory(r.journal.directory)
}

// replace writes a new file, syncs it to the disk, and renames it over the old one.
func (l *local) replace(name, suffix string, value any) (err error) {
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(l.directory, "."+name+saving+"*")
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
	// Windows does not replace a file while another process reads it, such as the watch command.
	return robustio.Rename(file.Name(), l.path(name, suffix))
}

func (r *localRecord) Remove(context.Context) error {
	if err := remove(r.journal.path(r.name, ".json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncDirectory(r.journal.directory)
}

// remove deletes the file. It tries for two seconds on Windows, which does not delete a file while another process
// reads it.
func remove(path string) error {
	for pause := time.Millisecond; ; pause *= 2 {
		err := os.Remove(path)
		if err == nil || !robustio.IsEphemeralError(err) || errors.Is(err, fs.ErrNotExist) || pause > time.Second {
			return err
		}
		time.Sleep(pause)
	}
}

func (r *localRecord) Close() error { return r.journal.release(r.name, r.lock) }

// syncDirectory syncs the names in a folder to the disk. Windows does that by itself, and refuses the request.
func syncDirectory(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	directory, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}
