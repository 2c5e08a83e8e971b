// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Errors of CheckText.
var (
	// ErrNotText is the error for a string that JSON does not allow.
	ErrNotText = errors.New("a string has an escape that JSON does not define, " +
		"a control character, or bytes that are not UTF-8")
	// ErrSurrogate is the error for half of a pair of escapes, which stands for no character.
	ErrSurrogate = errors.New(`a string has an escape such as \ud83d without the other half of its pair, ` +
		`which stands for no character`)
)

// TextError tells where a text stops being JSON.
type TextError struct {
	// Offset is the number of bytes before the error.
	Offset int
	// Ended reports whether the text ends before its value does.
	Ended bool
}

func (e *TextError) Error() string {
	if e.Ended {
		return "the JSON does not end in the line"
	}
	return fmt.Sprintf("not JSON at byte %d", e.Offset)
}

// CheckText returns an error unless b is one JSON value whose strings are UTF-8. The other functions of this
// package do not check the contents of strings, and decoding replaces invalid characters by U+FFFD, so that two
// names or two keys could become equal. The error never quotes the text.
func CheckText(b []byte) error {
	switch {
	case !json.Valid(b):
		return syntaxFault(b)
	case !utf8.Valid(b):
		return ErrNotText
	case loneSurrogate(b):
		return ErrSurrogate
	}
	return nil
}

// syntaxFault returns why b is not JSON.
func syntaxFault(b []byte) error {
	start := space(b, 0)
	if length, err := Skip(b[start:]); err == nil && space(b, start+length) != len(b) {
		return ErrNotAnObject
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(b, new(json.RawMessage)); !errors.As(err, &syntax) {
		return ErrNotText
	}
	at := int(syntax.Offset)
	for i := 0; i < at; i++ {
		if b[i] != '"' {
			continue
		}
		end, err := text(b, i)
		if err == nil && at < end {
			return ErrNotText
		}
		if err != nil {
			break
		}
		i = end - 1
	}
	return &TextError{Offset: at, Ended: at >= len(b)}
}

// loneSurrogate reports whether a string in the valid JSON b has one half of a surrogate pair without the
// other.
func loneSurrogate(b []byte) bool {
	for {
		i := bytes.IndexByte(b, '\\')
		if i < 0 {
			return false
		}
		unit, length := escaped(b[i:])
		b = b[i+length:]
		if !utf16.IsSurrogate(unit) {
			continue
		}
		second, length := escaped(b)
		if utf16.DecodeRune(unit, second) == utf8.RuneError {
			return true
		}
		b = b[length:]
	}
}

// escaped returns the UTF-16 unit of the escape that b begins with, 0 if it is not of the form \u0000, and its
// length.
func escaped(b []byte) (unit rune, length int) {
	const form = `\u0000`
	if len(b) < len(form) || b[0] != '\\' || b[1] != 'u' {
		return 0, min(len(b), len(`\n`))
	}
	n, err := strconv.ParseUint(string(b[2:len(form)]), 16, 16)
	if err != nil {
		return 0, len(form) // Not in valid JSON.
	}
	return rune(n), len(form)
}
