// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// jsonLinesSink writes items to a file, one a line as {"Item":{...}}, the form of the exports of AWS, which ImportTable
// reads. The file appears under its name when it is complete.
type jsonLinesSink struct {
	path string

	mu     sync.Mutex
	file   *os.File
	lock   *flock.Flock // On the file; nil for none.
	writer io.WriteCloser
	line   []byte
}

// CreateJSONLines returns a sink that creates or replaces the file when it is closed. A name that ends in .gz or .zst
// compresses it. Only its owner may read it, since it holds the table's items.
func CreateJSONLines(path string) (Sink, error) {
	file, lock, err := createBeside(path)
	if err != nil {
		return nil, err
	}
	s := &jsonLinesSink{path: path, file: file, lock: lock}
	if s.writer, err = compress(file, path); err != nil {
		return nil, errors.Join(err, s.Close(false))
	}
	return s, nil
}

func compress(file io.Writer, path string) (io.WriteCloser, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".gz":
		return gzip.NewWriter(file), nil
	case ".zst":
		return zstd.NewWriter(file, zstd.WithEncoderConcurrency(1))
	}
	return flusher{bufio.NewWriterSize(file, 1<<20)}, nil
}

// flusher is a bufio.Writer that is flushed by Close, as compressors are.
type flusher struct{ *bufio.Writer }

func (f flusher) Close() error { return f.Flush() }

// appendExported appends the item as a line of an export of AWS.
func appendExported(dst, raw []byte) []byte {
	return append(append(append(dst, `{"Item":`...), raw...), "}\n"...)
}

func (s *jsonLinesSink) Limits() (items, bytes int) { return 1000, 1 << 20 }

func (s *jsonLinesSink) Write(_ context.Context, items [][]byte, outcomes []Outcome) (Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, raw := range items {
		s.line = appendExported(s.line[:0], raw)
		if _, err := s.writer.Write(s.line); err != nil {
			return Receipt{}, err
		}
		outcomes[i] = Written
	}
	return Receipt{}, nil
}

// Close gives the file its name, or removes it if keep is false.
func (s *jsonLinesSink) Close(keep bool) (err error) {
	if s.lock != nil {
		defer func() { err = errors.Join(err, s.lock.Close()) }()
	}
	if !keep {
		return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
	}
	err = errors.Join(s.writer.Close(), s.file.Sync(), s.file.Close())
	if err == nil {
		err = os.Rename(s.file.Name(), s.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(s.file.Name()))
	}
	return nil
}
