// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Content splits an attribute value, such as {"S":"text"}, into its type and its content: "text". The value
// must be one that End has walked.
func Content(value []byte) (Kind, []byte, error) {
	kind, start, err := Type(value, 0)
	if err != nil {
		return "", nil, err
	}
	end := bytes.LastIndexByte(value, '}')
	if end < start {
		_, err = expected(len(value), "} after the attribute's one type")
		return "", nil, err
	}
	return kind, bytes.TrimRight(value[start:end], " \t\r\n"), nil
}

// Unquote returns the contents of a JSON string that is still in its quotes. If the string has no escape, the
// result is a part of quoted, not a copy.
func Unquote(quoted []byte) ([]byte, error) { return unquote(quoted) }

// AppendText appends s as a JSON string.
func AppendText(dst []byte, s string) []byte {
	if isPlain(s) {
		dst = append(append(dst, '"'), s...)
		return append(dst, '"')
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err) // Every string has a JSON form.
	}
	return append(dst, quoted...)
}

// isPlain reports whether s has the same bytes within quotes. Characters outside ASCII, and those that package
// json escapes for HTML, are left to that package, so that the same text is always written the same way.
func isPlain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c >= utf8.RuneSelf, c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}
