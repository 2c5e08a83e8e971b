// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace

import "time"

// Pool finds how many requests should be in flight at once: it grows as long as growing pays. Requests beyond
// that cost processor time and gain nothing. How many are needed depends on the distance to the service.
type Pool struct {
	size, most int

	opened  time.Time // When the period that is being counted began.
	items   int
	before  float64 // Items a second in the previous period.
	smaller int     // The size before a growth that is on trial; 0 if none is.
	rest    int     // Periods to wait before the next trial.
}

const (
	// period is how long a size is measured.
	period = 100 * time.Millisecond
	// growth is the factor by which the size grows on trial. minGain is the factor in items a second that keeps the
	// larger size.
	growth  = 1.5
	minGain = 1.08
	// restPeriods is how many periods pass before growing is tried again.
	restPeriods = 30
)

// NewPool returns a Crew that begins with first requests and grows to at most most.
func NewPool(first, most int, now time.Time) *Pool {
	return &Pool{size: first, most: most, opened: now}
}

// Size returns how many requests should be in flight.
func (c *Pool) Size() int { return c.size }

// Answered records the items that a request has moved.
func (c *Pool) Answered(now time.Time, items int) {
	c.items += items
	elapsed := now.Sub(c.opened)
	if elapsed < period || c.size == c.most && c.smaller == 0 {
		return
	}
	rate := float64(c.items) / elapsed.Seconds()
	c.opened, c.items = now, 0
	switch {
	case c.rest > 0:
		c.rest--
	case c.smaller > 0 && rate < minGain*c.before:
		c.size, c.smaller, c.rest = c.smaller, 0, restPeriods
	default:
		c.smaller, c.size = c.size, min(c.most, int(float64(c.size)*growth)+1)
		if c.smaller == c.size {
			c.smaller = 0
		}
	}
	c.before = rate
}
