// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"encoding/json"
	"fmt"
	"maps"
)

// notShown replaces a value that is not shown.
const notShown = "not shown: encrypted with KMSKeyArn"

// Shown returns the snapshot as it may leave the journal, for the state: without what a service keeps encrypted. The
// journal has that in plain text, to put it back.
func (s *Snapshot) Shown() (*Snapshot, error) {
	shown := *s
	shown.Settings = maps.Clone(s.Settings)
	for _, setting := range all {
		value, ok := s.Settings[setting.Name()]
		if !ok {
			continue
		}
		var err error
		if shown.Settings[setting.Name()], err = setting.shownJSON(value); err != nil {
			return nil, fmt.Errorf("show %s: %w", setting.Name(), err)
		}
	}
	return &shown, nil
}

func (s *setting[T]) shownJSON(raw json.RawMessage) (json.RawMessage, error) {
	if s.shown == nil || raw == nil {
		return raw, nil
	}
	value, err := s.decode(raw)
	if err != nil {
		return nil, err
	}
	return encode(s.shown(value))
}

// differenceOf returns the difference between two values of a setting.
func differenceOf(setting anySetting, before, after json.RawMessage) Difference {
	text := func(value json.RawMessage) string {
		shown, err := setting.shownJSON(value)
		if err != nil {
			return notShown
		}
		return string(shown)
	}
	d := Difference{Setting: setting.Name(), Before: text(before), After: text(after)}
	if d.Before == d.After {
		d.After = "different in a part that is not shown"
	}
	return d
}
