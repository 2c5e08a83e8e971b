// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import (
	"bytes"
	"slices"
	"strconv"
)

// Canonical appends to dst a form of the item that two items share exactly when DynamoDB holds their values to be equal:
// numbers count by value, sets and maps have no order, strings are what their escapes stand for ("Data types" in the Amazon
// DynamoDB Developer Guide). The form is for comparing and hashing; it is no JSON.
//
// The item is one that DynamoDB has returned, or that Check has passed.
func Canonical(dst, raw []byte) ([]byte, error) { return appendMap(dst, raw) }

// Equal says whether DynamoDB holds the two items to be equal in every attribute.
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
		members = append(members, member{plain, value})
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

// appendCanonical appends one attribute value: its type, and a content that says itself where it ends.
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

// appendSet appends the members of a set in one order.
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

// appendScalar appends a string, a number or a binary. Base64 has one form for each content.
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

// appendCounted appends the content behind its length, which keeps ("a","bc") and ("ab","c") apart.
func appendCounted(dst, content []byte) []byte {
	return append(append(strconv.AppendInt(dst, int64(len(content)), 10), ':'), content...)
}
