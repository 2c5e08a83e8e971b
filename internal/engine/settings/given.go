// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
)

// Given lists the settings that a new table has been seen to have as wanted. If one of them differs later, others,
// such as auto scaling, have changed it since: it is neither put again nor an error.
type Given struct {
	// Table is the table's id. The list does not hold for another table of the same name.
	Table    string   `json:",omitempty"`
	Settings []string `json:",omitempty"`
}

func (g *Given) has(table, setting string) bool {
	return g.Table == table && slices.Contains(g.Settings, setting)
}

func (g *Given) add(table, setting string) {
	if g.Table != table {
		g.Table, g.Settings = table, nil
	}
	if !slices.Contains(g.Settings, setting) {
		g.Settings = append(g.Settings, setting)
	}
}

// Diff returns which of the wanted settings the table lacks, and which ones others have changed or added. It ignores
// ids, dates and ARNs of the tables themselves, and settings that were not known when the first snapshot was taken.
// Warm throughput that has grown, and capacity that auto scaling has changed, are as wanted.
func (g *Given) Diff(wanted, is *Snapshot) (lacking, changed []Difference) {
	for _, setting := range all {
		name := setting.Name()
		switch w, v := wanted.Settings[name], is.Settings[name]; {
		case setting.fulfils(v, w), wanted.scales(setting, v):
		case setting.given(v, w), g.has(is.Table.ID, name):
			changed = append(changed, differenceOf(setting, w, v))
		default:
			lacking = append(lacking, differenceOf(setting, w, v))
		}
	}
	return lacking, changed
}

// scales reports whether auto scaling may have turned the value of the snapshot into this one.
func (s *Snapshot) scales(setting anySetting, value json.RawMessage) bool {
	if s.Settings[autoScaling.name] == nil ||
		setting != anySetting(billing) && setting != anySetting(globalSecondaryIndexes) {
		return false
	}
	return setting.fulfils(withoutUnits(value), withoutUnits(s.Settings[setting.Name()]))
}

// Look notes in Given which of the settings that only CreateTable can set the new table has.
func (w *Writer) Look(ctx context.Context, s *Snapshot) error {
	r, err := w.reader(ctx)
	if err != nil {
		return err
	}
	for _, setting := range all {
		if setting.afterCreate() || slices.Contains(s.NotKept, setting.Name()) {
			continue
		}
		is, err := setting.readJSON(ctx, r)
		switch {
		case errors.Is(err, errNotKept):
		case err != nil:
			return err
		case setting.given(is, s.Settings[setting.Name()]):
			w.given().add(r.identity().ID, setting.Name())
		}
	}
	return nil
}

// given returns w.Given, and sets it first if it is nil.
func (w *Writer) given() *Given {
	if w.Given == nil {
		w.Given = &Given{}
	}
	return w.Given
}

// holds reports whether a value has all that is wanted, and perhaps more.
func holds(value, wanted json.RawMessage) bool {
	var v, w any
	return json.Unmarshal(value, &v) == nil && json.Unmarshal(wanted, &w) == nil && holdsTree(v, w)
}

func holdsTree(value, wanted any) bool {
	switch wanted := wanted.(type) {
	case map[string]any:
		value, ok := value.(map[string]any)
		for name := range wanted {
			ok = ok && holdsTree(value[name], wanted[name])
		}
		return ok
	case []any:
		value, ok := value.([]any)
		for _, element := range wanted {
			ok = ok && slices.ContainsFunc(value, func(v any) bool { return reflect.DeepEqual(v, element) })
		}
		return ok
	}
	return value == wanted
}
