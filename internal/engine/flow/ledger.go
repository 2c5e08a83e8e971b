// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import "fmt"

// Ledger is what a run has done with the items it read. In a run that is complete, Scanned is the sum of Dropped,
// Written, Skipped and Failed.
type Ledger struct {
	// Scanned counts the items read that passed the filter; Filtered those that DynamoDB read and left out.
	Scanned, Filtered int64
	// Dropped items were left out by a transform or a sample, Written ones acknowledged by the destination (put, or
	// deleted), Skipped ones left alone because a condition did not hold, Failed ones refused for good.
	Dropped, Written, Skipped, Failed int64
	// SkippedDifferent counts the Skipped items in whose place the destination holds an item with other values.
	SkippedDifferent int64
	// BytesWritten is the size of the items written, as DynamoDB JSON.
	BytesWritten int64
	// ReadUnits and WriteUnits are the capacity units that DynamoDB says were consumed.
	ReadUnits, WriteUnits float64
	// Unprocessed counts the requests from which DynamoDB sent items back as unprocessed.
	Unprocessed int64
	// Unknown counts the items of requests that got no answer before the run ended: they may be written, and are not
	// counted as such.
	Unknown int64 `json:",omitempty"`
}

// Add adds the counts of more.
func (l *Ledger) Add(more Ledger) {
	l.Scanned += more.Scanned
	l.Filtered += more.Filtered
	l.Dropped += more.Dropped
	l.Written += more.Written
	l.Skipped += more.Skipped
	l.SkippedDifferent += more.SkippedDifferent
	l.Failed += more.Failed
	l.BytesWritten += more.BytesWritten
	l.ReadUnits += more.ReadUnits
	l.WriteUnits += more.WriteUnits
	l.Unprocessed += more.Unprocessed
	l.Unknown += more.Unknown
}

// Settled is the number of items whose fate is known.
func (l Ledger) Settled() int64 { return l.Dropped + l.Written + l.Skipped + l.Failed }

// Balance returns an error if the ledger of a completed run does not add up.
func (l Ledger) Balance() error {
	if l.Settled() != l.Scanned {
		return fmt.Errorf("%d items were read, but %d dropped, %d written, %d skipped and %d failed make %d",
			l.Scanned, l.Dropped, l.Written, l.Skipped, l.Failed, l.Settled())
	}
	return nil
}
