// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Difference is a setting that differs between two tables.
type Difference struct {
	Setting string
	// Before and After are the values as JSON, as they may be shown, empty where the setting is not in use.
	Before, After string
}

// Diff returns the differences between two snapshots. It ignores ids, dates and ARNs of the tables themselves,
// settings that were not known when the first snapshot was taken, and warm throughput that has grown.
func Diff(before, after *Snapshot) []Difference {
	var found []Difference
	for _, setting := range all {
		name := setting.Name()
		if b, a := before.Settings[name], after.Settings[name]; !setting.fulfils(a, b) {
			found = append(found, differenceOf(setting, b, a))
		}
	}
	return found
}

// DiffByOthers is Diff for one table at two times. It also ignores capacity that auto scaling has changed in between.
func DiffByOthers(before, after *Snapshot) []Difference {
	var found []Difference
	for _, setting := range all {
		name := setting.Name()
		if b, a := before.Settings[name], after.Settings[name]; !setting.fulfils(a, b) && !before.scales(setting, a) {
			found = append(found, differenceOf(setting, b, a))
		}
	}
	return found
}

// withoutUnits returns the value of a setting without its provisioned throughput.
func withoutUnits(value json.RawMessage) json.RawMessage {
	if value == nil {
		return nil
	}
	var tree any
	if json.Unmarshal(value, &tree) != nil {
		return value
	}
	dropMember(tree, "ProvisionedThroughput")
	raw, err := json.Marshal(tree)
	if err != nil {
		return value
	}
	return raw
}

func dropMember(tree any, name string) {
	switch tree := tree.(type) {
	case map[string]any:
		delete(tree, name)
		for _, member := range tree {
			dropMember(member, name)
		}
	case []any:
		for _, element := range tree {
			dropMember(element, name)
		}
	}
}

// DiffMade is Diff for a new table that may be on a local server. Such a server may ignore a setting, or a part of
// it, without an error. notKept names these settings, and those that the server does not know.
func (g *Given) DiffMade(wanted, is *Snapshot) (lacking, changed []Difference, notKept []string) {
	for _, name := range Names() {
		if wanted.Settings[name] != nil && slices.Contains(is.NotKept, name) {
			notKept = append(notKept, name)
		}
	}
	found, changed := g.Diff(wanted, is)
	for _, d := range found {
		switch {
		case slices.Contains(notKept, d.Setting):
		case is.local && partOf(is.Settings[d.Setting], wanted.Settings[d.Setting]):
			notKept = append(notKept, d.Setting)
		default:
			lacking = append(lacking, d)
		}
	}
	return lacking, changed, notKept
}

// partOf reports whether the value is the whole with something left out.
func partOf(value, whole json.RawMessage) bool {
	if value == nil {
		return true
	}
	var v, w any
	return json.Unmarshal(value, &v) == nil && json.Unmarshal(whole, &w) == nil && partOfTree(v, w)
}

func partOfTree(value, whole any) bool {
	switch value := value.(type) {
	case map[string]any:
		whole, ok := whole.(map[string]any)
		for name := range value {
			ok = ok && partOfTree(value[name], whole[name])
		}
		return ok
	case []any:
		whole, ok := whole.([]any)
		return ok && slices.EqualFunc(value, whole, partOfTree)
	}
	return value == whole
}

// same reports whether two values in the form of encode are equal. A document that was indented in between is the
// same.
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

// DifferenceError lists the settings that are not as they were before, or not as wanted.
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
