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
	// heldKeys is how many keys are kept in memory, of 24 bytes each. More go to a file, sorted, where a part of it takes
	// another 16 KB of memory in the end: a thousand million keys take 24 GB of disk and 40 MB of memory.
	heldKeys  = 1 << 20
	partBytes = 16 << 10
	// lineBits is how much of a place is the number of a line; the rest is that of its text.
	lineBits = 40
)

// Keys finds items that have one key among any number of items, in bounded memory. Of each item a digest of its key is kept, and where it
// stands. The digests are keyed with a secret that is made anew each time and never leaves the process. Its methods are safe for concurrent use.
type Keys struct {
	directory string
	key       []item.KeyAttribute
	secret    []byte

	mu    sync.Mutex
	held  []keyed
	texts []string
	text  map[string]uint64 // The number of each text, from 1.
	file  *os.File          // Nil until more keys come than are held.
	parts []int64           // How many keys each part of the file has.
	count int64
	most  int64 // As many keys are compared.
	hold  int   // As many keys are held.
}

// keyed is the digest of an item's key, of 128 bits, and where the item stands.
type keyed struct{ high, low, place uint64 }

const keyedBytes = 24

func (k keyed) compare(other keyed) int {
	return cmp.Or(cmp.Compare(k.high, other.high), cmp.Compare(k.low, other.low), cmp.Compare(k.place, other.place))
}

func (k keyed) same(other keyed) bool { return k.high == other.high && k.low == other.low }

// ErrTooManyKeys says that more keys were to be compared than there is room for.
var ErrTooManyKeys = errors.New("there are more keys than can be compared")

// NewKeys returns what compares items by that key. A file is made in the directory for more keys than 1,048,576, of 24 bytes each; nothing
// of it is left there when the process ends, where the operating system lets go of a file that is open.
func NewKeys(directory string, key []item.KeyAttribute) (*Keys, error) {
	k := &Keys{directory: directory, key: key, secret: make([]byte, sha256.Size), text: map[string]uint64{}, most: math.MaxInt64, hold: heldKeys}
	_, err := rand.Read(k.secret)
	return k, err
}

// AtMost has Add return ErrTooManyKeys once there are more keys than that.
func (k *Keys) AtMost(keys int64) { k.most = keys }

// Add enters the items of the page.
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

// placeOf is the place as a number, 0 for that of an item of a table.
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

func (k *Keys) place(number uint64) store.Place {
	if number == 0 {
		return store.Place{}
	}
	return store.Place{Text: k.texts[number>>lineBits-1], Line: int(number & (1<<lineBits - 1))}
}

// spill appends the keys that are held to the file, sorted.
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
		_ = os.Remove(file.Name()) // It stays until it is closed. Windows removes no file that is open: Close does it there.
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

// SameKeyError says that items have the key of another one.
type SameKeyError struct {
	// Items is how many are one too many.
	Items int64
	// First and Second are where two items of one key stand. Second is the least of all such places in its text.
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

// Check returns a *SameKeyError if two of the items that were added have one key.
func (k *Keys) Check() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	slices.SortFunc(k.held, keyed.compare)
	next, err := k.merged()
	if err != nil {
		return err
	}
	var found *SameKeyError
	var first keyed // Of those with its key, the one that stands before the others.
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

// order compares two places: texts by their names, as S3 lists objects.
func order(a, b store.Place) int {
	return cmp.Or(cmp.Compare(a.Text, b.Text), cmp.Compare(a.Line, b.Line))
}

// merged returns what gives the keys of the file and those that are held in one order, and io.EOF behind the last.
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
		all = append(all, fromFile(bufio.NewReaderSize(io.NewSectionReader(k.file, offset, length), partBytes)))
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
		return keyed{binary.BigEndian.Uint64(record[:]), binary.BigEndian.Uint64(record[8:]), binary.BigEndian.Uint64(record[16:])}, nil
	}
}

// Close lets go of the file.
func (k *Keys) Close() error {
	if k.file == nil {
		return nil
	}
	err := k.file.Close()
	if gone := os.Remove(k.file.Name()); !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}
