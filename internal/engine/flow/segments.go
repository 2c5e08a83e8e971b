// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"math/rand/v2"
	"sync"
)

// position is how far a segment has been read: its next page begins after it.
type position struct {
	number int
	after  []byte
}

// segments are the segments of a source that have more pages and that no reader reads. They are divided into groups of
// neighbours: the segments of a Scan divide the table by hash, as its partitions do.
type segments struct {
	mu     sync.Mutex
	total  int
	groups []group
}

type group struct {
	idle []position
	held int // Pages of the group in memory, or being read.
}

// newSegments returns the segments that are not done, at the positions of the checkpoint if there is one.
func newSegments(n, groups int, from *Checkpoint) *segments {
	known := map[int]Segment{}
	if from != nil {
		for _, part := range from.Segments {
			known[part.Number] = part
		}
	}
	p := &segments{total: n, groups: make([]group, min(n, groups))}
	for number := range n {
		if part := known[number]; !part.End {
			p.put(position{number, part.After})
		}
	}
	return p
}

// group returns the group of the segment with that number.
func (p *segments) group(number int) *group { return &p.groups[p.groupOf(number)] }

func (p *segments) groupOf(number int) int { return number * len(p.groups) / p.total }

// take removes a segment of the group that has the fewest pages in memory, at random among equals. So there is always
// work for every partition of the destination: a slow partition keeps its pages, and no page displaces the only page of
// another partition. A reader that finds no segment is done: each remaining segment has a reader, which puts it back
// and takes the next.
func (p *segments) take() (position, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var least *group
	first := rand.IntN(len(p.groups))
	for i := range p.groups {
		s := &p.groups[(first+i)%len(p.groups)]
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

func (p *segments) put(part position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.group(part.number)
	s.idle = append(s.idle, part)
}

// settled notes that a page of the segment left memory.
func (p *segments) settled(number int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.group(number).held--
}
