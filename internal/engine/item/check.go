// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import (
	"encoding/base64"
	"errors"
	"fmt"
)

// Errors of Check.
var (
	ErrTwice    = errors.New("an attribute stands there twice")
	ErrEmptySet = errors.New("a set has no members")
	ErrBinary   = errors.New("a binary is not base64")
)

// Check says whether DynamoDB would take the item's values: numbers it can hold, binaries in base64, sets with members,
// no attribute twice. End has found the item well-formed; items that come from DynamoDB need no Check, those that people
// write do. The error names the attribute, never its value.
func Check(raw []byte) error {
	seen := map[string]bool{}
	return Members(raw, func(name, value []byte) error {
		plain, err := unquote(name)
		if err != nil {
			return err
		}
		if seen[string(plain)] {
			return fmt.Errorf("attribute %q: %w", plain, ErrTwice)
		}
		seen[string(plain)] = true
		if err := checkValue(value); err != nil {
			return fmt.Errorf("attribute %q: %w", plain, err)
		}
		return nil
	})
}

func checkValue(value []byte) error {
	kind, start, err := Type(value, 0)
	if err != nil {
		return err
	}
	length, err := Skip(value[start:])
	if err != nil {
		return err
	}
	content := value[start : start+length]
	switch kind {
	case N:
		return checkNumber(content)
	case B:
		return checkBinary(content)
	case SS:
		return checkSet(content, func([]byte) error { return nil })
	case NS:
		return checkSet(content, checkNumber)
	case BS:
		return checkSet(content, checkBinary)
	case M:
		return Check(content)
	case L:
		return Elements(content, checkValue)
	}
	return nil
}

func checkNumber(quoted []byte) error {
	content, err := unquote(quoted)
	if err != nil {
		return err
	}
	_, err = Number(string(content))
	return err
}

func checkBinary(quoted []byte) error {
	content, err := unquote(quoted)
	if err != nil {
		return err
	}
	if _, err := base64.StdEncoding.Strict().DecodeString(string(content)); err != nil {
		return ErrBinary
	}
	return nil
}

func checkSet(content []byte, each func([]byte) error) error {
	members := 0
	err := Elements(content, func(value []byte) error {
		members++
		return each(value)
	})
	if err == nil && members == 0 {
		return ErrEmptySet
	}
	return err
}
