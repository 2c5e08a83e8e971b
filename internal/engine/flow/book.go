// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"sync"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// book is the ledger of a run while it goes on.
type book struct {
	mu     sync.Mutex
	ledger Ledger
}

// read returns the counts so far.
func (b *book) read() Ledger {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ledger
}

// pageRead enters what a page brought.
func (b *book) pageRead(p *store.Page) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ledger.Scanned += int64(len(p.Items))
	b.ledger.Filtered += int64(p.Filtered)
	b.ledger.ReadUnits += p.Units
}

// batchWritten enters what became of a batch, whether the sink took all of it or not.
func (b *book) batchWritten(batch *batch, units float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ledger.WriteUnits += units
	for i, outcome := range batch.outcomes {
		switch outcome {
		case store.Written:
			b.ledger.Written++
			b.ledger.BytesWritten += int64(len(batch.items[i]))
		case store.Skipped:
			b.ledger.Skipped++
		case store.Pending:
		}
	}
}

// sentBack enters a batch that the sink took only in part.
func (b *book) sentBack() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ledger.SentBack++
}
