// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace

import "time"

// Finder finds the units a second that a table takes. It doubles the rate until requests come back, cuts it to what was
// taken, and then feels its way up again: fast to where the last cut was, slowly beyond.
type Finder struct {
	rate      float64
	most      float64 // The rate is never higher; 0 for no bound.
	lowest    float64 // The rate is never lower: there the waits between attempts do better, and a fault is no sign of a limit.
	searching bool    // Nothing has come back yet.
	target    float64 // The rate at the last cut.

	flying int // Requests that are under way, or wait to be sent at a rate of before.
	stale  int // Those of them from before the last cut.

	opened time.Time // The window that is being counted.
	window counts
	calm   int // Windows in a row without trouble.
}

// counts are what happened in a window.
type counts struct {
	requests             int
	taken, back, elapsed float64
}

// What a Finder goes by. The length of a window is how long a rate is tried; trouble is looked at sooner.
const (
	windowLength   = 50 * time.Millisecond
	troubleLength  = 20 * time.Millisecond
	windowRequests = 8
	// bearable is the share of units that may come back: less would leave capacity unused.
	bearable = 0.005
	// firstRate is more than a new on-demand table takes, 4,000 units, so that the search is short.
	firstRate = 10_000
	// leastKnown is what a single partition takes. A smaller table has saved up units that matter more than its rate.
	leastKnown = 1000
)

// NewFinder returns a Finder that begins at what the table is known to take, and never goes above most, unless that is 0.
// It searches if nothing is known, or so little that a table's unused units of the last minutes matter more.
func NewFinder(known, most float64, now time.Time) *Finder {
	// The first requests meet a table that has just woken up.
	f := &Finder{rate: known, most: most, opened: now, target: known, lowest: known / 2, stale: windowRequests}
	if known < leastKnown {
		f.rate, f.target, f.lowest, f.searching = firstRate, firstRate, firstRate, true
	}
	f.rate = f.within(f.rate)
	return f
}

// Rate is the units a second to send at.
func (f *Finder) Rate() float64 { return f.rate }

// Sent enters a request that is given its time at the present rate.
func (f *Finder) Sent() { f.flying++ }

// Answered enters the answer to a request that was Sent: the units taken, and about how many came back.
func (f *Finder) Answered(now time.Time, taken, back float64) {
	f.flying--
	if f.stale > 0 {
		// It says nothing of the rate after the cut.
		f.stale--
		f.opened = now
		return
	}
	f.window.requests++
	f.window.taken += taken
	f.window.back += back
	elapsed := now.Sub(f.opened)
	if f.window.requests < windowRequests || elapsed < troubleLength {
		return
	}
	trouble := f.window.back > bearable*(f.window.taken+f.window.back)
	if elapsed < windowLength && !trouble {
		return
	}
	f.window.elapsed = elapsed.Seconds()
	if trouble {
		f.cut()
	} else {
		f.raise()
	}
	f.opened, f.window = now, counts{}
}

// cut takes the rate down to what the table took.
func (f *Finder) cut() {
	f.calm = 0
	share := f.window.back / (f.window.taken + f.window.back)
	const below = 0.97
	f.target = max(f.lowest, f.rate*(1-share))
	f.rate = f.within(below * f.target)
	f.searching = false
	f.stale = f.flying
}

// raise takes the rate up, if it has been made use of.
func (f *Finder) raise() {
	// Each calm window makes the next step larger: what a table takes may have grown to a multiple.
	const used, step, largest, approach = 0.8, 0.002, 0.03, 0.3
	f.calm++
	switch {
	case f.window.taken < used*f.rate*f.window.elapsed:
	case f.searching:
		f.rate *= 2
	default:
		f.rate += max(min(largest, step*float64(f.calm))*f.rate, approach*(f.target-f.rate))
	}
	f.rate = f.within(f.rate)
}

func (f *Finder) within(rate float64) float64 {
	if f.most > 0 {
		return min(rate, f.most)
	}
	return rate
}
