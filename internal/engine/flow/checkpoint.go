// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import "encoding/json"

// Checkpoint is where a run can go on that was interrupted: behind the pages of each part that are settled, together
// with all before them. What was under way behind it is read and written again, which changes nothing, and counted
// then.
type Checkpoint struct {
	// Ledger has the items of the pages behind the checkpoint, and all units consumed. If items are announced, it also has
	// what was written of pages further on: it is gone, and a later run does not read it.
	Ledger Ledger `json:"ledger"`
	// Segments are the parts that have come further than their beginning.
	Segments []Segment `json:"parts"`
	// Announced are the identities of items that may have been written and are not in Ledger, of 8 bytes each.
	Announced []byte `json:"announced,omitempty"`
}

// Segment is how far one part of the source has come.
type Segment struct {
	Number int `json:"part"`
	// After is the position to read on from; for a table the key of an item.
	After json.RawMessage `json:"after,omitempty"`
	// End reports whether the part is done.
	End bool `json:"end,omitempty"`
}
