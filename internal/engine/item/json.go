// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import "bytes"

// Members calls yield with the name (still in its quotes) and the value of each member of the JSON object b, in order,
// until yield returns an error.
func Members(b []byte, yield func(name, value []byte) error) error {
	return Object(b, func(name, rest []byte) (int, error) {
		end, err := Skip(rest)
		if err != nil {
			return 0, err
		}
		return end, yield(name, rest[:end])
	})
}

// Object calls read for each member of the JSON object b, in order, with the name (still in its quotes) and the
// bytes from the value on. read returns the value's length. So a value is walked only once, by read, which
// matters for pages of items.
func Object(b []byte, read func(name, rest []byte) (int, error)) error {
	end, err := object(b, space(b, 0), 0, func(b, name []byte, i, _ int) (int, error) {
		n, err := read(name, b[i:])
		return i + n, err
	})
	return whole(b, end, err)
}

// Elements calls yield with each element of the JSON array b, in order, until yield returns an error.
func Elements(b []byte, yield func(value []byte) error) error {
	end, err := array(b, space(b, 0), 0, func(b, _ []byte, i, _ int) (int, error) {
		n, err := Skip(b[i:])
		if err != nil {
			return 0, err
		}
		return i + n, yield(b[i : i+n])
	})
	return whole(b, end, err)
}

// Skip returns the length of the JSON value that b begins with.
func Skip(b []byte) (int, error) { return anyValue(b, nil, 0, 2*MaxDepth) }

// whole returns err, or an error if b continues after its value.
func whole(b []byte, end int, err error) error {
	if err != nil {
		return err
	}
	if space(b, end) != len(b) {
		_, err = expected(end, "nothing more")
	}
	return err
}

// visit reads the value at b[i] and returns the index after it. name is the name of the object member that has
// the value, still in its quotes, or nil in an array.
type visit func(b, name []byte, i, depth int) (int, error)

// object walks {"name":value,...} and reads each value with the function value.
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

// array walks [value,...] and reads each value with the function value.
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

// shortText is how many bytes of a string are checked one by one. Most strings in an item are names and types,
// which are walked faster than bytes.IndexByte can be called.
const shortText = 16

// text walks a JSON string and returns the index after its closing quote.
func text(b []byte, i int) (int, error) {
	if i >= len(b) || b[i] != '"' {
		return expected(i, "a string")
	}
	i++
	for end := min(i+shortText, len(b)); i < end; i++ {
		switch b[i] {
		case '"':
			return i + 1, nil
		case '\\':
			return longText(b, i)
		}
	}
	return longText(b, i)
}

// longText walks the rest of a string from b[i], which is not escaped.
func longText(b []byte, i int) (int, error) {
	for {
		n := bytes.IndexByte(b[min(i, len(b)):], '"')
		if n < 0 {
			return expected(len(b), "the end of a string")
		}
		quote := i + n
		// A quote ends the string unless an odd number of backslashes precedes it.
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

// colon returns the index of the value after the colon at or after b[i].
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
