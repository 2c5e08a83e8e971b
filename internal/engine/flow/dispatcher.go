// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// page is a page of the source whose items are being written.
type page struct {
	store.Page
	segment int // The segment that it was read from, in that group.
	group   int
	next    int        // The first item that is in no batch yet; guarded by the dispatcher.
	entry   *pageEntry // What the book knows of it.
}

// dispatcher holds the open pages and fills batches with their items.
type dispatcher struct {
	unused chan *page // Pages that wait to be filled; their number bounds the memory.

	mu      sync.Mutex
	changed *sync.Cond
	queues  []queue
	read    []*page // Pages that are not open yet: their items are to be announced first.
	turn    int     // The queue that the next item is taken from.
	ready   int     // Items that are in no batch.
	sent    int     // Items in batches.
	reading int     // Pages that are not open yet: those that a reader waits for, and those in read.
	idle    int     // Writers that wait for a batch.
	readers int     // Readers that have not left.
	waking  bool    // A timer will wake the waiting writers.
	stopped bool
}

// queue is the items of one group that wait to be written. Unprocessed items mostly come from one overloaded partition:
// its queue pauses, and no writer has to.
type queue struct {
	returned []returned
	pages    []*page // Pages with items that were in no batch yet, the oldest first.
	window   pace.Window
}

// returned is an unprocessed item.
type returned struct {
	page  *page
	place int
}

func newDispatcher(readers, pages, queues int) *dispatcher {
	m := &dispatcher{unused: make(chan *page, pages), readers: readers, queues: make([]queue, queues)}
	m.changed = sync.NewCond(&m.mu)
	for range pages {
		m.unused <- new(page)
	}
	return m
}

// free waits for a page whose items are all settled.
func (m *dispatcher) free(ctx context.Context) (*page, error) {
	select {
	case p := <-m.unused:
		return p, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// release takes a page that holds nothing any more.
func (m *dispatcher) release(p *page) { m.unused <- p }

func (m *dispatcher) readBegins() { m.change(func() { m.reading++ }) }

func (m *dispatcher) readerLeaves() { m.change(func() { m.readers-- }) }

// stop ends the run for all goroutines that wait.
func (m *dispatcher) stop() { m.change(func() { m.stopped = true }) }

func (m *dispatcher) change(what func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	what()
	m.changed.Broadcast()
}

// readEnds takes a page that was read. The reader must not touch it again: once it is open, writers may settle its
// items, and another reader may fill it, before readEnds returns.
func (m *dispatcher) readEnds(p *page, announced bool) {
	n := len(p.Items)
	p.next = 0
	m.change(func() {
		switch {
		case n == 0:
			m.reading--
		case announced:
			m.read = append(m.read, p)
		default:
			m.open(p)
		}
	})
	if n == 0 {
		m.release(p)
	}
}

// open makes the page's items available to batches.
func (m *dispatcher) open(p *page) {
	m.reading--
	l := &m.queues[p.group]
	l.pages = append(l.pages, p)
	m.ready += len(p.Items)
}

// announce has pages recorded before it opens them, until there are no more. A record costs about the same for many
// pages as for one, and each may be paid for. So it is put off until the waiting pages have more items than the open
// ones, or a writer has nothing to do. Within the interval after another record, it is put off until half of all pages
// wait for it, or no more pages come.
func (m *dispatcher) announce(record func(), interval time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var next time.Time
	var timer *time.Timer // It wakes at that time.
	defer func() {
		if timer != nil {
			timer.Stop()
		}
	}()
	for !m.stopped && (m.reading > 0 || m.readers > 0) {
		waiting := 0
		for _, p := range m.read {
			waiting += len(p.Items)
		}
		early := time.Now().Before(next) && 2*len(m.read) < cap(m.unused) &&
			(m.reading > len(m.read) || m.readers > 0 && len(m.unused) > 0)
		if waiting == 0 || waiting < m.ready && m.idle == 0 || early {
			m.changed.Wait()
			continue
		}
		pages := m.read
		m.read = nil
		m.mu.Unlock()
		record()
		next = time.Now().Add(interval)
		if timer != nil {
			timer.Stop()
		}
		timer = time.AfterFunc(interval, func() { m.change(func() {}) })
		m.mu.Lock()
		for _, p := range pages {
			m.open(p)
		}
		m.changed.Broadcast()
	}
}

// fill fills the empty batch with items of all queues in turn. It waits for a full batch while that is possible, and
// leaves the batch empty if no more items come.
func (m *dispatcher) fill(b *batch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	hungry := 0
	defer func() { m.idle -= hungry }()
	for !m.stopped && (m.ready > 0 || m.sent > 0 || m.reading > 0 || m.readers > 0) {
		// A reader that waits for a free page brings nothing until batches go out, and neither does a page that waits for its
		// record. So only a page that is being read is worth waiting for.
		if m.ready >= b.maxItems || m.ready > 0 && m.reading == len(m.read) {
			m.deal(b, time.Now())
			if len(b.items) > 0 {
				return
			}
		}
		if hungry == 0 {
			hungry = 1
			if m.idle++; m.idle == 1 {
				m.changed.Broadcast()
			}
		}
		m.changed.Wait()
	}
}

// deal moves items of the queues to the batch until it is full. If all queues pause, it makes sure that waiting
// goroutines wake when the first pause ends.
func (m *dispatcher) deal(b *batch, now time.Time) {
	var wake time.Time
	for passed := 0; passed < len(m.queues); m.turn++ {
		m.turn %= len(m.queues)
		l := &m.queues[m.turn]
		switch {
		case len(l.returned) == 0 && len(l.pages) == 0:
			passed++
		case !l.window.Open(now):
			passed++
			if until := l.window.Until(); until.After(now) && (wake.IsZero() || until.Before(wake)) {
				wake = until
			}
		case !l.give(b):
			return
		default:
			m.ready--
			m.sent++
			l.window.Sent()
			passed = 0
		}
	}
	if len(b.items) == 0 && !m.waking && !wake.IsZero() {
		m.waking = true
		time.AfterFunc(wake.Sub(now), func() { m.change(func() { m.waking = false }) })
	}
}

// give puts the queue's next item into the batch. It reports false if there is no room.
func (l *queue) give(b *batch) bool {
	if last := len(l.returned) - 1; last >= 0 {
		if !b.add(l.returned[last].page, l.returned[last].place) {
			return false
		}
		l.returned = l.returned[:last]
		return true
	}
	p := l.pages[0]
	if !b.add(p, p.next) {
		return false
	}
	if p.next++; p.next == len(p.Items) {
		l.pages = slices.Delete(l.pages, 0, 1)
	}
	return true
}

// settle adds the outcomes of a batch and returns how many items were unprocessed. Those return to their queues, which
// pause that long.
func (m *dispatcher) settle(b *batch, pause time.Duration) (back int) {
	now := time.Now()
	m.change(func() {
		for i, outcome := range b.outcomes {
			l := &m.queues[b.pages[i].group]
			if outcome != store.Pending {
				l.window.Settled()
				continue
			}
			l.window.Back(now, pause)
			l.returned = append(l.returned, returned{b.pages[i], b.places[i]})
			back++
		}
		m.ready += back
		m.sent -= len(b.items)
	})
	return back
}
