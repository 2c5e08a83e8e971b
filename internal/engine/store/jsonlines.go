// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// jsonLines reads a file with one item on each line.
type jsonLines struct {
	path string
	info os.FileInfo
	file *os.File

	mu    sync.Mutex
	lines *lines
}

// OpenJSONLines opens a file that holds one item a line, plain JSON or DynamoDB JSON (with or without {"Item": around
// it, as in the exports of AWS and in files of refused items), plain or compressed with gzip or zstd; both are told by
// the content. Judge reports whether the items fit a table.
//
// The first item decides for all whether they are DynamoDB JSON, where every attribute is an object that names its
// type. What is nearly that is not taken for plain JSON (see notPlain), for which the key helps that the items are to
// have, nil if they need none.
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
	lines, err := newLines(context.Background(), path, file, key, maxWindow)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &jsonLines{path: path, info: info, file: file, lines: lines}, nil
}

// Definition has the file's size and time besides its name: with another content it is another source.
func (s *jsonLines) Definition() []byte {
	return fmt.Append(nil, s.path, " ", s.info.Size(), " ", s.info.ModTime().UnixNano())
}

// Read fills a page with the lines after the line number in after. A file has one segment.
func (s *jsonLines) Read(ctx context.Context, _ Segment, after []byte, page *Page) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if after != nil {
		start, err := strconv.Atoi(string(after))
		if err != nil {
			return fmt.Errorf("position in %s: %w", s.path, err)
		}
		if err := s.lines.skip(ctx, start); err != nil {
			return err
		}
	}
	more, err := s.lines.fill(ctx, page)
	if more {
		page.Next = strconv.AppendInt(nil, int64(s.lines.line), 10)
	}
	return err
}

// Close closes the file.
func (s *jsonLines) Close() error { return s.file.Close() }
