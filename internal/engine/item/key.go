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

// KeyError says which key attribute an item lacks or has in another type. It never quotes a value.
type KeyError struct {
	Attribute KeyAttribute
	// Got is the type found, empty when the item has no such attribute.
	Got Kind
}

func (e *KeyError) Error() string {
	if e.Got == "" {
		return fmt.Sprintf("the key attribute %q is missing", e.Attribute.Name)
	}
	return fmt.Sprintf("the key attribute %q has type %s, the table's key wants %s", e.Attribute.Name, e.Got, e.Attribute.Type)
}

// Identity appends to dst what tells the item apart from all others of a table with that key: two items have the same
// identity exactly when DynamoDB holds them to be the same item, however their bytes are written.
func Identity(dst, raw []byte, key []KeyAttribute) ([]byte, error) {
	var room [2][]byte
	values := append(room[:0], make([][]byte, len(key))...)
	err := Object(raw, func(name, rest []byte) (int, error) {
		n, err := Skip(rest)
		if err != nil {
			return 0, err
		}
		plain, err := unquote(name)
		for i := range key {
			if key[i].Name == string(plain) {
				values[i] = rest[:n]
			}
		}
		return n, err
	})
	if err != nil {
		return nil, err
	}
	for i, value := range values {
		content, err := keyContent(value, key[i])
		if err != nil {
			return nil, err
		}
		dst = appendCounted(dst, content)
	}
	return dst, nil
}

// keyContent returns what tells the key attribute's value, nil for none, apart from other ones of its type.
func keyContent(value []byte, attribute KeyAttribute) ([]byte, error) {
	if value == nil {
		return nil, &KeyError{Attribute: attribute}
	}
	kind, start, err := Type(value, 0)
	if err != nil {
		return nil, err
	}
	if kind != attribute.Type {
		return nil, &KeyError{Attribute: attribute, Got: kind}
	}
	end, err := text(value, start)
	if err != nil {
		return nil, err
	}
	content, err := unquote(value[start:end])
	if err != nil || kind != N {
		return content, err
	}
	number, err := Number(string(content))
	if err != nil {
		return nil, fmt.Errorf("the key attribute %q: %w", attribute.Name, err)
	}
	return []byte(number), nil
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

// unquote returns the contents of a JSON string. Without an escape in it that is a part of quoted, not a copy.
func unquote(quoted []byte) ([]byte, error) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1], nil
	}
	var plain string
	if err := json.Unmarshal(quoted, &plain); err != nil {
		return nil, err
	}
	return []byte(plain), nil
}
