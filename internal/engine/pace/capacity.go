// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace

// FirstRate is the number of write units a second that a new on-demand table takes ("On-demand capacity mode").
const FirstRate = 4_000

// Capacity is what is known about a table before it is written to, in units a second. Values that are not known
// are 0.
type Capacity struct {
	// Known is the rate that the table takes from the beginning. The search begins there.
	Known float64
	// Most is the highest rate that may be used.
	Most float64
	// Steady is the rate that the table takes permanently, if it takes a higher one only while it has unused
	// units of the last minutes saved up ("Burst and adaptive capacity").
	Steady float64
}

// AtMost returns the capacity under a limit in units a second. 0 means no limit.
func (c Capacity) AtMost(units float64) Capacity {
	if units > 0 {
		c.Known, c.Most = min(c.Known, units), lowest(c.Most, units)
	}
	return c
}

// lowest returns the lowest of the bounds, leaving out those that are 0, which mean no bound.
func lowest(bounds ...float64) (least float64) {
	for _, b := range bounds {
		if b > 0 && (least == 0 || b < least) {
			least = b
		}
	}
	return least
}
