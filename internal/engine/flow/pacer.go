// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"context"
	"sync"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// Pacer keeps the requests of one side to a number of capacity units a second: a given one, or what the table turns out to
// take. A nil Pacer lets them go as they come.
type Pacer struct {
	mu     sync.Mutex
	bucket *pace.Bucket
	finder *pace.Finder // Nil for a rate that is given.
}

// NewPacer returns a Pacer for a given rate that begins now.
func NewPacer(unitsPerSecond float64) *Pacer {
	return &Pacer{bucket: pace.NewBucket(unitsPerSecond, time.Now())}
}

// NewFindingPacer returns a Pacer that finds the rate, beginning now at the units a second that the table is known to take;
// 0 when nothing is known. It never goes above most, unless that is 0.
func NewFindingPacer(known, most float64) *Pacer {
	now := time.Now()
	finder := pace.NewFinder(known, most, now)
	return &Pacer{bucket: pace.NewBucket(finder.Rate(), now), finder: finder}
}

// before waits until a request may be sent that costs no less than so many units.
func (p *Pacer) before(ctx context.Context, least float64) (pace.Charge, error) {
	if p == nil {
		return 0, nil
	}
	p.mu.Lock()
	charge, wait := p.bucket.Reserve(time.Now(), least)
	if p.finder != nil {
		p.finder.Sent()
	}
	p.mu.Unlock()
	if wait == 0 {
		return charge, nil
	}
	return charge, wire.Sleep(ctx, wait)
}

// after settles what the request has consumed; back is about how many units' worth of it was sent back.
func (p *Pacer) after(charge pace.Charge, units, back float64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// What came back counts against the rate: it is what asks too much of the table.
	p.bucket.Settle(charge, units+back)
	if p.finder != nil {
		p.finder.Answered(time.Now(), units, back)
		p.bucket.SetRate(p.finder.Rate())
	}
}
