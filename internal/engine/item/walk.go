// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package item handles one DynamoDB item as the bytes in which it travels: DynamoDB JSON.
//
// An item is {"name":{"S":"text"},"n":{"N":"1"}}: an object whose members are attribute values, each an object of one
// member that names the type. Items are found, compared and passed on in that form. Nothing is decoded that nobody asks
// for, so numbers keep their 38 digits, sets and binaries are never written anew, and a copy that changes nothing costs
// little more than finding where an item ends.
package item

import (
	"bytes"
	"fmt"
)

// MaxDepth is the number of nested maps and lists followed before an item is refused. DynamoDB allows 32
// ("Quotas in Amazon DynamoDB"); the margin leaves the verdict to DynamoDB.
const MaxDepth = 64

// SyntaxError says where bytes stop being DynamoDB JSON. It never quotes them.
type SyntaxError struct {
	// Offset is the number of bytes before the fault.
	Offset int
	// Want is what should stand there.
	Want string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not DynamoDB JSON at byte %d: expected %s", e.Offset, e.Want)
}

func expected(offset int, want string) (int, error) {
	return 0, &SyntaxError{Offset: offset, Want: want}
}

// End returns the index just behind the item that starts at b[start], having checked that it is one: an object
// of attribute values of known types. Contents of strings are not looked at.
func End(b []byte, start int) (int, error) {
	return object(b, start, MaxDepth, attribute)
}

// visit reads the value at b[i], which the member called name of an object holds (nil in an array), and returns the
// index behind it. name still has its quotes.
type visit func(b, name []byte, i, depth int) (int, error)

// object walks {"name":value,...} and reads each value with value.
func object(b []byte, i, depth int, value visit) (int, error) {
	if i >= len(b) || b[i] != '{' {
		return expected(i, "{")
	}
	i = space(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		end, err := text(b, i)
		if err != nil {
			return 0, err
		}
		name := b[i:end]
		if i, err = colon(b, end); err != nil {
			return 0, err
		}
		if i, err = value(b, name, i, depth); err != nil {
			return 0, err
		}
		i = space(b, i)
		if i >= len(b) {
			return expected(i, "}")
		}
		switch b[i] {
		case ',':
			i = space(b, i+1)
		case '}':
			return i + 1, nil
		default:
			return expected(i, ", or }")
		}
	}
}

// array walks [value,...] and reads each value with value.
func array(b []byte, i, depth int, value visit) (int, error) {
	if i >= len(b) || b[i] != '[' {
		return expected(i, "[")
	}
	i = space(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1, nil
	}
	for {
		var err error
		if i, err = value(b, nil, i, depth); err != nil {
			return 0, err
		}
		i = space(b, i)
		if i >= len(b) {
			return expected(i, "]")
		}
		switch b[i] {
		case ',':
			i = space(b, i+1)
		case ']':
			return i + 1, nil
		default:
			return expected(i, ", or ]")
		}
	}
}

// attribute walks one attribute value, {"S":"text"}.
func attribute(b, _ []byte, i, depth int) (int, error) {
	kind, i, err := Type(b, i)
	if err != nil {
		return 0, err
	}
	switch kind {
	case "S", "N", "B":
		i, err = text(b, i)
	case "SS", "NS", "BS":
		i, err = array(b, i, depth, member)
	case "BOOL", "NULL":
		i, err = boolean(b, i)
	case "M", "L":
		if depth == 0 {
			return expected(i, fmt.Sprintf("at most %d levels of nesting", MaxDepth))
		}
		if kind == "M" {
			i, err = object(b, i, depth-1, attribute)
		} else {
			i, err = array(b, i, depth-1, attribute)
		}
	}
	if err != nil {
		return 0, err
	}
	i = space(b, i)
	if i >= len(b) || b[i] != '}' {
		return expected(i, "} behind the attribute's one type")
	}
	return i + 1, nil
}

// Type reads the head of the attribute value at b[i], {"S": and returns the type with the index of what follows it.
func Type(b []byte, i int) (kind string, next int, err error) {
	if i >= len(b) || b[i] != '{' {
		_, err = expected(i, "an attribute value such as {\"S\": ...}")
		return "", 0, err
	}
	start := space(b, i+1)
	end, err := text(b, start)
	if err != nil {
		return "", 0, err
	}
	switch string(b[start+1 : end-1]) {
	case "S":
		kind = "S"
	case "N":
		kind = "N"
	case "B":
		kind = "B"
	case "BOOL":
		kind = "BOOL"
	case "NULL":
		kind = "NULL"
	case "M":
		kind = "M"
	case "L":
		kind = "L"
	case "SS":
		kind = "SS"
	case "NS":
		kind = "NS"
	case "BS":
		kind = "BS"
	default:
		_, err = expected(start, "one of the types S N B BOOL NULL M L SS NS BS")
		return "", 0, err
	}
	next, err = colon(b, end)
	return kind, next, err
}

// member walks one member of a set, which is a string.
func member(b, _ []byte, i, _ int) (int, error) { return text(b, i) }

// text walks a JSON string and returns the index behind its closing quote.
func text(b []byte, i int) (int, error) {
	if i >= len(b) || b[i] != '"' {
		return expected(i, "a string")
	}
	for i++; ; {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return expected(len(b), "the end of a string")
		}
		quote := i + n
		// A quote ends the string unless an odd number of backslashes stands right before it.
		first := quote
		for first > i && b[first-1] == '\\' {
			first--
		}
		if (quote-first)%2 == 0 {
			return quote + 1, nil
		}
		i = quote + 1
	}
}

func boolean(b []byte, i int) (int, error) {
	switch {
	case bytes.HasPrefix(b[i:], []byte("true")):
		return i + 4, nil
	case bytes.HasPrefix(b[i:], []byte("false")):
		return i + 5, nil
	}
	return expected(i, "true or false")
}

// colon returns the index of the value behind the colon at or after b[i].
func colon(b []byte, i int) (int, error) {
	i = space(b, i)
	if i >= len(b) || b[i] != ':' {
		return expected(i, ":")
	}
	return space(b, i+1), nil
}

func space(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// anyValue walks any JSON value.
func anyValue(b, _ []byte, i, depth int) (int, error) {
	if depth == 0 {
		return expected(i, "fewer levels of nesting")
	}
	if i >= len(b) {
		return expected(i, "a value")
	}
	switch b[i] {
	case '{':
		return object(b, i, depth-1, anyValue)
	case '[':
		return array(b, i, depth-1, anyValue)
	case '"':
		return text(b, i)
	}
	start := i
	for i < len(b) && b[i] > ' ' && b[i] != ',' && b[i] != '}' && b[i] != ']' {
		i++
	}
	if i == start {
		return expected(i, "a value")
	}
	return i, nil
}

// Members calls yield with the name (still in its quotes) and the value of each member of the JSON object b, in order,
// until yield returns an error.
func Members(b []byte, yield func(name, value []byte) error) error {
	return whole(b, object, func(b, name []byte, i, depth int) (int, error) {
		end, err := anyValue(b, nil, i, depth)
		if err != nil {
			return 0, err
		}
		return end, yield(name, b[i:end])
	})
}

// Elements calls yield with each element of the JSON array b, in order, until yield returns an error.
func Elements(b []byte, yield func(value []byte) error) error {
	return whole(b, array, func(b, _ []byte, i, depth int) (int, error) {
		end, err := anyValue(b, nil, i, depth)
		if err != nil {
			return 0, err
		}
		return end, yield(b[i:end])
	})
}

// Items calls yield with each item of the JSON array b, having checked that it is one.
func Items(b []byte, yield func(item []byte)) error {
	return whole(b, array, func(b, _ []byte, i, _ int) (int, error) {
		end, err := End(b, i)
		if err != nil {
			return 0, err
		}
		yield(b[i:end])
		return end, nil
	})
}

// whole walks b, all of it, as an object or an array.
func whole(b []byte, walk func([]byte, int, int, visit) (int, error), each visit) error {
	end, err := walk(b, space(b, 0), 2*MaxDepth, each)
	if err != nil {
		return err
	}
	if space(b, end) != len(b) {
		_, err = expected(end, "nothing more")
		return err
	}
	return nil
}
