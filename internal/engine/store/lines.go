// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

const (
	// maxLine is the longest line read. An item has at most 400 KB ("Quotas in Amazon DynamoDB"), but as JSON with
	// base64, escapes and a type for every value it is up to several times as long.
	maxLine = 8 << 20
	// filePage is how many bytes of items make a page of a file: as much as DynamoDB puts into one.
	filePage = 1 << 20
)

// LineError is what is wrong with one line of a file.
type LineError struct {
	File string
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("%s, line %d: %v", e.File, e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// Errors of lines.
var (
	// ErrLineTooLong is the error for a line that no item needs.
	ErrLineTooLong = errors.New("the line is longer than 8 MiB; one item stands on one line")
	// ErrNotText is the error for a string that no JSON may hold.
	ErrNotText = errors.New("a string has an escape that JSON does not know, a control character, or bytes that are not UTF-8")
)

// lines reads the items of a text that has one on each line, plain or compressed.
type lines struct {
	name    string // What errors call the text.
	key     []item.KeyAttribute
	scanner *bufio.Scanner
	text    []byte // The current line.
	line    int
	items   int                                    // Lines so far that are not blank.
	convert func(dst, line []byte) ([]byte, error) // By the form of the first line; nil before it.
}

// newLines reads the beginning of the text. Items are checked, and that they have the attributes of key where it is given.
func newLines(name string, text io.Reader, key []item.KeyAttribute) (*lines, error) {
	plain, err := decompress(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	scanner := bufio.NewScanner(plain)
	scanner.Buffer(make([]byte, 64<<10), maxLine)
	return &lines{name: name, key: key, scanner: scanner}, nil
}

// decompress looks at the first bytes to see how the content is compressed.
func decompress(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	head, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzip.NewReader(buffered)
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		decoder, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return decoder.IOReadCloser(), nil
	}
	return buffered, nil
}

// skip goes on behind the line of that number.
func (l *lines) skip(to int) {
	for l.line < to && l.scan() {
	}
}

// fill puts as many items into the page as make one, and returns false at the end of the text.
func (l *lines) fill(page *Page) (more bool, err error) {
	page.begin()
	page.memory, page.text = page.memory[:0], l.name
	var ends []int
	for len(page.memory) < filePage {
		if !l.scan() {
			page.Items = cut(page.Items, page.memory, ends)
			return false, l.end()
		}
		memory, err := l.item(page.memory)
		if err != nil {
			return false, &LineError{l.name, l.line, err}
		}
		if len(memory) > len(page.memory) {
			page.memory = memory
			ends = append(ends, len(memory))
			page.lines = append(page.lines, l.line)
		}
	}
	page.Items = cut(page.Items, page.memory, ends)
	return true, nil
}

// cut appends the items that stand in memory one after the other, once that no longer moves.
func cut(items [][]byte, memory []byte, ends []int) [][]byte {
	start := 0
	for _, end := range ends {
		items = append(items, memory[start:end])
		start = end
	}
	return items
}

// scan goes to the next line. What stands before a place where the text cannot be read is no line.
func (l *lines) scan() bool {
	if !l.scanner.Scan() || l.scanner.Err() != nil {
		return false
	}
	l.line++
	if l.text = bytes.TrimSpace(l.scanner.Bytes()); len(l.text) > 0 {
		l.items++
	}
	return true
}

// end says whether the text ended well.
func (l *lines) end() error {
	err := l.scanner.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = ErrLineTooLong
	}
	if err != nil {
		return &LineError{l.name, l.line + 1, err}
	}
	return nil
}

// item appends the current line's item to dst; nothing for a blank line.
func (l *lines) item(dst []byte) ([]byte, error) {
	if len(l.text) == 0 {
		return dst, nil
	}
	if l.convert == nil {
		l.convert = item.FromPlain
		if _, err := fromDynamoDB(nil, l.text); err == nil {
			l.convert = fromDynamoDB
		}
	}
	whole, err := l.convert(dst, l.text)
	if err != nil {
		return nil, err
	}
	raw := whole[len(dst):]
	if err := item.Check(raw); err != nil {
		return nil, err
	}
	if !utf8.Valid(l.text) || !json.Valid(l.text) {
		return nil, ErrNotText // What is inside strings is not looked at before.
	}
	if l.key != nil {
		if _, err := item.Identity(nil, raw, l.key); err != nil {
			return nil, err
		}
	}
	return whole, nil
}

// fromDynamoDB appends the item of a line of DynamoDB JSON, taken out of {"Item": ...} if it stands in one.
func fromDynamoDB(dst, line []byte) ([]byte, error) {
	var inner []byte
	others := 0
	err := item.Members(line, func(name, value []byte) error {
		switch string(name) {
		case `"Item"`:
			inner = value
		case `"Step"`, `"Error"`: // Of a file of refused items.
		default:
			others++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if others == 0 && inner != nil {
		if _, err := item.End(inner, 0); err == nil {
			return append(dst, inner...), nil
		}
	}
	if _, err := item.End(line, 0); err != nil {
		return nil, err
	}
	return append(dst, line...), nil
}
