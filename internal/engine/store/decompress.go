// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory for looking back into what is decompressed at one time. The levels of zstd up to 19 need
// 8 MiB, and --long 128 MiB ("zstd" in its manual).
const (
	maxWindow   = 64 << 20
	leastWindow = 8 << 20
)

// windowOf returns each text's share of maxWindow if that many are read at once.
func windowOf(texts int) int { return max(leastWindow, maxWindow/max(1, texts)) }

// decompress recognizes the compression by the first bytes. The text may look back that far.
func decompress(r io.Reader, window int) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	head, err := buffered.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzip.NewReader(buffered)
	case isZstd(head):
		decoder, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(uint64(window)))
		if err != nil {
			return nil, err
		}
		return zstdReader{decoder, window}, nil
	}
	for magic, name := range otherFormats {
		if bytes.HasPrefix(head, []byte(magic)) {
			return nil, &FormError{Is: name, Do: "Decompress or convert it to JSON lines. Files may be compressed with gzip " +
				"or zstd."}
		}
	}
	return buffered, nil
}

const headBytes = 8

// isZstd reports whether the content begins with a frame of zstd, or with one to be skipped, as that of pzstd does (RFC
// 8878, "Frames").
func isZstd(head []byte) bool {
	skippable := len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
	return skippable || bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd})
}

// otherFormats are unambiguous file formats, by their first bytes.
var otherFormats = map[string]string{
	"BZh":                  "compressed with bzip2",
	"\xfd7zXZ\x00":         "compressed with xz",
	"PK\x03\x04":           "a ZIP archive",
	"\x04\x22\x4d\x18":     "compressed with lz4",
	"\xff\x06\x00\x00sNaP": "compressed with Snappy",
	"7z\xbc\xaf\x27\x1c":   "a 7-Zip archive",
	"PAR1":                 "an Apache Parquet file",
	"\xe0\x01\x00\xea":     "Amazon Ion in its binary form",
	"$ion_1_0":             "Amazon Ion",
}

// zstdReader explains why a text cannot be decompressed.
type zstdReader struct {
	*zstd.Decoder
	window int
}

func (r zstdReader) Read(p []byte) (int, error) {
	n, err := r.Decoder.Read(p)
	if errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		err = &FormError{
			Is: fmt.Sprintf("compressed with zstd so that decompressing it takes more than %d MiB of memory", r.window>>20),
			Do: "Compress it with zstd's levels up to 19, and without --long.",
		}
	}
	return n, err
}
