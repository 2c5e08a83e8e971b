// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

const (
	// maxNameBytes is the maximum length of an attribute's name: less than 64 KB ("Supported data types and
	// naming rules in Amazon DynamoDB").
	maxNameBytes = 65535
	// maxShownBytes is the length of the longest name that an error shows.
	maxShownBytes = 255
)

// Errors of Check.
var (
	ErrTwice      = errors.New("an attribute appears twice")
	ErrEmptySet   = errors.New("a set has no members")
	ErrEqual      = errors.New("two members of a set are equal")
	ErrBinary     = errors.New("a binary value is not base64")
	ErrNull       = errors.New("NULL is not true, which is its only valid value")
	ErrEmptyName  = errors.New("an attribute has an empty name")
	ErrLongName   = fmt.Errorf("an attribute's name has more than %d bytes", maxNameBytes)
	ErrDeepNested = fmt.Errorf("maps and lists are nested more than %d levels deep", maxLevels)
)

// Check returns the first reason why no DynamoDB table would accept the item's values, or nil: numbers that
// DynamoDB cannot hold, binary values that are not base64, sets that are empty or have equal members, names
// that are empty, too long or appear twice ("Supported data types and naming rules in Amazon DynamoDB"). The
// item must be one that End has accepted. Items that come from DynamoDB need no Check, but those that people
// write do. The error names at most an attribute of the item itself and never a value. Names within maps are
// not shown, because they may be data.
func Check(raw []byte) error { return checkMap(raw, 1) }

func checkMap(object []byte, level int) error {
	seen := map[string]bool{}
	return Members(object, func(quoted, value []byte) error {
		name, err := unquote(quoted)
		switch {
		case err != nil:
			return err
		case len(name) == 0:
			return ErrEmptyName
		case len(name) > maxNameBytes:
			return ErrLongName
		case seen[string(name)]:
			err = ErrTwice
		default:
			seen[string(name)] = true
			err = checkValue(value, level+1)
		}
		if err != nil && level == 1 {
			return &attributeError{name: string(name), err: err}
		}
		return err
	})
}

// attributeError is an error about an attribute of an item.
type attributeError struct {
	name string
	err  error
}

func (e *attributeError) Error() string {
	if len(e.name) > maxShownBytes || strings.ContainsFunc(e.name, unprintable) {
		return e.err.Error()
	}
	return fmt.Sprintf("attribute %q: %v", e.name, e.err)
}

func (e *attributeError) Unwrap() error { return e.err }

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// checkValue checks a value at that level of nesting. The attributes of the item itself are at the second
// level.
func checkValue(value []byte, level int) error {
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
	case NULL:
		if content[0] != 't' {
			return ErrNull
		}
	case SS:
		return checkSet(kind, content, func([]byte) error { return nil })
	case NS:
		return checkSet(kind, content, checkNumber)
	case BS:
		return checkSet(kind, content, checkBinary)
	case M, L:
		if level > maxLevels {
			return ErrDeepNested
		}
		if kind == M {
			return checkMap(content, level)
		}
		return Elements(content, func(element []byte) error { return checkValue(element, level+1) })
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

// checkSet checks each member of a set, and that no two are equal. Numbers are compared by value.
func checkSet(kind Kind, content []byte, each func([]byte) error) error {
	seen := map[string]bool{}
	err := Elements(content, func(quoted []byte) error {
		if err := each(quoted); err != nil {
			return err
		}
		member, err := appendScalar(nil, kind[:1], quoted)
		if err != nil {
			return err
		}
		if seen[string(member)] {
			return ErrEqual
		}
		seen[string(member)] = true
		return nil
	})
	if err == nil && len(seen) == 0 {
		return ErrEmptySet
	}
	return err
}
