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

// page is a page of the source whose items are on their way.
type page struct {
	store.Page
	part    int // The part it was read from, in that stratum.
	stratum int
	next    int      // The first item that is in no batch yet; guarded by the mixer.
	passage *passage // What the book knows of it.
}

// mixer holds the pages that are open and deals their items out.
type mixer struct {
	unused chan *page // Pages that wait to be filled; their number bounds the memory.

	mu      sync.Mutex
	changed *sync.Cond
	lanes   []lane
	read    []*page // Pages that are not open yet: their items are to be announced first.
	turn    int     // The lane that the next item is taken from.
	ready   int     // Items that are in no batch.
	flying  int     // Items in batches.
	reading int     // Pages that are not open yet: those that a reader waits for, and those in read.
	hungry  int     // Writers that wait for a batch.
	readers int     // Readers that have not left.
	waking  bool    // A timer will wake whoever waits.
	stopped bool
}

// lane is what one stratum of the source has to be written. What the destination sends back is most often one
// partition's doing: its lane pauses, and no writer has to.
type lane struct {
	returned []returned
	open     []*page // Pages with items that were in no batch yet, the oldest first.
	window   pace.Window
}

// returned is an item that the destination has sent back.
type returned struct {
	page  *page
	place int
}

func newMixer(readers, pages, lanes int) *mixer {
	m := &mixer{unused: make(chan *page, pages), readers: readers, lanes: make([]lane, lanes)}
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

// readEnds takes a page that has been read. The reader has no more to do with it: if it is opened, writers may settle
// its items, and another reader fill it again, before readEnds returns.
func (m *mixer) readEnds(p *page, announced bool) {
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
		m.giveBack(p)
	}
}

// open lets the page's items be dealt out.
func (m *mixer) open(p *page) {
	m.reading--
	l := &m.lanes[p.stratum]
	l.open = append(l.open, p)
	m.ready += len(p.Items)
}

// announce has pages recorded before it opens them, until there will be no more. A record costs much the same for many
// pages as for one, and may be paid for. So it is put off until there are more items in them than in those that are
// open, or a writer has nothing to do; and, within the interval after another record, until half of all pages wait for
// it, or none comes any more.
func (m *mixer) announce(record func(), interval time.Duration) {
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
		if waiting == 0 || waiting < m.ready && m.hungry == 0 || early {
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

// fill fills the batch, which is empty, with items of all lanes in turn. It waits for a full one as long as that may
// come, and leaves it empty when nothing comes any more.
func (m *mixer) fill(b *batch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	hungry := 0
	defer func() { m.hungry -= hungry }()
	for !m.stopped && (m.ready > 0 || m.flying > 0 || m.reading > 0 || m.readers > 0) {
		// A reader that waits for a free page brings nothing until batches go out, nor may a page that waits for its record.
		// So only one that is on its way is worth waiting for.
		if m.ready >= b.maxItems || m.ready > 0 && m.reading == len(m.read) {
			m.deal(b, time.Now())
			if len(b.items) > 0 {
				return
			}
		}
		if hungry == 0 {
			hungry = 1
			if m.hungry++; m.hungry == 1 {
				m.changed.Broadcast()
			}
		}
		m.changed.Wait()
	}
}

// deal takes items of the lanes that are open until the batch is full. If none is, it sees to it that whoever waits
// wakes when the first pause is over.
func (m *mixer) deal(b *batch, now time.Time) {
	var wake time.Time
	for passed := 0; passed < len(m.lanes); m.turn++ {
		m.turn %= len(m.lanes)
		l := &m.lanes[m.turn]
		switch {
		case len(l.returned) == 0 && len(l.open) == 0:
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
			m.flying++
			l.window.Sent()
			passed = 0
		}
	}
	if len(b.items) == 0 && !m.waking && !wake.IsZero() {
		m.waking = true
		time.AfterFunc(wake.Sub(now), func() { m.change(func() { m.waking = false }) })
	}
}

// give puts the lane's next item into the batch, and returns false if there is no room for it.
func (l *lane) give(b *batch) bool {
	if last := len(l.returned) - 1; last >= 0 {
		if !b.add(l.returned[last].page, l.returned[last].place) {
			return false
		}
		l.returned = l.returned[:last]
		return true
	}
	p := l.open[0]
	if !b.add(p, p.next) {
		return false
	}
	if p.next++; p.next == len(p.Items) {
		l.open = slices.Delete(l.open, 0, 1)
	}
	return true
}

// settle enters the outcomes of a batch and returns how many of its items were sent back. Those return to their lanes,
// which pause so long.
func (m *mixer) settle(b *batch, pause time.Duration) (back int) {
	now := time.Now()
	m.change(func() {
		for i, outcome := range b.outcomes {
			l := &m.lanes[b.pages[i].stratum]
			if outcome != store.Pending {
				l.window.Settled()
				continue
			}
			l.window.Back(now, pause)
			l.returned = append(l.returned, returned{b.pages[i], b.places[i]})
			back++
		}
		m.ready += back
		m.flying -= len(b.items)
	})
	return back
}
