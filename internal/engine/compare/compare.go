// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package compare finds out whether two sets of items are the same, whatever their size.
//
// Of each item a digest of its key and one of all its values are written to the file of one of a fixed number of buckets,
// which the key's digest chooses. So an item and its counterpart are in buckets of one number, and the buckets are compared
// one after the other: memory is bounded by a bucket. The digests are keyed with a secret that is made anew each time and never leaves
// the process, so that the files tell nothing of the items.
package compare

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"slices"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// Side is one of the sets of items.
type Side string

// The sides. What is SetAside is neither wanted nor unexpected: its keys are left out of the comparison.
const (
	Wanted   Side = "wanted"
	Found    Side = "found"
	SetAside Side = "set-aside"
)

// Difference counts the items that are not the same on both sides.
type Difference struct {
	// Missing items are wanted and there is none with their key, Different ones have other values, Unexpected ones are there
	// and nobody wants them.
	Missing, Different, Unexpected int64
}

// Comparison is the digests of the sides, in a folder of its own.
type Comparison struct {
	directory string
	key       []item.KeyAttribute
	secret    []byte
	lock      *flock.Flock // Of a process that lives.
}

// buckets is how many files there are for each side. A thousand million items make buckets of 200 MB.
const buckets = 128

// record is the digests of one item: 128 bits of its key, 64 of its values.
type record [keyBytes + 8]byte

const keyBytes = 16

// New makes the folder, in place of one that was left there. Items are the same that have the same key; without a key, those
// that have the same values: then no item is ever Different.
func New(directory string, key []item.KeyAttribute) (*Comparison, error) {
	if err := os.RemoveAll(directory); err != nil {
		return nil, err
	}
	if err := os.Mkdir(directory, 0o700); err != nil {
		return nil, err
	}
	c := &Comparison{directory: directory, key: key, secret: make([]byte, 32), lock: flock.New(filepath.Join(directory, lockName))}
	if locked, err := c.lock.TryLock(); err != nil || !locked {
		return nil, errors.Join(err, c.Close())
	}
	_, err := rand.Read(c.secret)
	return c, err
}

// lockName is the file in a folder that is locked as long as its process lives.
const lockName = "lock"

// Sweep removes the folders of that pattern, as of filepath.Glob, that processes have left which were killed. One whose lock is held, or that
// has none, is not touched.
func Sweep(pattern string) {
	left, err := filepath.Glob(filepath.Join(pattern, lockName))
	if err != nil {
		return
	}
	for _, path := range left {
		lock := flock.New(path, flock.SetFlag(os.O_RDWR))
		locked, err := lock.TryLock()
		closed := lock.Close() // Windows removes no file that is open. Each folder is one run's: nobody takes its lock again.
		if locked && err == nil && closed == nil {
			_ = os.RemoveAll(filepath.Dir(path)) // What stays is for a later run.
		}
	}
}

// Close removes the folder.
func (c *Comparison) Close() error { return errors.Join(c.lock.Close(), os.RemoveAll(c.directory)) }

func (c *Comparison) path(side Side, bucket int) string {
	return filepath.Join(c.directory, fmt.Sprintf("%s-%03d", side, bucket))
}

// Difference compares what has been wanted with what has been found, once the sinks of both are closed.
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

// load reads a bucket and sorts it. A side without a sink has none.
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

// add compares one bucket of each side, sorted.
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

// cut returns the records with that key, and those behind them. Records of lower keys are passed over.
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

// addKey compares the records of one key. There is more than one on a side if two items were to be written under one key,
// or, without a key, if an item is there twice.
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
