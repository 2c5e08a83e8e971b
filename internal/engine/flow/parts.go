// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"math/rand/v2"
	"sync"
)

// position is how far a part has been read: the next page begins behind after.
type position struct {
	number int
	after  []byte
}

// parts are the parts of a source that still have pages and that nobody is reading. They stand in strata, which are
// runs of neighbours: the segments of a Scan divide the table by hash, as its partitions do.
type parts struct {
	mu     sync.Mutex
	of     int
	strata []stratum
}

type stratum struct {
	idle []position
	held int // Pages of the stratum in memory, or being read.
}

// newParts returns the parts that are not done, at the positions of the checkpoint if there is one.
func newParts(n, strata int, from *Checkpoint) *parts {
	known := map[int]Segment{}
	if from != nil {
		for _, part := range from.Segments {
			known[part.Number] = part
		}
	}
	p := &parts{of: n, strata: make([]stratum, min(n, strata))}
	for number := range n {
		if part := known[number]; !part.End {
			p.put(position{number, part.After})
		}
	}
	return p
}

// stratum is the one that the part stands in.
func (p *parts) stratum(number int) *stratum { return &p.strata[p.stratumOf(number)] }

func (p *parts) stratumOf(number int) int { return number * len(p.strata) / p.of }

// take removes a part of the stratum that has the fewest pages in memory, at random among equals. So there is work for
// every partition of the destination at any time: one that is slow keeps its pages, and no page takes the place of
// another partition's only one. A reader that finds no part is done: each part that is left has a reader of its own,
// which puts it back and takes the next.
func (p *parts) take() (position, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var least *stratum
	first := rand.IntN(len(p.strata))
	for i := range p.strata {
		s := &p.strata[(first+i)%len(p.strata)]
		if len(s.idle) > 0 && (least == nil || s.held < least.held) {
			least = s
		}
	}
	if least == nil {
		return position{}, false
	}
	last := len(least.idle) - 1
	i := rand.IntN(last + 1)
	taken := least.idle[i]
	least.idle[i] = least.idle[last]
	least.idle = least.idle[:last]
	least.held++
	return taken, true
}

func (p *parts) put(part position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stratum(part.number)
	s.idle = append(s.idle, part)
}

// settled says that a page of the part is no longer in memory.
func (p *parts) settled(number int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stratum(number).held--
}
