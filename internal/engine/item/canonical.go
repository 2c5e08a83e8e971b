// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import (
	"bytes"
	"slices"
	"strconv"
)

// Canonical appends to dst a form of the item that is the same for two items exactly when DynamoDB considers
// their values equal: numbers count by value, sets and maps have no order, strings are what their escapes stand
// for ("Data types" in the Amazon DynamoDB Developer Guide). The form is for comparing and hashing. It is not
// JSON.
//
// The item must have come from DynamoDB, or have passed Check.
func Canonical(dst, raw []byte) ([]byte, error) { return appendMap(dst, raw) }

// Equal reports whether DynamoDB considers the two items equal in every attribute.
func Equal(a, b []byte) (bool, error) {
	if bytes.Equal(a, b) {
		return true, nil
	}
	one, err := Canonical(nil, a)
	if err != nil {
		return false, err
	}
	other, err := Canonical(nil, b)
	return bytes.Equal(one, other), err
}

// appendMap appends the members of a map in the order of their names.
func appendMap(dst, object []byte) ([]byte, error) {
	type member struct{ name, value []byte }
	members := make([]member, 0, 32)
	err := Members(object, func(name, value []byte) error {
		plain, err := unquote(name)
		members = append(members, member{name: plain, value: value})
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(members, func(a, b member) int { return bytes.Compare(a.name, b.name) })
	dst = append(strconv.AppendInt(append(dst, M...), int64(len(members)), 10), ':')
	for _, m := range members {
		if dst, err = appendCanonical(appendCounted(dst, m.name), m.value); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// appendCanonical appends one attribute value: its type, and its content in a form that shows where it ends.
func appendCanonical(dst, value []byte) ([]byte, error) {
	kind, start, err := Type(value, 0)
	if err != nil {
		return nil, err
	}
	length, err := Skip(value[start:])
	if err != nil {
		return nil, err
	}
	content := value[start : start+length]
	switch kind {
	case M:
		return appendMap(dst, content)
	case L:
		dst = append(append(dst, L...), '[')
		err = Elements(content, func(element []byte) error {
			dst, err = appendCanonical(dst, element)
			return err
		})
		return append(dst, ']'), err
	case SS, NS, BS:
		return appendSet(append(dst, kind...), kind, content)
	case BOOL, NULL:
		return append(append(dst, kind...), content[0]), nil
	}
	return appendScalar(append(dst, kind...), kind, content)
}

// appendSet appends the members of a set, sorted.
func appendSet(dst []byte, kind Kind, content []byte) ([]byte, error) {
	var members [][]byte
	err := Elements(content, func(quoted []byte) error {
		member, err := appendScalar(nil, kind[:1], quoted)
		members = append(members, member)
		return err
	})
	slices.SortFunc(members, bytes.Compare)
	dst = append(dst, '[')
	for _, member := range members {
		dst = append(dst, member...)
	}
	return append(dst, ']'), err
}

// appendScalar appends a string, a number or a binary value. Base64 has one form for each content.
func appendScalar(dst []byte, kind Kind, quoted []byte) ([]byte, error) {
	content, err := unquote(quoted)
	if err != nil {
		return nil, err
	}
	if kind == N {
		number, err := Number(string(content))
		if err != nil {
			return nil, err
		}
		content = []byte(number)
	}
	return appendCounted(dst, content), nil
}

// appendCounted appends the content after its length, so that ("a","bc") and ("ab","c") differ.
func appendCounted(dst, content []byte) []byte {
	return append(append(strconv.AppendInt(dst, int64(len(content)), 10), ':'), content...)
}
