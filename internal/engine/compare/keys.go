// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package compare

import (
	"bufio"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"sync"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

const (
	// heldKeys is how many keys are kept in memory, at 24 bytes each. More keys are sorted and moved to a file
	// as one part, which takes another 16 KB of memory in the end: a billion keys take 24 GB of disk and 40 MB
	// of memory.
	heldKeys  = 1 << 20
	partBytes = 16 << 10
	// lineBits is the number of bits in a place that hold the line number. The other bits hold the number of
	// the text.
	lineBits = 40
)

// Keys finds items with the same key among any number of items, in bounded memory. For each item it keeps a
// digest of the key and the place of the item. The digests are keyed with a secret that is created for each
// Keys and never leaves the process. Its methods are safe for concurrent use.
type Keys struct {
	directory string
	key       []item.KeyAttribute
	secret    []byte

	mu    sync.Mutex
	held  []keyed
	texts []string
	text  map[string]uint64 // The number of each text, counted from 1.
	file  *os.File          // Nil until more keys are added than are held.
	parts []int64           // The number of keys in each part of the file.
	count int64
	most  int64 // The maximum number of keys.
	hold  int   // How many keys are held in memory.
}

// keyed is the 128-bit digest of an item's key, and the place of the item.
type keyed struct{ high, low, place uint64 }

const keyedBytes = 24

func (k keyed) compare(other keyed) int {
	return cmp.Or(cmp.Compare(k.high, other.high), cmp.Compare(k.low, other.low), cmp.Compare(k.place, other.place))
}

func (k keyed) same(other keyed) bool { return k.high == other.high && k.low == other.low }

// ErrTooManyKeys is the error for more keys than Keys may compare.
var ErrTooManyKeys = errors.New("there are more keys than can be compared")

// NewKeys returns a Keys that compares items by that key. For more than 1,048,576 keys it creates a file in the
// directory, with 24 bytes for each key. Where the operating system deletes open files, nothing of it is left
// when the process ends.
func NewKeys(directory string, key []item.KeyAttribute) (*Keys, error) {
	k := &Keys{
		directory: directory,
		key:       key,
		secret:    make([]byte, sha256.Size),
		text:      map[string]uint64{},
		most:      math.MaxInt64,
		hold:      heldKeys,
	}
	_, err := rand.Read(k.secret)
	return k, err
}

// AtMost makes Add return ErrTooManyKeys once there are more keys than that.
func (k *Keys) AtMost(keys int64) { k.most = keys }

// Add adds the keys of the page's items.
func (k *Keys) Add(page *store.Page) error {
	added := make([]keyed, 0, len(page.Items))
	buffer := make([]byte, 0, 256)
	for _, raw := range page.Items {
		var err error
		if buffer, err = item.Identity(append(buffer[:0], k.secret...), raw, k.key); err != nil {
			return err
		}
		sum := sha256.Sum256(buffer)
		added = append(added, keyed{high: binary.BigEndian.Uint64(sum[:8]), low: binary.BigEndian.Uint64(sum[8:16])})
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range added {
		added[i].place = k.placeOf(page.Place(i))
	}
	k.held = append(k.held, added...)
	if k.count += int64(len(added)); k.count > k.most {
		return ErrTooManyKeys
	}
	if len(k.held) < k.hold {
		return nil
	}
	return k.spill()
}

// placeOf returns the place as a number. It is 0 for an item of a table.
func (k *Keys) placeOf(place store.Place) uint64 {
	if place.Line == 0 {
		return 0
	}
	number, ok := k.text[place.Text]
	if !ok {
		k.texts = append(k.texts, place.Text)
		number = uint64(len(k.texts))
		k.text[place.Text] = number
	}
	return number<<lineBits | uint64(place.Line)
}

// place returns the place that the number stands for.
func (k *Keys) place(number uint64) store.Place {
	if number == 0 {
		return store.Place{}
	}
	return store.Place{Text: k.texts[number>>lineBits-1], Line: int(number & (1<<lineBits - 1))}
}

// spill sorts the keys in memory and appends them to the file.
func (k *Keys) spill() error {
	if k.file == nil {
		if err := os.MkdirAll(k.directory, 0o700); err != nil {
			return err
		}
		file, err := os.CreateTemp(k.directory, ".keys-*")
		if err != nil {
			return err
		}
		k.file = file
		// The file exists until it is closed. Windows does not remove open files: there, Close removes it.
		_ = os.Remove(file.Name())
	}
	slices.SortFunc(k.held, keyed.compare)
	out := bufio.NewWriterSize(k.file, 1<<20)
	var record [keyedBytes]byte
	for _, one := range k.held {
		binary.BigEndian.PutUint64(record[:], one.high)
		binary.BigEndian.PutUint64(record[8:], one.low)
		binary.BigEndian.PutUint64(record[16:], one.place)
		if _, err := out.Write(record[:]); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	k.parts = append(k.parts, int64(len(k.held)))
	k.held = k.held[:0]
	return nil
}

// SameKeyError is the error for items that have the key of another item.
type SameKeyError struct {
	// Items is the number of items in excess of one for each key.
	Items int64
	// First and Second are the places of two items with the same key. Of all repetitions, Second comes first in
	// the order of texts and lines.
	First, Second store.Place
}

func (e *SameKeyError) Error() string {
	if e.Second.Line == 0 {
		return fmt.Sprintf("%d items have the key of another item", e.Items)
	}
	return fmt.Sprintf("%s holds an item with the key of the one in %s", e.Second, e.First)
}

// Unwrap returns store.ErrSameKey.
func (e *SameKeyError) Unwrap() error { return store.ErrSameKey }

// Check returns a *SameKeyError if two of the added items have the same key.
func (k *Keys) Check() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	slices.SortFunc(k.held, keyed.compare)
	next, err := k.merged()
	if err != nil {
		return err
	}
	var found *SameKeyError
	var first keyed // The item that comes before all others with its key.
	for count := int64(0); ; count++ {
		one, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if count == 0 || !one.same(first) {
			first = one
			continue
		}
		before, place := k.place(first.place), k.place(one.place)
		if order(place, before) < 0 {
			first, before, place = one, place, before
		}
		if found == nil {
			found = &SameKeyError{First: before, Second: place}
		}
		found.Items++
		if order(place, found.Second) < 0 {
			found.First, found.Second = before, place
		}
	}
	if found == nil {
		return nil
	}
	return found
}

// order compares two places: first the names of their texts, as S3 lists objects, then their lines.
func order(a, b store.Place) int {
	return cmp.Or(cmp.Compare(a.Text, b.Text), cmp.Compare(a.Line, b.Line))
}

// merged returns a function that returns the keys of the file and those in memory in sorted order, and then
// io.EOF.
func (k *Keys) merged() (func() (keyed, error), error) {
	held := k.held
	fromMemory := func() (keyed, error) {
		if len(held) == 0 {
			return keyed{}, io.EOF
		}
		one := held[0]
		held = held[1:]
		return one, nil
	}
	all := []func() (keyed, error){fromMemory}
	offset := int64(0)
	for _, count := range k.parts {
		length := count * keyedBytes
		part := io.NewSectionReader(k.file, offset, length)
		all = append(all, fromFile(bufio.NewReaderSize(part, partBytes)))
		offset += length
	}
	return merge(all)
}

func fromFile(part *bufio.Reader) func() (keyed, error) {
	var record [keyedBytes]byte
	return func() (keyed, error) {
		if _, err := io.ReadFull(part, record[:]); err != nil {
			return keyed{}, err
		}
		return keyed{
			high:  binary.BigEndian.Uint64(record[:]),
			low:   binary.BigEndian.Uint64(record[8:]),
			place: binary.BigEndian.Uint64(record[16:]),
		}, nil
	}
}

// Close removes the file.
func (k *Keys) Close() error {
	if k.file == nil {
		return nil
	}
	err := k.file.Close()
	if removal := os.Remove(k.file.Name()); !errors.Is(removal, os.ErrNotExist) {
		err = errors.Join(err, removal)
	}
	return err
}
