// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"sync"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// book counts the items of a run by outcome, and knows how far each segment is done.
type book struct {
	mu     sync.Mutex
	ledger Ledger // Of all items so far.
	done   Ledger // Of the pages that the checkpoint is behind.
	parts  map[int]*progress
	// missing are the items that an earlier run announced and that were not read since.
	missing map[uint64]struct{}
}

// progress is how far one segment has come.
type progress struct {
	pages []*pageEntry // Read, and not behind the checkpoint; in order.
	after []byte       // The checkpoint: where the newest page ends that is settled together with all before it.
	end   bool         // No page is behind the checkpoint.
}

// pageEntry is the book's entry of one page. It outlives the page's memory if an earlier page of the segment takes
// longer.
type pageEntry struct {
	part    *progress
	next    []byte // Where the page ends, nil at the end of the segment.
	pending int    // Items that are not settled.
	ledger  Ledger
	// identities are those of the page's items, settled for an item whose outcome is known; nil if items are not
	// announced.
	identities []uint64
}

// settled stands for the identity of an item whose outcome is known.
const settled = 0

// begin sets the book to where an earlier run has come.
func (b *book) begin(from *Checkpoint) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parts = map[int]*progress{}
	if from == nil {
		return
	}
	b.ledger, b.done = from.Ledger, from.Ledger
	b.missing = from.missing()
	for _, part := range from.Segments {
		b.parts[part.Number] = &progress{after: part.After, end: part.End}
	}
}

func (b *book) read() Ledger {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ledger
}

// checkpoint returns where a later run can resume. It counts the items of the pages before that point, and all units
// consumed.
func (b *book) checkpoint() Checkpoint {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := Checkpoint{Ledger: b.done}
	c.Ledger.ReadUnits, c.Ledger.WriteUnits, c.Ledger.Unprocessed = b.ledger.ReadUnits, b.ledger.WriteUnits, b.ledger.Unprocessed
	for number, part := range b.parts {
		if part.after != nil || part.end {
			c.Segments = append(c.Segments, Segment{Number: number, After: part.after, End: part.end})
		}
		part.announce(&c)
	}
	for identity := range b.missing {
		c.announce(identity)
	}
	return c
}

// announce adds the pages of the segment beyond the checkpoint, if items are announced: what was written of them, and
// the items that are not settled.
func (p *progress) announce(c *Checkpoint) {
	for _, page := range p.pages {
		if page.identities == nil {
			continue
		}
		c.Ledger.Scanned += page.ledger.Written
		c.Ledger.Written += page.ledger.Written
		c.Ledger.BytesWritten += page.ledger.BytesWritten
		for _, identity := range page.identities {
			if identity != settled {
				c.announce(identity)
			}
		}
	}
}

// settleMissing counts announced items that were not found: they are deleted.
func (b *book) settleMissing() {
	b.mu.Lock()
	defer b.mu.Unlock()
	gone := Ledger{Scanned: int64(len(b.missing)), Written: int64(len(b.missing))}
	b.ledger.Add(gone)
	b.done.Add(gone)
	b.missing = nil
}

// pageRead adds a page that was read, with the identities of its items if they are announced.
func (b *book) pageRead(number int, p *page, identities []uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	part := b.parts[number]
	if part == nil {
		part = &progress{}
		b.parts[number] = part
	}
	p.entry = &pageEntry{part: part, next: p.Next, pending: len(p.Items), identities: identities}
	if len(b.missing) > 0 {
		for _, identity := range identities {
			delete(b.missing, identity)
		}
	}
	part.pages = append(part.pages, p.entry)
	b.count(p.entry, Ledger{
		Scanned: int64(len(p.Items) + p.Dropped + len(p.Refused)), Filtered: int64(p.Filtered),
		Dropped: int64(p.Dropped), Failed: int64(len(p.Refused)),
	})
	b.ledger.ReadUnits += p.Units
	b.advance(part)
}

// count adds to the run's ledger and to the page's.
func (b *book) count(p *pageEntry, l Ledger) {
	b.ledger.Add(l)
	p.ledger.Add(l)
}

// batchWritten adds the outcomes of a batch, of which back items were unprocessed. It calls release for each page whose
// items are all settled.
func (b *book) batchWritten(batch *batch, receipt store.Receipt, back int, release func(*page)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ledger.WriteUnits += receipt.Units
	b.ledger.Unknown += int64(receipt.Unknown)
	if back > 0 {
		b.ledger.Unprocessed++
	}
	for i, outcome := range batch.outcomes {
		p := batch.pages[i]
		switch outcome {
		case store.Written:
			b.count(p.entry, Ledger{Written: 1, BytesWritten: int64(len(batch.items[i]))})
		case store.Skipped:
			b.count(p.entry, Ledger{Skipped: 1})
		case store.SkippedDifferent:
			b.count(p.entry, Ledger{Skipped: 1, SkippedDifferent: 1})
		case store.Failed:
			b.count(p.entry, Ledger{Failed: 1})
		case store.Pending, store.Suspect:
			continue
		}
		b.settle(p, batch.places[i], release)
	}
}

// failed adds the failure of items that had been held back.
func (b *book) failed(items []suspect, release func(*page)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, item := range items {
		b.count(item.page.entry, Ledger{Failed: 1})
		b.settle(item.page, item.place, release)
	}
}

// settle notes that the outcome of one of the page's items is known.
func (b *book) settle(p *page, place int, release func(*page)) {
	if p.entry.identities != nil {
		p.entry.identities[place] = settled
	}
	if p.entry.pending--; p.entry.pending == 0 {
		b.advance(p.entry.part)
		release(p)
	}
}

// advance moves the segment's checkpoint past the pages that are settled.
func (b *book) advance(part *progress) {
	for len(part.pages) > 0 && part.pages[0].pending == 0 {
		first := part.pages[0]
		part.pages = part.pages[1:]
		part.after, part.end = first.next, first.next == nil
		b.done.Add(first.ledger)
	}
}
