// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace

import "time"

// Bucket keeps the capacity units that requests consume to a rate on average. What a request costs is known only when it is
// answered, so it is charged with what the last ones cost, and the difference is settled then. The bucket may be overdrawn
// by that; later requests wait the longer.
type Bucket struct {
	rate     float64 // Units a second.
	level    float64 // Units that may be spent; negative when they are owed.
	last     time.Time
	expected float64 // What a request costs, as a moving average.
}

// NewBucket returns an empty bucket that fills at so many units a second from now on.
func NewBucket(unitsPerSecond float64, now time.Time) *Bucket {
	return &Bucket{rate: unitsPerSecond, last: now}
}

// SetRate changes the units a second from now on. Units saved up at a higher rate are lost: they were too many.
func (b *Bucket) SetRate(unitsPerSecond float64) {
	if unitsPerSecond < b.rate {
		b.level = min(b.level, 0)
	}
	b.rate = unitsPerSecond
}

// Charge is what a request has been charged with before it is sent.
type Charge float64

// Wait returns how long to wait before asking again whether a request may be sent; 0 if it may. Unless each is to be sent by
// itself, a wait is long enough for some to be sent together: where a processor has nothing to do between any two of them, waking
// up for each costs more than sending it.
func (b *Bucket) Wait(now time.Time, singly bool) time.Duration {
	// A pause may be made up for by a tenth of a second's units at most, so that there is no burst after it.
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

// Spend charges a request that is sent, and costs no less than so many units.
func (b *Bucket) Spend(least float64) Charge {
	charge := max(b.expected, least)
	b.level -= charge
	return Charge(charge)
}

// Settle puts what the request has consumed in the place of what it was charged with.
func (b *Bucket) Settle(charge Charge, consumed float64) {
	const weight = 0.1 // Of the latest request in the average.
	b.level += float64(charge) - consumed
	b.expected += weight * (consumed - b.expected)
}
