// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Content splits an attribute value, such as {"S":"text"}, into its type and what stands beside it: "text". The value has to
// be one that End has walked.
func Content(value []byte) (Kind, []byte, error) {
	kind, start, err := Type(value, 0)
	if err != nil {
		return "", nil, err
	}
	end := bytes.LastIndexByte(value, '}')
	if end < start {
		_, err = expected(len(value), "} behind the attribute's one type")
		return "", nil, err
	}
	return kind, bytes.TrimRight(value[start:end], " \t\r\n"), nil
}

// Unquote returns the contents of a JSON string, still in its quotes. Without an escape in it that is a part of quoted, not a
// copy.
func Unquote(quoted []byte) ([]byte, error) { return unquote(quoted) }

// AppendText appends s as a JSON string.
func AppendText(dst []byte, s string) []byte {
	if isPlain(s) {
		dst = append(append(dst, '"'), s...)
		return append(dst, '"')
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err) // A string has always a JSON form.
	}
	return append(dst, quoted...)
}

// isPlain says whether s has the same bytes within quotes. What is not ASCII is left to the JSON package, as is what it
// escapes for HTML: the same text is always written the same way.
func isPlain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c >= utf8.RuneSelf, c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}
