// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// batch is what a writer hands to the sink in one call.
type batch struct {
	maxItems, maxBytes int

	items    [][]byte
	pages    []*page // The page of each item,
	places   []int   // and its place there.
	outcomes []store.Outcome
	bytes    int
}

func newBatch(maxItems, maxBytes int) *batch { return &batch{maxItems: maxItems, maxBytes: maxBytes} }

// add puts the item into the batch. It reports false if there is no room; an empty batch has room for any item.
func (b *batch) add(from *page, place int) bool {
	item := from.Items[place]
	if len(b.items) == b.maxItems || len(b.items) > 0 && b.bytes+len(item) > b.maxBytes {
		return false
	}
	b.items = append(b.items, item)
	b.pages = append(b.pages, from)
	b.places = append(b.places, place)
	b.outcomes = append(b.outcomes, store.Pending)
	b.bytes += len(item)
	return true
}

// at adds to an error about the i-th item which line the item comes from, if the source has lines.
func (b *batch) at(i int, err error) error {
	place := b.pages[i].Place(b.places[i])
	if place.Line == 0 {
		return err
	}
	return &store.ItemError{Where: place.String(), Err: err}
}

// empty removes all items.
func (b *batch) empty() {
	b.items, b.pages, b.places, b.outcomes, b.bytes = b.items[:0], b.pages[:0], b.places[:0], b.outcomes[:0], 0
}
