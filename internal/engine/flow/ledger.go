// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import "fmt"

// Ledger counts the items of a run by outcome. In a complete run, Scanned is the sum of Dropped, Written, Skipped and
// Failed.
type Ledger struct {
	// Scanned counts the items read that passed the filter, Filtered those that DynamoDB read and left out.
	Scanned, Filtered int64
	// Dropped items were left out by a transform or a sample. Written items were put or deleted, and acknowledged. Skipped
	// items were left alone because a condition did not hold. Failed items were refused for good.
	Dropped, Written, Skipped, Failed int64
	// SkippedDifferent counts the Skipped items in whose place the destination has an item with other values.
	SkippedDifferent int64
	// BytesWritten is the size of the items written, as DynamoDB JSON.
	BytesWritten int64
	// ReadUnits and WriteUnits are the capacity units that DynamoDB reports as consumed.
	ReadUnits, WriteUnits float64
	// Unprocessed counts the requests of which DynamoDB returned items unprocessed.
	Unprocessed int64
	// Unknown counts the items of requests that got no answer before the run ended. They may have been written, and do not
	// count as written.
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

// Settled returns the number of items whose outcome is known.
func (l Ledger) Settled() int64 { return l.Dropped + l.Written + l.Skipped + l.Failed }

// Balance returns an error if the ledger of a complete run does not add up.
func (l Ledger) Balance() error {
	if l.Settled() != l.Scanned {
		return fmt.Errorf("%d items were read, but %d dropped, %d written, %d skipped and %d failed make %d",
			l.Scanned, l.Dropped, l.Written, l.Skipped, l.Failed, l.Settled())
	}
	return nil
}
