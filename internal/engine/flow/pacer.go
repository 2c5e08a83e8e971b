// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"context"
	"sync"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
)

// Pacer limits the capacity units of one end to a rate: a given one, or the one that the table turns out to take. A nil
// Pacer does not limit them.
type Pacer struct {
	line chan struct{} // Holds a token for the request that is first in line.

	mu     sync.Mutex
	bucket *pace.Bucket
	finder *pace.Finder // Nil for a rate that is given.
}

// NewPacer returns a Pacer for a given rate.
func NewPacer(unitsPerSecond float64) *Pacer {
	return newPacer(pace.NewBucket(unitsPerSecond, time.Now()), nil)
}

// NewFindingPacer returns a Pacer that finds the rate, and begins at the rate that the table is known to take. That
// many processes write to the table at once.
func NewFindingPacer(table pace.Capacity, processes int) *Pacer {
	now := time.Now()
	finder := pace.NewFinder(table, processes, now)
	return newPacer(pace.NewBucket(finder.Rate(), now), finder)
}

func newPacer(bucket *pace.Bucket, finder *pace.Finder) *Pacer {
	return &Pacer{line: make(chan struct{}, 1), bucket: bucket, finder: finder}
}

// before waits until a request may be sent, and has it filled: fill returns the least units that it costs, 0 for no
// request. Requests wait in a line, and only the first checks the rate and is filled. So when the rate is cut, or an
// item has to wait, no request is under way that was filled before.
func (p *Pacer) before(ctx context.Context, fill func() (least float64)) (pace.Charge, error) {
	if p == nil {
		fill()
		return 0, nil
	}
	select {
	case p.line <- struct{}{}:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	defer func() { <-p.line }()
	for {
		wait := p.wait()
		if wait == 0 {
			break
		}
		if err := pause.Sleep(ctx, wait); err != nil {
			return 0, err
		}
	}
	least := fill()
	p.mu.Lock()
	defer p.mu.Unlock()
	if least == 0 {
		return 0, nil
	}
	if p.finder != nil {
		p.finder.Sent()
	}
	return p.bucket.Spend(least), nil
}

func (p *Pacer) wait() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bucket.Wait(time.Now(), p.finder != nil && p.finder.Searching())
}

// after settles the units of a request, including those of items that were unprocessed and of earlier attempts at the
// request that were refused.
func (p *Pacer) after(charge pace.Charge, units, left, refused float64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// Unprocessed items count against the rate: they show that it asks too much of the table. Refused attempts have had
	// their wait.
	p.bucket.Settle(charge, units+left)
	if p.finder != nil {
		p.finder.Answered(time.Now(), units, left, refused)
		p.bucket.SetRate(p.finder.Rate())
	}
}
