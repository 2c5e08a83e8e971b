// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"context"
	"sync"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// page is a page of the source whose items are on their way.
type page struct {
	store.Page
	part    int      // The part it was read from.
	next    int      // The first item that is in no batch yet; guarded by the mixer.
	passage *passage // What the book knows of it.
}

// mixer holds the pages that are open and deals their items out.
type mixer struct {
	unused chan *page // Pages that wait to be filled; their number bounds the memory.

	mu      sync.Mutex
	changed *sync.Cond
	open    []*page // Pages with items that are in no batch yet.
	turn    int     // The open page that the next item is taken from.
	ready   int     // Items in open pages.
	reading int     // Readers that wait for an answer of the source.
	readers int     // Readers that have not left.
	stopped bool
}

func newMixer(readers, pages int) *mixer {
	m := &mixer{unused: make(chan *page, pages), readers: readers}
	m.changed = sync.NewCond(&m.mu)
	for range pages {
		m.unused <- new(page)
	}
	return m
}

// free waits for a page whose items are all settled.
func (m *mixer) free(ctx context.Context) (*page, error) {
	select {
	case p := <-m.unused:
		return p, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// giveBack takes a page that holds nothing any more.
func (m *mixer) giveBack(p *page) { m.unused <- p }

func (m *mixer) readBegins() { m.change(func() { m.reading++ }) }

func (m *mixer) readerLeaves() { m.change(func() { m.readers-- }) }

// stop ends the run for everyone who waits.
func (m *mixer) stop() { m.change(func() { m.stopped = true }) }

func (m *mixer) change(what func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	what()
	m.changed.Broadcast()
}

// readEnds opens a page that has been read. The reader has no more to do with it: writers may settle its items, and
// another reader fill it again, before readEnds returns.
func (m *mixer) readEnds(p *page) {
	n := len(p.Items)
	p.next = 0
	m.change(func() {
		m.reading--
		if n > 0 {
			m.open = append(m.open, p)
			m.ready += n
		}
	})
	if n == 0 {
		m.giveBack(p)
	}
}

// fill tops the batch up with items of all open pages in turn. It waits for a full batch as long as one may come, and
// returns false when the batch is empty and nothing comes any more.
func (m *mixer) fill(b *batch) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for !m.stopped && len(b.items) == 0 {
		// A reader that waits for a free page brings nothing until batches go out, so only an answer of the source
		// that is under way is worth waiting for.
		enough := m.ready >= b.maxItems || m.ready > 0 && m.reading == 0
		if enough || m.ready == 0 && m.readers == 0 {
			break
		}
		m.changed.Wait()
	}
	for !m.stopped && m.ready > 0 {
		m.turn %= len(m.open)
		p := m.open[m.turn]
		if !b.add(p, p.Items[p.next]) {
			break
		}
		p.next++
		m.ready--
		if p.next < len(p.Items) {
			m.turn++
			continue
		}
		m.open[m.turn] = m.open[len(m.open)-1]
		m.open = m.open[:len(m.open)-1]
	}
	return !m.stopped && len(b.items) > 0
}
