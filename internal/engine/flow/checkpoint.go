// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import "encoding/json"

// Checkpoint is where a later run can resume: in each segment after the last page that is settled together with all
// pages before it. What was under way after that is read and written again, which changes nothing, and is counted then.
type Checkpoint struct {
	// Ledger counts the items of the pages before the checkpoint, and all units consumed. If items are announced, it also
	// counts what was written of later pages: those items are deleted, and a later run does not read them.
	Ledger Ledger `json:"ledger"`
	// Segments are the segments that have been begun.
	Segments []Segment `json:"parts"`
	// Announced are the identities, of 8 bytes each, of items that may have been written and are not in Ledger.
	Announced []byte `json:"announced,omitempty"`
}

// Segment is how far one segment of the source has come.
type Segment struct {
	Number int `json:"part"`
	// After is the position to resume after; for a table it is the key of an item.
	After json.RawMessage `json:"after,omitempty"`
	// End reports whether the segment is done.
	End bool `json:"end,omitempty"`
}
