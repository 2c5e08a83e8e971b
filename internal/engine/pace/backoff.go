// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package pace decides how fast a run goes. It knows neither clocks nor networks: its functions take times and answers
// and say what to do next.
package pace

import "time"

// Backoff is a way to wait longer after each failure in a row.
type Backoff struct {
	// First is the longest wait after the first failure; it doubles with each further one.
	First time.Duration
	// Most is the longest wait of all.
	Most time.Duration
}

// Waits between attempts.
//
// A throttle ends as soon as the partition has gathered units again, which takes a fraction of a second, so a long wait
// only leaves capacity unused. An unreachable or failing service is not helped by haste.
var (
	Throttled   = Backoff{First: 25 * time.Millisecond, Most: 200 * time.Millisecond}
	Unreachable = Backoff{First: 50 * time.Millisecond, Most: 5 * time.Second}
)

// Wait returns how long to wait after that many failures in a row, counted from 1. chance, from 0 to 1, spreads the
// waits of many requests over the upper half of the range, so that they do not all come back at once.
func (b Backoff) Wait(failures int, chance float64) time.Duration {
	most := b.Most
	if doublings := failures - 1; doublings < 30 {
		most = min(b.Most, b.First<<doublings)
	}
	return most/2 + time.Duration(chance*float64(most/2))
}
