// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package compare finds out whether two sets of items are equal, whatever their size.
//
// For each item, a digest of its key and one of all its values are written to the file of one of a fixed number
// of buckets. The key's digest determines the bucket, so an item and its counterpart are in buckets with the
// same number. The buckets are compared one after the other, so memory is bounded by the size of a bucket. The
// digests are keyed with a secret that is created for each comparison and never leaves the process, so that the
// files reveal nothing about the items.
package compare

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gofrs/flock"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// Side names one of the sets of items.
type Side string

// The sets of items. Items that are SetAside are neither wanted nor unexpected: their keys are left out of the
// comparison.
const (
	Wanted   Side = "wanted"
	Found    Side = "found"
	SetAside Side = "set-aside"
)

// Difference counts the items that differ between the wanted and the found ones.
type Difference struct {
	// Missing items are wanted, but no item with their key was found. Different items were found with other
	// values. Unexpected items were found but are not wanted.
	Missing, Different, Unexpected int64
}

// Comparison holds the digests of the sets, in a folder of its own.
type Comparison struct {
	directory string
	key       []item.KeyAttribute
	secret    []byte
	lock      *flock.Flock // Held until the process ends, so that Sweep leaves the folder alone.
}

// buckets is the number of files for each set. A billion items make buckets of 200 MB.
const buckets = 128

// record holds the digests of one item: 128 bits for its key, 64 bits for its values.
type record [keyBytes + 8]byte

const keyBytes = 16

// New creates the folder, replacing one that was left there. Two items are counterparts if they have the same
// key or, if there is no key to compare, the same values. In the latter case no item is ever Different.
func New(directory string, key []item.KeyAttribute) (*Comparison, error) {
	if err := os.RemoveAll(directory); err != nil {
		return nil, err
	}
	if err := os.Mkdir(directory, 0o700); err != nil {
		return nil, err
	}
	c := &Comparison{
		directory: directory,
		key:       key,
		secret:    make([]byte, 32),
		lock:      flock.New(filepath.Join(directory, lockName)),
	}
	if locked, err := c.lock.TryLock(); err != nil || !locked {
		return nil, errors.Join(err, c.Close())
	}
	_, err := rand.Read(c.secret)
	return c, err
}

// lockName is the name of the file in a folder that is locked as long as the folder's process lives.
const lockName = "lock"

// Sweep removes the folders matching the pattern, as in filepath.Glob, that killed processes have left behind.
// It does not touch a folder whose lock is held, or that has none.
func Sweep(pattern string) {
	left, err := filepath.Glob(filepath.Join(pattern, lockName))
	if err != nil {
		return
	}
	for _, path := range left {
		lock := flock.New(path, flock.SetFlag(os.O_RDWR))
		locked, err := lock.TryLock()
		// Windows does not remove open files, so the lock is closed first. Each folder belongs to one run, so no other
		// process takes its lock meanwhile.
		closed := lock.Close()
		if locked && err == nil && closed == nil {
			_ = os.RemoveAll(filepath.Dir(path)) // A later run removes what is left.
		}
	}
}

// Close removes the folder.
func (c *Comparison) Close() error { return errors.Join(c.lock.Close(), os.RemoveAll(c.directory)) }

func (c *Comparison) path(side Side, bucket int) string {
	return filepath.Join(c.directory, fmt.Sprintf("%s-%03d", side, bucket))
}

// Difference compares the wanted items with the found ones. All sinks must be closed.
func (c *Comparison) Difference() (Difference, error) {
	var d Difference
	for bucket := range buckets {
		var sides [3][]record
		for i, side := range []Side{Wanted, Found, SetAside} {
			var err error
			if sides[i], err = c.load(side, bucket); err != nil {
				return d, err
			}
		}
		d.add(sides[0], sides[1], sides[2])
	}
	return d, nil
}

// load reads a bucket and sorts it. A set without a sink has no records.
func (c *Comparison) load(side Side, bucket int) ([]record, error) {
	content, err := os.ReadFile(c.path(side, bucket))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	records := make([]record, 0, len(content)/len(record{}))
	for chunk := range slices.Chunk(content, len(record{})) {
		records = append(records, record(chunk))
	}
	slices.SortFunc(records, func(a, b record) int { return bytes.Compare(a[:], b[:]) })
	return records, nil
}

// add compares one bucket of each set, sorted.
func (d *Difference) add(wanted, found, setAside []record) {
	for len(wanted) > 0 || len(found) > 0 {
		var key []byte
		switch {
		case len(wanted) == 0:
			key = found[0][:keyBytes]
		case len(found) == 0 || bytes.Compare(wanted[0][:keyBytes], found[0][:keyBytes]) < 0:
			key = wanted[0][:keyBytes]
		default:
			key = found[0][:keyBytes]
		}
		var ours, theirs, aside []record
		ours, wanted = cut(wanted, key)
		theirs, found = cut(found, key)
		aside, setAside = cut(setAside, key)
		if len(aside) == 0 {
			d.addKey(ours, theirs)
		}
	}
}

// cut returns the records with that key, and the rest after them. It skips records with lower keys.
func cut(records []record, key []byte) (same, rest []record) {
	first := 0
	for first < len(records) && bytes.Compare(records[first][:keyBytes], key) < 0 {
		first++
	}
	end := first
	for end < len(records) && bytes.Equal(records[end][:keyBytes], key) {
		end++
	}
	return records[first:end], records[end:]
}

// addKey compares the records with one key. A set has more than one if two items were to be written under one
// key or, without a key to compare, if an item appears twice.
func (d *Difference) addKey(wanted, found []record) {
	var missing, unexpected int64
	for len(wanted) > 0 || len(found) > 0 {
		order := 0
		switch {
		case len(wanted) == 0:
			order = 1
		case len(found) == 0:
			order = -1
		default:
			order = bytes.Compare(wanted[0][:], found[0][:])
		}
		if order <= 0 {
			wanted = wanted[1:]
		}
		if order >= 0 {
			found = found[1:]
		}
		switch {
		case order < 0:
			missing++
		case order > 0:
			unexpected++
		}
	}
	different := min(missing, unexpected)
	d.Different += different
	d.Missing += missing - different
	d.Unexpected += unexpected - different
}
