// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace

// FirstRate is the write units a second that a new on-demand table takes ("On-demand capacity mode").
const FirstRate = 4_000

// Capacity is what is known of a table before it is written to, in units a second; 0 for what is not known.
type Capacity struct {
	// Known is what the table takes at once: where the search begins.
	Known float64
	// Most is what may be asked of it at the most.
	Most float64
	// Steady is what it takes for good, if it takes more only while it has saved up unused units of the last minutes ("Burst and
	// adaptive capacity").
	Steady float64
}

// AtMost is the capacity if no more than so many units a second may be asked for, 0 for any number.
func (c Capacity) AtMost(units float64) Capacity {
	if units > 0 {
		c.Known, c.Most = min(c.Known, units), lowest(c.Most, units)
	}
	return c
}

// lowest is the lowest of the bounds, of which 0 is none.
func lowest(bounds ...float64) (least float64) {
	for _, b := range bounds {
		if b > 0 && (least == 0 || b < least) {
			least = b
		}
	}
	return least
}
