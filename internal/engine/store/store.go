// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package store holds what items can be read from and written to: a table or one of its indexes, JSON-lines files, and
// exports and JSON lines in S3.
//
// A [Source] gives items page by page, a [Sink] takes them batch by batch. Both see items as DynamoDB JSON. How many
// pages and batches are under way at once, and what is counted, is decided by package flow.
package store

import (
	"context"
	"errors"
)

// ErrSameKey is the error for an item that has the key of another one of the source: DynamoDB would keep only one of
// them.
var ErrSameKey = errors.New("the item has the same key")

// Source is where items come from. Its methods are safe for concurrent use.
type Source interface {
	// Definition returns bytes that are the same for two sources exactly if the same is read.
	Definition() []byte
	// Read fills the page with the segment's items after the position after; nil is the beginning. It has waited out
	// throttles and temporary faults.
	Read(ctx context.Context, part Segment, after []byte, page *Page) error
	// Close releases what reading has opened.
	Close() error
}

// Segment is one of the parts into which a source is divided for reading, such as a segment of a Scan.
type Segment struct {
	// Number counts from 0 to Total-1.
	Number, Total int
}

// Page is one answer of a Source. A Page that is used again keeps its memory.
type Page struct {
	// Items are the page's items, each as DynamoDB JSON; valid until the page is used again.
	Items [][]byte
	// Dropped is the number of items that were read and left out on purpose.
	Dropped int
	// Refused are the items that were read and cannot be written. They are valid as long as Items.
	Refused []Unfit
	// Filtered is the number of items that DynamoDB read and the filter left out.
	Filtered int
	// Next is the position to resume from, as JSON; nil after the last page. It stays valid.
	Next []byte
	// Units are the read units consumed.
	Units float64

	memory []byte
	shaped []byte // The items that a transform has made of those in memory.
	read   int    // How much text was read for it, if the items come from one.
	text   string // What the items come from, if that has lines.
	lines  []int  // The line of each item there.
}

// Unfit is an item that cannot be written, as it is in the source.
type Unfit struct {
	Item []byte
	Err  error
}

// begin makes the page empty, and keeps its memory.
func (p *Page) begin() {
	p.Items, p.Refused, p.lines = p.Items[:0], p.Refused[:0], p.lines[:0]
	p.Dropped, p.Filtered, p.Next, p.Units, p.read = 0, 0, nil, 0, 0
}

// Outcome is what happened to one item that was handed to a Sink.
type Outcome uint8

// The outcomes.
const (
	// Pending items are unprocessed. They have to be handed over again.
	Pending Outcome = iota
	// Written items have been put, or deleted, and the sink has said so.
	Written
	// Skipped items were left alone because a condition did not hold for them.
	Skipped
	// SkippedDifferent items are Skipped ones in whose place there is an item with other values.
	SkippedDifferent
	// Failed items have been refused for good.
	Failed
	// Suspect items were refused without a known fault: see RefusedError.
	Suspect
)

// Receipt is a Sink's answer for one batch.
type Receipt struct {
	// Units are the write units consumed, TableUnits those of them that were the table's own and not its indexes'.
	Units, TableUnits float64
	// Throttled is how many requests for the batch were refused as a whole because the table takes no more; the throttles
	// of a single partition are not among them.
	Throttled int
	// Unknown is how many items of a failed batch may have been written: no answer came.
	Unknown int
	// Refused says why, for each item that Failed or is Suspect.
	Refused []Refusal
}

// Refusal is why one item of a batch was refused for good.
type Refusal struct {
	// Index is the item's place in the batch.
	Index int
	Err   error
}

// Sink is where items go. Its methods are safe for concurrent use.
type Sink interface {
	// Limits are the most items and the most bytes of DynamoDB JSON in one batch. A larger item goes alone.
	Limits() (items, bytes int)
	// Write writes a batch and sets the outcome of each item in outcomes, which has the same length. If it returns an
	// error, outcomes and receipt still tell what was done before it. Items that DynamoDB has not acknowledged legibly
	// stay Pending.
	Write(ctx context.Context, items [][]byte, outcomes []Outcome) (Receipt, error)
	// Close ends the writing. With keep, what was written becomes visible; without, what can be undone is undone.
	Close(keep bool) error
}
