// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import (
	"encoding/base64"
	"strings"
)

const (
	// MaxBytes is the maximum size of an item ("Quotas in Amazon DynamoDB").
	MaxBytes = 400 << 10
	// maxLevels is how many levels an item may have. Its attributes are the first level, and those of a map or
	// list in it the next ("Quotas in Amazon DynamoDB", nested attribute depth).
	maxLevels = 32
)

// Size returns the minimum size of the item in bytes, as DynamoDB counts ("DynamoDB item sizes and formats"):
// names and strings count as UTF-8, binary values as they are, a map or a list as three bytes and one for each
// element. The size of a number is documented as approximate. Its minimum is a byte for two digits and one
// more.
func Size(raw []byte) (int, error) { return sizeOfMap(raw, 0) }

func sizeOfMap(object []byte, perMember int) (size int, err error) {
	err = Members(object, func(quoted, value []byte) error {
		name, err := unquote(quoted)
		if err != nil {
			return err
		}
		bytes, err := sizeOfValue(value)
		size += perMember + len(name) + bytes
		return err
	})
	return size, err
}

func sizeOfValue(value []byte) (size int, err error) {
	kind, start, err := Type(value, 0)
	if err != nil {
		return 0, err
	}
	length, err := Skip(value[start:])
	if err != nil {
		return 0, err
	}
	content := value[start : start+length]
	const overhead = 3 // Of a map or a list.
	switch kind {
	case BOOL, NULL:
		return 1, nil
	case M:
		size, err = sizeOfMap(content, 1)
		return overhead + size, err
	case L:
		err = Elements(content, func(element []byte) error {
			bytes, err := sizeOfValue(element)
			size += 1 + bytes
			return err
		})
		return overhead + size, err
	case SS, NS, BS:
		err = Elements(content, func(quoted []byte) error {
			bytes, err := sizeOfScalar(kind[:1], quoted)
			size += bytes
			return err
		})
		return size, err
	}
	return sizeOfScalar(kind, content)
}

func sizeOfScalar(kind Kind, quoted []byte) (int, error) {
	content, err := unquote(quoted)
	if err != nil {
		return 0, err
	}
	switch kind {
	case B:
		return base64.StdEncoding.WithPadding(base64.NoPadding).DecodedLen(len(strings.TrimRight(string(content), "="))), nil
	case N:
		number, err := Number(string(content))
		if err != nil {
			return 0, err
		}
		if number == "0" {
			return 1, nil
		}
		digits, _, _ := strings.Cut(strings.TrimPrefix(number, "-"), "e")
		return (len(strings.Replace(digits, ".", "", 1))+1)/2 + 1, nil
	}
	return len(content), nil
}
