// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace

import (
	"math"
	"time"
)

// Finder finds the units a second that a table takes. It raises the rate in large strides until units come back, cuts it to
// what was taken, and feels its way up again in small strides, which grow as long as nothing comes back.
type Finder struct {
	rate   float64
	known  float64 // What the table is known to take; 0 for nothing.
	most   float64 // The rate is never higher; 0 for no bound.
	steady float64 // The rate is never higher once the table's saved units are gone; 0 for no bound.
	least  float64 // The rate is never lower, unless so much comes back there that the table is to blame.
	stride float64 // The share by which the next raise is.
	target float64 // The rate at the last cut.
	// alone says that no other process writes to the table: what comes back at a lower rate too is then a fault of something else.
	// Others would take each other for such a fault, and none of them would slow down.
	alone bool

	flying int // Requests that are under way.
	stale  int // Those of them from before the last cut.

	opened time.Time // The window that is being counted.
	window counts

	lately, usual float64 // The units a second that were taken, as averages over a short and a long while.
	calm          float64 // The highest rate of the last seconds at which nothing came back.
	share         float64 // The share of units that came back lately.
	noise         float64 // The share of them that comes back at any rate.
}

// counts are what happened in a window.
type counts struct {
	requests             int
	taken, back, elapsed float64
}

// What a Finder goes by. The length of a window is how long a rate is tried; trouble is looked at sooner.
const (
	windowLength   = 50 * time.Millisecond
	troubleLength  = 5 * time.Millisecond
	shortWhile     = 50 * time.Millisecond
	longWhile      = time.Second
	windowRequests = 8
	// bearable is the share of units that may come back: less would leave capacity unused.
	bearable = 0.005
	// noisyRequests are needed to tell a share that comes back at any rate from a larger one, or from none.
	noisyRequests = 64
	// leastKnown is what a single partition takes. A smaller table has saved up units that matter more than its rate.
	leastKnown = 1000
)

// The strides: the first one for a table of which nothing is known, the smallest one, by how much they shrink with a cut,
// and grow with each calm window, and those that are larger than any but of a search. At a low rate a window lasts long, and strides
// grow as often in it as half seconds pass.
const (
	firstStride, leastStride = 0.22, 0.0003
	shrink, grow             = 8, 1.05
	searching                = 0.1
	growTime                 = 500 * time.Millisecond
)

// NewFinder returns a Finder that begins at what the table is known to take. It searches if nothing is known, or so little that a
// table's unused units of the last minutes matter more. Where so many processes write to the table at once, each with a Finder of
// its own, this one has its share of the capacity.
func NewFinder(table Capacity, processes int, now time.Time) *Finder {
	known, share := table.Known, 1/float64(processes)
	rate, least, stride := known, known/2, leastStride
	if known < leastKnown {
		rate, stride = FirstRate, firstStride
	}
	if known == 0 {
		least = FirstRate
	}
	// The first requests meet a table that has just woken up.
	f := &Finder{
		alone: processes == 1, known: share * known, most: share * table.Most, steady: share * table.Steady, least: share * least,
		stride: stride, opened: now, stale: windowRequests,
	}
	f.rate = f.within(share * rate)
	f.target = f.rate
	return f
}

// Searching says whether the rate is raised in strides that may end well above what the table takes.
func (f *Finder) Searching() bool { return f.stride > searching && f.rate != f.most }

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
	if f.window.requests < f.enough() || elapsed < troubleLength {
		return
	}
	if f.window.taken+f.window.back == 0 {
		f.opened, f.window = now, counts{} // Nothing was asked of the table, such as by conditions that did not hold.
		return
	}
	share := f.window.back / (f.window.taken + f.window.back)
	trouble := share > bearable+2*f.noise
	if elapsed < windowLength && !trouble {
		return
	}
	f.window.elapsed = elapsed.Seconds()
	if trouble {
		f.cut(share)
	} else {
		f.raise(share)
	}
	f.remember(share)
	f.opened, f.window = now, counts{}
}

// enough is how many requests a window needs to tell something.
func (f *Finder) enough() int {
	if f.noise > bearable {
		return noisyRequests
	}
	return windowRequests
}

// remember enters the window into the averages.
func (f *Finder) remember(share float64) {
	const ofShare, forget = 0.05, 0.01
	took := f.window.taken / f.window.elapsed
	weight := func(while time.Duration) float64 { return 1 - math.Exp(-f.window.elapsed/while.Seconds()) }
	f.lately += weight(shortWhile) * (took - f.lately)
	f.usual += weight(longWhile) * (took - f.usual)
	f.share += ofShare * (share - f.share)
	f.calm -= forget * f.calm
}

// cut takes the rate down to what the table took: by the window with the trouble, but not below what it took before, since a
// short window may have met a single partition that takes no more. A search goes back further: it was above what the table takes
// for as long as the table had units saved up.
func (f *Finder) cut(share float64) {
	const below, back, vain, tooMuch, spent = 0.97, 0.5, 0.4, 0.2, 1.1
	f.stale = f.flying
	if f.steady > 0 {
		f.calm = min(f.calm, f.steady) // Above that, nothing coming back was no promise.
	}
	if f.alone && f.rate < vain*f.calm {
		// Slower was not better: this much comes back at any rate, from a fault.
		f.noise, f.rate, f.target, f.stride = f.share, f.calm, f.calm, firstStride
		return
	}
	now := f.window.taken / f.window.elapsed
	if f.rate <= f.least && min(share, f.share) > tooMuch {
		f.least = max(f.lately, now)
	}
	took := max(f.least, min(f.rate*(1-share), now), min(f.rate, f.lately))
	if !f.alone || took < spent*f.steady {
		// What it had saved up is gone. One of several processes cannot know that from what it got, and does not wait for it.
		f.most = lowest(f.most, f.steady)
	}
	f.target = took
	if f.stride > searching {
		f.target = max(f.least, back*took, min(took, f.known))
	}
	f.rate = f.within(below * f.target)
	f.stride = max(leastStride, f.stride/shrink)
}

// raise takes the rate up, if it has been made use of.
func (f *Finder) raise(share float64) {
	const used, approach, fade = 0.9, 0.1, 0.05
	if f.alone {
		f.noise += fade * (share - f.noise)
	}
	if f.window.taken < used*(1-f.noise)*f.rate*f.window.elapsed {
		return
	}
	f.calm = max(f.calm, f.rate)
	f.rate = f.within(f.rate + max(f.stride*f.rate, approach*(max(f.target, f.usual)-f.rate)))
	f.stride = min(firstStride, f.stride*math.Pow(grow, max(1, f.window.elapsed/growTime.Seconds())))
}

func (f *Finder) within(rate float64) float64 { return lowest(rate, f.most) }
