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

// Pacer keeps the requests of one side to a number of capacity units a second. A nil Pacer lets them go as they come.
type Pacer struct {
	mu     sync.Mutex
	bucket *pace.Bucket
}

// NewPacer returns a Pacer that begins now.
func NewPacer(unitsPerSecond float64) *Pacer {
	return &Pacer{bucket: pace.NewBucket(unitsPerSecond, time.Now())}
}

// before waits until a request may be sent that costs no less than so many units.
func (p *Pacer) before(ctx context.Context, least float64) (pace.Charge, error) {
	if p == nil {
		return 0, nil
	}
	p.mu.Lock()
	charge, wait := p.bucket.Reserve(time.Now(), least)
	p.mu.Unlock()
	if wait == 0 {
		return charge, nil
	}
	return charge, wire.Sleep(ctx, wait)
}

// after settles what the request has consumed.
func (p *Pacer) after(charge pace.Charge, units float64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bucket.Settle(charge, units)
}
