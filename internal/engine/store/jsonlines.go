// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"

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

// ErrLineTooLong is the error for a line that no item needs.
var ErrLineTooLong = errors.New("the line is longer than 8 MiB; one item stands on one line")

// jsonLines reads a file with one item on each line.
type jsonLines struct {
	path string
	key  []item.KeyAttribute
	info os.FileInfo

	mu      sync.Mutex
	file    *os.File
	scanner *bufio.Scanner
	line    int
	convert func(dst, line []byte) ([]byte, error) // By the form of the first line; nil before it.
}

// OpenJSONLines opens a file that holds one item a line, plain JSON or DynamoDB JSON (with or without {"Item": around it,
// as in the exports of AWS and in files of refused items), plain or compressed with gzip or zstd; both are told by the content. Each item is checked, and
// that it has the attributes of key where key is given.
//
// The first line decides for all whether they are DynamoDB JSON: there, every attribute is an object that names its type,
// and a key attribute of a plain item never is an object.
func OpenJSONLines(path string, key []item.KeyAttribute) (Source, error) {
	return openJSONLines(path, key)
}

func openJSONLines(path string, key []item.KeyAttribute) (*jsonLines, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	plain, err := decompress(file)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	scanner := bufio.NewScanner(plain)
	scanner.Buffer(make([]byte, 64<<10), maxLine)
	return &jsonLines{path: path, key: key, info: info, file: file, scanner: scanner}, nil
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

// Definition has the file's size and time besides its name: with another content it is another source.
func (s *jsonLines) Definition() []byte {
	return fmt.Append(nil, s.path, " ", s.info.Size(), " ", s.info.ModTime().UnixNano())
}

// Read fills a page with the lines behind the line number that after holds. A file is read in one part.
func (s *jsonLines) Read(_ context.Context, _ Part, after []byte, page *Page) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	page.begin()
	page.memory = page.memory[:0]
	start := 0
	if after != nil {
		var err error
		if start, err = strconv.Atoi(string(after)); err != nil {
			return fmt.Errorf("position in %s: %w", s.path, err)
		}
	}
	for s.line < start && s.scan() {
	}
	var ends []int
	for len(page.memory) < filePage {
		if !s.scan() {
			page.Items = cut(page.Items, page.memory, ends)
			return s.end()
		}
		memory, err := s.item(page.memory)
		if err != nil {
			return &LineError{s.path, s.line, err}
		}
		if len(memory) > len(page.memory) {
			page.memory = memory
			ends = append(ends, len(memory))
			page.lines = append(page.lines, s.line)
		}
	}
	page.Items = cut(page.Items, page.memory, ends)
	page.Next = strconv.AppendInt(nil, int64(s.line), 10)
	return nil
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

func (s *jsonLines) scan() bool {
	if !s.scanner.Scan() {
		return false
	}
	s.line++
	return true
}

// end says whether the file ended well.
func (s *jsonLines) end() error {
	err := s.scanner.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = ErrLineTooLong
	}
	if err != nil {
		return &LineError{s.path, s.line + 1, err}
	}
	return nil
}

// Close closes the file.
func (s *jsonLines) Close() error { return s.file.Close() }

// item appends the current line's item to dst; nothing for a blank line.
func (s *jsonLines) item(dst []byte) ([]byte, error) {
	line := bytes.TrimSpace(s.scanner.Bytes())
	if len(line) == 0 {
		return dst, nil
	}
	if s.convert == nil {
		s.convert = item.FromPlain
		if _, err := fromDynamoDB(nil, line); err == nil {
			s.convert = fromDynamoDB
		}
	}
	whole, err := s.convert(dst, line)
	if err != nil {
		return nil, err
	}
	raw := whole[len(dst):]
	if err := item.Check(raw); err != nil {
		return nil, err
	}
	if s.key != nil {
		if _, err := item.Identity(nil, raw, s.key); err != nil {
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
		case `"Error"`: // Of a file of refused items.
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
