// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// segment is one step of a path: the member of a map, or the element of a list.
type segment struct {
	name string
	// plain is the name in bytes, quoted as it is written into an item.
	plain, quoted []byte
	// index is an element's place in its list, from 0; -1 for the member of a map.
	index int
}

// path leads to an attribute, or into the maps and lists it holds: status, address.street, lines[0].sku, "a.b".c. It is
// not empty and begins with a name.
type path []segment

// pathError is what is wrong with a path, at the character column, from 1.
type pathError struct {
	column int
	cause  string
}

func (e *pathError) Error() string { return fmt.Sprintf("Column %d: %s", e.column, e.cause) }

// parsePath reads a path. A name stands as it is, or in double quotes and with JSON's escapes if it holds one of . [ ]
// and ".
func parsePath(text string) (path, error) {
	var p path
	for rest := text; ; {
		at := utf8.RuneCountInString(text[:len(text)-len(rest)]) + 1
		name, length, cause := parseName(rest)
		if cause != "" {
			return nil, &pathError{at, cause}
		}
		p = append(p, segment{name: name, plain: []byte(name), quoted: item.AppendText(nil, name), index: -1})
		rest = rest[length:]
		for strings.HasPrefix(rest, "[") {
			digits, behind, closed := strings.Cut(rest[1:], "]")
			index, err := strconv.ParseUint(digits, 10, 31)
			if !closed || err != nil {
				at = utf8.RuneCountInString(text[:len(text)-len(rest)]) + 1
				return nil, &pathError{at, "a place in a list, such as [0], is expected."}
			}
			p = append(p, segment{index: int(index)})
			rest = behind
		}
		if rest == "" {
			return p, nil
		}
		if rest[0] != '.' {
			at = utf8.RuneCountInString(text[:len(text)-len(rest)]) + 1
			return nil, &pathError{at, "a full stop, a place in a list or the end of the path is expected."}
		}
		rest = rest[1:]
	}
}

// parseName reads the name that text begins with.
func parseName(text string) (name string, length int, cause string) {
	if strings.HasPrefix(text, `"`) {
		decoder := json.NewDecoder(strings.NewReader(text))
		if err := decoder.Decode(&name); err != nil {
			return "", 0, "this name in quotes has no end, or an escape that JSON does not have."
		}
		length = int(decoder.InputOffset())
	} else {
		if length = strings.IndexAny(text, `.[]"`); length < 0 {
			length = len(text)
		}
		name = text[:length]
		if name != strings.TrimSpace(name) {
			return "", 0, "a name that begins or ends with a space has to stand in double quotes."
		}
	}
	if name == "" {
		return "", 0, "the name of an attribute is expected."
	}
	return name, length, ""
}
