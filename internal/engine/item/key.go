// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// KeyAttribute is one attribute of a primary key.
type KeyAttribute struct {
	Name string
	// Type is S, N or B.
	Type Kind
}

// KeyError tells which key attribute of an item is missing or does not fit. It never quotes a value.
type KeyError struct {
	Attribute KeyAttribute
	// Index is the secondary index whose key has the attribute. It is empty for the table's own key.
	Index string
	// Got is the type that was found. It is empty when the item lacks the attribute.
	Got Kind
	// Fault says what is wrong with a value of the right type, worded to follow the attribute's name.
	Fault string
}

func (e *KeyError) Error() string {
	subject, of := fmt.Sprintf("the key attribute %q", e.Attribute.Name), "the table's key"
	if e.Index != "" {
		of = fmt.Sprintf("the key of the index %q", e.Index)
		subject = fmt.Sprintf("the attribute %q, which is in %s,", e.Attribute.Name, of)
	}
	switch {
	case e.Got == "":
		return subject + " is missing"
	case e.Fault != "":
		return subject + " " + e.Fault
	}
	return fmt.Sprintf("the key attribute %q has type %s, %s needs %s", e.Attribute.Name, e.Got, of, e.Attribute.Type)
}

// Identity appends to dst what distinguishes the item from all others in a table with that key: two items have
// the same identity exactly when DynamoDB considers them the same item, however their bytes are written.
func Identity(dst, raw []byte, key []KeyAttribute) ([]byte, error) {
	var room [2][]byte
	contents := append(room[:0], make([][]byte, len(key))...)
	err := Object(raw, func(name, rest []byte) (int, error) {
		plain, err := unquote(name)
		if err != nil {
			return 0, err
		}
		for i := range key {
			if key[i].Name == string(plain) {
				var n int
				contents[i], n, err = keyContent(rest, key[i])
				return n, err
			}
		}
		return Skip(rest)
	})
	if err != nil {
		return nil, err
	}
	for i, content := range contents {
		if content == nil {
			return nil, &KeyError{Attribute: key[i]}
		}
		dst = appendCounted(dst, content)
	}
	return dst, nil
}

// keyContent returns what distinguishes the value of the key attribute at the beginning of b from others of its
// type, and the length of the value.
func keyContent(b []byte, attribute KeyAttribute) (content []byte, length int, err error) {
	kind, start, err := Type(b, 0)
	if err != nil {
		return nil, 0, err
	}
	if kind != attribute.Type {
		return nil, 0, &KeyError{Attribute: attribute, Got: kind}
	}
	end, err := text(b, start)
	if err != nil {
		return nil, 0, err
	}
	if length, err = closing(b, end); err != nil {
		return nil, 0, err
	}
	content, err = unquote(b[start:end])
	if err != nil || kind != N {
		return content, length, err
	}
	number, err := Number(string(content))
	if err != nil {
		return nil, 0, fmt.Errorf("the key attribute %q: %w", attribute.Name, err)
	}
	return []byte(number), length, nil
}

// Attribute returns the value of the item's attribute of that name, or nil if it has none.
func Attribute(raw []byte, name string) ([]byte, error) {
	var found []byte
	err := Members(raw, func(member, value []byte) error {
		plain, err := unquote(member)
		if err == nil && string(plain) == name {
			found = value
		}
		return err
	})
	return found, err
}

// unquote returns the contents of a JSON string. If the string has no escape, the result is a part of quoted,
// not a copy.
func unquote(quoted []byte) ([]byte, error) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1], nil
	}
	var plain string
	if err := json.Unmarshal(quoted, &plain); err != nil {
		return nil, ErrNotText // The error of package json quotes a character.
	}
	return []byte(plain), nil
}
