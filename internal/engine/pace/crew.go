// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace

import "time"

// Crew finds how many requests should be under way at once: it grows as long as growing pays. More than are needed cost
// processor time and gain nothing; how many are needed depends on how far away the service is.
type Crew struct {
	size, most int

	opened  time.Time // The spell that is being counted.
	items   int
	before  float64 // Items a second in the spell before.
	smaller int     // The size in the spell before a growth that is on trial; 0 when none is.
	rest    int     // Spells to wait before the next trial.
}

const (
	spell = 100 * time.Millisecond
	// growth is how much larger a crew is tried, pays the gain in items a second that makes it stay.
	growth = 1.5
	pays   = 1.08
	// restSpells is how long a size stays that proved right.
	restSpells = 30
)

// NewCrew returns a crew of size first that grows to most.
func NewCrew(first, most int, now time.Time) *Crew {
	return &Crew{size: first, most: most, opened: now}
}

// Size is how many requests should be under way.
func (c *Crew) Size() int { return c.size }

// Answered enters the items that a request moved.
func (c *Crew) Answered(now time.Time, items int) {
	c.items += items
	elapsed := now.Sub(c.opened)
	if elapsed < spell || c.size == c.most && c.smaller == 0 {
		return
	}
	rate := float64(c.items) / elapsed.Seconds()
	c.opened, c.items = now, 0
	switch {
	case c.rest > 0:
		c.rest--
	case c.smaller > 0 && rate < pays*c.before:
		c.size, c.smaller, c.rest = c.smaller, 0, restSpells
	default:
		c.smaller, c.size = c.size, min(c.most, int(float64(c.size)*growth)+1)
		if c.smaller == c.size {
			c.smaller = 0
		}
	}
	c.before = rate
}
