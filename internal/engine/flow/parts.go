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

// parts are the parts of a source that still have pages and that nobody is reading.
type parts struct {
	mu   sync.Mutex
	idle []position
}

// newParts returns the parts that are not done, at the positions of the checkpoint if there is one.
func newParts(n int, from *Checkpoint) *parts {
	known := map[int]Part{}
	if from != nil {
		for _, part := range from.Parts {
			known[part.Number] = part
		}
	}
	p := &parts{}
	for number := range n {
		if part := known[number]; !part.End {
			p.idle = append(p.idle, position{number, part.After})
		}
	}
	return p
}

// take removes one part at random, so that neighbouring pages are read far apart. A reader that finds none is done: each
// part that is left has a reader of its own, which puts it back and takes the next.
func (p *parts) take() (position, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return position{}, false
	}
	i := rand.IntN(last + 1)
	taken := p.idle[i]
	p.idle[i] = p.idle[last]
	p.idle = p.idle[:last]
	return taken, true
}

func (p *parts) put(part position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, part)
}
