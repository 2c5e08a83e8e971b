// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

// How many requests read at once, and how many pages are held. A page is a quarter of a megabyte of items, as JSON
// about twice that. So the pages bound the memory of a run and what is done again after a kill, and a batch has items
// of as many segments.
const (
	Readers = 8
	Pages   = 32
)

// ReadPacer returns a pacer for so many capacity units a second, nil for 0, which is no limit.
func ReadPacer(unitsPerSecond float64) *Pacer {
	if unitsPerSecond == 0 {
		return nil
	}
	return NewPacer(unitsPerSecond)
}
