// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package deadletters

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// File is the file of the items that were set aside, one a line as {"Item":{...},"Error":"..."}. A line with "Step"
// holds an item as it is at the source, which that step could not be done with; one without, an item behind the last
// step, which DynamoDB refused. A copy can read either as its source once the items are corrected, the first with the
// transform and the second without. It is safe for concurrent use.
type File struct {
	path string

	mu   sync.Mutex
	file *os.File
	// kept are the digests of the items that earlier attempts have set aside. What was in progress when one ended is met
	// again.
	kept map[[sha256.Size]byte]struct{}
}

func deadLettersPath(directory, run string) string {
	return filepath.Join(directory, "dead-letters-"+run+".jsonl")
}

// Open continues the file of a run that is resumed. One that reads from the beginning will meet the same items again.
func Open(directory, run string, resumed bool) (*File, error) {
	d := &File{path: deadLettersPath(directory, run), kept: map[[sha256.Size]byte]struct{}{}}
	resume := d.resume
	if !resumed {
		resume = func() error { return os.Remove(d.path) }
	}
	if err := resume(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return d, nil
}

// resume finds out which items the file holds, and cuts off a line whose writing was cut short. Its item is not
// settled, so that it is met again.
func (d *File) resume() error {
	var size int64
	err := eachLetter(d.path, func(letter letter, length int) error {
		size += int64(length)
		d.kept[sha256.Sum256(letter.Item)] = struct{}{}
		return nil
	})
	if err != nil {
		return err
	}
	return os.Truncate(d.path, size)
}

// Add writes the item and why it was set aside, unless an earlier attempt has. The file is made for the first one, for
// its owner alone.
func (d *File) Add(item []byte, refusal error) error {
	step := stepOf(refusal)
	if step != "" {
		text, err := json.Marshal(step)
		if err != nil {
			return err
		}
		step = `,"Step":` + string(text)
	}
	reason, err := json.Marshal(refusal.Error())
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.kept[sha256.Sum256(item)]; ok {
		return nil
	}
	if d.file == nil {
		if d.file, err = os.OpenFile(d.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(d.file, "{\"Item\":%s%s,\"Error\":%s}\n", item, step, reason)
	return err
}

// stepOf is where an item was set aside: at a step of the transform, or before the first; empty if that was behind the
// last one.
func stepOf(refusal error) string {
	if unfit, ok := errors.AsType[*transform.Error](refusal); ok {
		return unfit.Attribute
	}
	if _, ok := errors.AsType[*store.UnfitError](refusal); ok {
		return "source"
	}
	return ""
}

// Close brings the file to the disk.
func (d *File) Close() error {
	if d.file == nil {
		return nil
	}
	return errors.Join(d.file.Sync(), d.file.Close())
}

// Written returns the path of the file, empty if no attempt of the run has made one.
func (d *File) Written() string {
	if _, err := os.Stat(d.path); err != nil {
		return ""
	}
	return d.path
}

// Holds reports whether the folder has all of the items that the run counts as set aside. If not, it is another
// machine's, or the file was moved.
func Holds(directory, run string, items int64) bool {
	var there int64
	err := eachLetter(deadLettersPath(directory, run), func(letter, int) error { there++; return nil })
	return there >= items && (err == nil || errors.Is(err, fs.ErrNotExist))
}

// EachRefused calls do with each item of the file that DynamoDB refused, as it was to be written.
func EachRefused(path string, do func(item []byte) error) error {
	return eachLetter(path, func(letter letter, _ int) error {
		if letter.Step != "" {
			return nil
		}
		return do(letter.Item)
	})
}

// letter is a line of the file.
type letter struct {
	Item json.RawMessage
	Step string
}

// eachLetter calls do with each whole line of the file, and its length in bytes.
func eachLetter(path string, do func(letter letter, length int) error) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for lines := bufio.NewReader(file); ; {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		var letter letter
		if err == nil {
			err = json.Unmarshal(line, &letter)
		}
		if err == nil {
			err = do(letter, len(line))
		}
		if err != nil {
			return err
		}
	}
}
