// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ErrNotAnObject is the error for a line that holds something other than one JSON object.
var ErrNotAnObject = errors.New("not one JSON object")

// FromPlain appends to dst the item that a plain JSON object stands for: strings become S, numbers N with every digit,
// true and false BOOL, null NULL, arrays L and objects M. Sets and binaries have no plain form.
func FromPlain(dst, object []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.UseNumber()
	var members map[string]any
	if err := decoder.Decode(&members); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("not JSON at byte %d", syntax.Offset)
		}
		return nil, ErrNotAnObject
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) || members == nil {
		return nil, ErrNotAnObject
	}
	return appendMembers(dst, members)
}

func appendMembers(dst []byte, members map[string]any) ([]byte, error) {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		dst = append(AppendText(dst, name), ':')
		if dst, err = appendValue(dst, members[name]); err != nil {
			return nil, fmt.Errorf("attribute %q: %w", name, err)
		}
	}
	return append(dst, '}'), nil
}

func appendValue(dst []byte, value any) ([]byte, error) {
	var err error
	switch value := value.(type) {
	case nil:
		return append(dst, `{"NULL":true}`...), nil
	case bool:
		return fmt.Appendf(dst, `{"BOOL":%t}`, value), nil
	case string:
		dst = AppendText(append(dst, `{"S":`...), value)
	case json.Number:
		if _, err := Number(value.String()); err != nil {
			return nil, err
		}
		dst = AppendText(append(dst, `{"N":`...), value.String())
	case []any:
		dst = append(dst, `{"L":[`...)
		for i, element := range value {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendValue(dst, element); err != nil {
				return nil, err
			}
		}
		dst = append(dst, ']')
	case map[string]any:
		if dst, err = appendMembers(append(dst, `{"M":`...), value); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}
