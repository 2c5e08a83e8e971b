// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package item handles one DynamoDB item in the form in which it is transmitted: the bytes of DynamoDB JSON.
//
// An item is {"name":{"S":"text"},"n":{"N":"1"}}: an object whose members are attribute values, each an object
// of one member that names the type. Items are found, compared and passed on in that form, and decoded only
// where necessary. So numbers keep their 38 digits, sets and binary values are never re-encoded, and a copy
// that changes nothing costs little more than finding where each item ends.
package item

import (
	"bytes"
	"fmt"
)

// MaxDepth is how many nested maps and lists are followed before an item is refused. DynamoDB allows 32
// ("Quotas in Amazon DynamoDB"). The margin leaves the decision to DynamoDB.
const MaxDepth = 64

// SyntaxError tells where bytes stop being DynamoDB JSON. It never quotes them.
type SyntaxError struct {
	// Offset is the number of bytes before the error.
	Offset int
	// Want is what was expected there.
	Want string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not DynamoDB JSON at byte %d: expected %s", e.Offset, e.Want)
}

func expected(offset int, want string) (int, error) {
	return 0, &SyntaxError{Offset: offset, Want: want}
}

// End returns the index just after the item that begins at b[start]. It checks that the item is an object of
// attribute values of known types. The contents of strings are not checked.
func End(b []byte, start int) (int, error) {
	return object(b, start, MaxDepth, attribute)
}

// attribute walks one attribute value, {"S":"text"}.
func attribute(b, _ []byte, i, depth int) (int, error) {
	kind, i, err := Type(b, i)
	if err != nil {
		return 0, err
	}
	switch kind {
	case S, N, B:
		i, err = text(b, i)
	case SS, NS, BS:
		i, err = array(b, i, depth, member)
	case BOOL, NULL:
		i, err = boolean(b, i)
	case M, L:
		if depth == 0 {
			return expected(i, fmt.Sprintf("at most %d levels of nesting", MaxDepth))
		}
		if kind == M {
			i, err = object(b, i, depth-1, attribute)
		} else {
			i, err = array(b, i, depth-1, attribute)
		}
	}
	if err != nil {
		return 0, err
	}
	return closing(b, i)
}

// closing returns the index after the brace that ends an attribute value, at or after b[i].
func closing(b []byte, i int) (int, error) {
	i = space(b, i)
	if i >= len(b) || b[i] != '}' {
		return expected(i, "} after the attribute's one type")
	}
	return i + 1, nil
}

// Kind is the type of an attribute value, named by DynamoDB's letters.
type Kind string

// The types of attribute values ("Data types" in the Amazon DynamoDB Developer Guide).
const (
	S    Kind = "S"
	N    Kind = "N"
	B    Kind = "B"
	BOOL Kind = "BOOL"
	NULL Kind = "NULL"
	M    Kind = "M"
	L    Kind = "L"
	SS   Kind = "SS"
	NS   Kind = "NS"
	BS   Kind = "BS"
)

var kinds = map[string]Kind{
	"S": S, "N": N, "B": B, "BOOL": BOOL, "NULL": NULL, "M": M, "L": L, "SS": SS, "NS": NS, "BS": BS,
}

// Type reads the beginning of the attribute value at b[i], {"S": and returns the type and the index of what
// follows.
func Type(b []byte, i int) (kind Kind, next int, err error) {
	// Nearly every value has a type of one letter and no space before its content, as DynamoDB writes it.
	if i+5 < len(b) && b[i] == '{' && b[i+1] == '"' && b[i+3] == '"' && b[i+4] == ':' && b[i+5] > ' ' {
		switch b[i+2] {
		case 'S':
			return S, i + 5, nil
		case 'N':
			return N, i + 5, nil
		case 'M':
			return M, i + 5, nil
		case 'L':
			return L, i + 5, nil
		case 'B':
			return B, i + 5, nil
		}
	}
	if i >= len(b) || b[i] != '{' {
		_, err = expected(i, "an attribute value such as {\"S\": ...}")
		return "", 0, err
	}
	start := space(b, i+1)
	end, err := text(b, start)
	if err != nil {
		return "", 0, err
	}
	name, err := unquote(b[start:end])
	kind, ok := kinds[string(name)]
	if err != nil || !ok {
		_, err = expected(start, "one of the types S N B BOOL NULL M L SS NS BS")
		return "", 0, err
	}
	next, err = colon(b, end)
	return kind, next, err
}

// member walks one member of a set, which is a string.
func member(b, _ []byte, i, _ int) (int, error) { return text(b, i) }

func boolean(b []byte, i int) (int, error) {
	switch {
	case bytes.HasPrefix(b[i:], []byte("true")):
		return i + 4, nil
	case bytes.HasPrefix(b[i:], []byte("false")):
		return i + 5, nil
	}
	return expected(i, "true or false")
}

// Items calls yield with each item of the JSON array at the beginning of b, after checking it as End does. It
// returns the length of the array.
func Items(b []byte, yield func(item []byte)) (int, error) {
	return array(b, 0, 0, func(b, _ []byte, i, _ int) (int, error) {
		end, err := End(b, i)
		if err != nil {
			return 0, err
		}
		yield(b[i:end])
		return end, nil
	})
}

// IsKind reports whether the name is a type of attribute values.
func IsKind(name string) bool { _, ok := kinds[name]; return ok }
