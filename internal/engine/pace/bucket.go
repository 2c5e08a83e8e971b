// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace

import "time"

// Bucket limits the capacity units that requests consume to a rate on average. What a request costs is known
// only from its response, so it is charged with the average of earlier ones first, and the difference is
// settled then. That may overdraw the bucket; later requests wait longer for it.
type Bucket struct {
	rate     float64 // Units a second.
	level    float64 // Units that may be spent. Negative if the bucket is overdrawn.
	last     time.Time
	expected float64 // The cost of a request, as a moving average.
}

// NewBucket returns an empty bucket that fills at the rate from now on.
func NewBucket(unitsPerSecond float64, now time.Time) *Bucket {
	return &Bucket{rate: unitsPerSecond, last: now}
}

// SetRate changes the rate from now on. If it falls, the units saved up at the higher rate are discarded.
func (b *Bucket) SetRate(unitsPerSecond float64) {
	if unitsPerSecond < b.rate {
		b.level = min(b.level, 0)
	}
	b.rate = unitsPerSecond
}

// Charge is what a request was charged with before it was sent.
type Charge float64

// Wait returns how long to wait before asking again whether a request may be sent, or 0 if it may. Unless
// requests must be sent singly, a wait is long enough for several to be sent together: an idle processor spends
// more on waking up for each of them than on sending it.
func (b *Bucket) Wait(now time.Time, singly bool) time.Duration {
	// After a pause, at most a tenth of a second's units may be caught up on, so that there is no burst.
	const burst, together = 0.1, 0.005
	full := b.rate * burst
	b.level = min(b.level+b.rate*now.Sub(b.last).Seconds(), full+b.rate*together)
	b.last = now
	missing := min(b.expected, full) - b.level
	if missing <= 0 {
		return 0
	}
	seconds := missing / b.rate
	if !singly {
		seconds = max(seconds, together)
	}
	return max(time.Microsecond, time.Duration(seconds*float64(time.Second)))
}

// Spend charges a request that is being sent, which costs at least that many units.
func (b *Bucket) Spend(least float64) Charge {
	charge := max(b.expected, least)
	b.level -= charge
	return Charge(charge)
}

// Settle replaces what the request was charged with by what it has consumed.
func (b *Bucket) Settle(charge Charge, consumed float64) {
	const weight = 0.1 // Of the latest request in the average.
	b.level += float64(charge) - consumed
	b.expected += weight * (consumed - b.expected)
}
