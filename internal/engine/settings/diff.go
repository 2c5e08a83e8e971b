// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Difference is a setting that two tables have not in common.
type Difference struct {
	Setting string
	// Before and After are the values as JSON, empty where the setting is not in use.
	Before, After string
}

// Diff returns what differs between two snapshots. Ids, dates and ARNs of the tables themselves do not count, and no setting
// that was not known when the first was taken.
func Diff(before, after *Snapshot) []Difference {
	var found []Difference
	for _, setting := range all {
		name := setting.Name()
		if b, a := before.Settings[name], after.Settings[name]; !same(b, a) {
			found = append(found, Difference{name, string(b), string(a)})
		}
	}
	return found
}

// same compares values in the form that encode gives them; a document that was indented in between is the same.
func same(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y bytes.Buffer
	if json.Compact(&x, a) != nil || json.Compact(&y, b) != nil {
		return false
	}
	return bytes.Equal(x.Bytes(), y.Bytes())
}

// DifferenceError says what is not as it was before, or not as it was to be.
type DifferenceError struct{ Differences []Difference }

func (e *DifferenceError) Error() string {
	var text strings.Builder
	for _, d := range e.Differences {
		fmt.Fprintf(&text, "%s was %s and is %s. ", d.Setting, orNone(d.Before), orNone(d.After))
	}
	return strings.TrimSpace(text.String())
}

func orNone(value string) string {
	if value == "" {
		return "not in use"
	}
	return value
}
