// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import "errors"

// ErrNotAnObject is the error for a line that does not hold exactly one JSON object.
var ErrNotAnObject = errors.New("not one JSON object")

// FromPlain appends to dst the item that a plain JSON object stands for: strings become S, numbers N with every
// digit, true and false BOOL, null NULL, arrays L and objects M. Sets and binary values have no plain form. The
// object must have passed CheckText.
func FromPlain(dst, object []byte) ([]byte, error) {
	if start := space(object, 0); start == len(object) || object[start] != '{' {
		return nil, ErrNotAnObject
	}
	p := plain{dst: dst}
	end, err := p.object(object, space(object, 0), plainDepth)
	if err != nil {
		return nil, err
	}
	if space(object, end) != len(object) {
		return nil, ErrNotAnObject
	}
	return p.dst, nil
}

// plainDepth is how deeply plain JSON may be nested.
const plainDepth = 2 * MaxDepth

// plain builds an item from plain JSON.
type plain struct{ dst []byte }

// object appends the members of the JSON object at b[i] and returns the index after it.
func (p *plain) object(b []byte, i, depth int) (int, error) {
	if depth == 0 {
		return expected(i, "fewer levels of nesting")
	}
	seen := map[string]bool{}
	about := func(name []byte, err error) error {
		if depth < plainDepth {
			return err // A name in a map may be data.
		}
		return &attributeError{name: string(name), err: err}
	}
	p.dst = append(p.dst, '{')
	end, err := object(b, i, depth, func(b, quoted []byte, i, depth int) (int, error) {
		name, err := unquote(quoted)
		if err != nil {
			return 0, err
		}
		if seen[string(name)] {
			return 0, about(name, ErrTwice)
		}
		if len(seen) > 0 {
			p.dst = append(p.dst, ',')
		}
		seen[string(name)] = true
		p.dst = append(append(p.dst, quoted...), ':')
		end, err := p.value(b, nil, i, depth-1)
		if err != nil {
			return 0, about(name, err)
		}
		return end, nil
	})
	p.dst = append(p.dst, '}')
	return end, err
}

// value appends the attribute value for the JSON value at b[i] and returns the index after that.
func (p *plain) value(b, _ []byte, i, depth int) (int, error) {
	if i >= len(b) {
		return expected(i, "a value")
	}
	var end int
	var err error
	switch b[i] {
	case '{':
		p.dst = append(p.dst, `{"M":`...)
		end, err = p.object(b, i, depth)
	case '[':
		end, err = p.list(b, i, depth)
	case '"':
		if end, err = text(b, i); err == nil {
			p.dst = append(append(p.dst, `{"S":`...), b[i:end]...)
		}
	default:
		end, err = p.literal(b, i)
	}
	p.dst = append(p.dst, '}')
	return end, err
}

// list appends the elements of the JSON array at b[i].
func (p *plain) list(b []byte, i, depth int) (int, error) {
	if depth == 0 {
		return expected(i, "fewer levels of nesting")
	}
	p.dst = append(p.dst, `{"L":[`...)
	first := true
	end, err := array(b, i, depth, func(b, _ []byte, i, depth int) (int, error) {
		if !first {
			p.dst = append(p.dst, ',')
		}
		first = false
		return p.value(b, nil, i, depth-1)
	})
	p.dst = append(p.dst, ']')
	return end, err
}

// literal appends the number, boolean or null at b[i].
func (p *plain) literal(b []byte, i int) (int, error) {
	end, err := anyValue(b, nil, i, 1)
	if err != nil {
		return 0, err
	}
	switch content := b[i:end]; string(content) {
	case "null":
		p.dst = append(p.dst, `{"NULL":true`...)
	case "true", "false":
		p.dst = append(append(p.dst, `{"BOOL":`...), content...)
	default:
		if _, err := Number(string(content)); errors.Is(err, ErrNotANumber) {
			return 0, err // Whether DynamoDB can hold a number is left to Check.
		}
		p.dst = append(append(append(p.dst, `{"N":"`...), content...), '"')
	}
	return end, nil
}
