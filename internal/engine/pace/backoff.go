// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package pace decides how fast a run goes. It uses neither clocks nor networks: its functions take times and
// results and say what to do next.
package pace

import "time"

// Backoff lengthens the wait after each failure in a row.
type Backoff struct {
	// First is the longest wait after the first failure. It doubles with each further failure.
	First time.Duration
	// Most is the longest wait after any number of failures.
	Most time.Duration
}

// The waits between attempts.
//
// A throttle ends as soon as the partition has accumulated units again, which takes a fraction of a second, so
// a long wait only leaves capacity unused. A service that fails or cannot be reached is not helped by fast
// retries.
var (
	Throttled   = Backoff{First: 25 * time.Millisecond, Most: 200 * time.Millisecond}
	Unreachable = Backoff{First: 50 * time.Millisecond, Most: 5 * time.Second}
)

// Wait returns how long to wait after that many failures in a row, counted from 1. chance, from 0 to 1, spreads
// the waits of many requests over the upper half of the range, so that they are not all retried at once.
func (b Backoff) Wait(failures int, chance float64) time.Duration {
	most := b.Most
	if doublings := failures - 1; doublings < 30 {
		most = min(b.Most, b.First<<doublings)
	}
	return most/2 + time.Duration(chance*float64(most/2))
}
