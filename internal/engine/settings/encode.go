// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"bytes"
	"encoding/json"
)

// encode returns the value as JSON without the members that are not set, and nil if nothing is left. Equal values
// have the same form. A value that is JSON already is kept whole.
func encode(value any) (json.RawMessage, error) {
	raw, whole := value.(json.RawMessage)
	if !whole {
		var err error
		if raw, err = json.Marshal(value); err != nil {
			return nil, err
		}
	} else if raw == nil {
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	if !whole {
		if tree = prune(tree); tree == nil {
			return nil, nil
		}
	}
	return json.Marshal(tree)
}

// without returns the elements of the list that the other list lacks. Elements are compared in the form of encode.
func without[T any](list, others []T) ([]T, error) {
	there := map[string]bool{}
	for _, other := range others {
		text, err := encode(other)
		if err != nil {
			return nil, err
		}
		there[string(text)] = true
	}
	var left []T
	for _, element := range list {
		text, err := encode(element)
		if err != nil {
			return nil, err
		}
		if !there[string(text)] {
			left = append(left, element)
		}
	}
	return left, nil
}

// prune removes what carries no information: null, and empty strings, lists and objects.
func prune(value any) any {
	switch v := value.(type) {
	case string:
		if v == "" {
			return nil
		}
	case []any:
		kept := v[:0]
		for _, element := range v {
			if element = prune(element); element != nil {
				kept = append(kept, element)
			}
		}
		if len(kept) == 0 {
			return nil
		}
		return kept
	case map[string]any:
		for name, member := range v {
			if member = prune(member); member == nil {
				delete(v, name)
			} else {
				v[name] = member
			}
		}
		if len(v) == 0 {
			return nil
		}
	}
	return value
}
