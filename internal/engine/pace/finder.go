// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace

import (
	"math"
	"time"
)

// Finder finds the rate, in units a second, that a table takes. It raises the rate in large steps until the
// table leaves units unprocessed, then cuts the rate to what the table accepted. After that it raises the rate
// in small steps, which grow as long as nothing is left unprocessed. While a table accepts nothing, a few
// requests a second find out when it accepts items again.
type Finder struct {
	rate   float64
	known  float64 // What the table is known to take; 0 if nothing is known.
	most   float64 // The upper bound of the rate; 0 for none.
	steady float64 // The upper bound once the table's saved units are used up; 0 for none.
	least  float64 // The lower bound, unless so much is unprocessed there that the table is the cause.
	bottom float64 // The lower bound in any case, unless a lower rate still allows some requests a second.
	stride float64 // The share of the rate by which it is raised next.
	target float64 // The rate at the last cut.
	// alone is set if no other process writes to the table. Only then do units that stay unprocessed at lower rates
	// too have a cause other than the rate. Several processes would take each other for such a cause, and none of
	// them would slow down.
	alone bool

	flying   int     // Requests in flight.
	stale    int     // Requests in flight that were sent before the last cut.
	cost     float64 // The units that a request asks for, as a moving average.
	requests float64 // The minimum number of requests a second.

	opened time.Time // When the window that is being counted began.
	window counts

	lately, usual float64 // The accepted units a second, as averages over shortWhile and longWhile.
	quiet         int     // The requests in a row of which nothing was unprocessed.
	calm          float64 // The highest recent rate without unprocessed units, or the first rate of all.
	calmThrough   float64 // The share of units that was accepted at the calm rate.
	share         float64 // The recent share of unprocessed units.
	noise         float64 // The share of units that is unprocessed at any rate.

	through float64 // The share accepted at the first of several cuts in a row; 0 before it.
	// goal is the rate before cuts that told little about what the table takes. The rate doubles with each calm window
	// until it reaches the goal or units are unprocessed. 0 means no goal. It is infinite if cuts have lowered the rate
	// as far as possible.
	goal    float64
	climbed bool // The rate has been doubled since the last cut.
}

// counts are what happened in a window. back holds the units that were unprocessed or refused.
type counts struct {
	requests             int
	taken, back, elapsed float64
}

// The parameters of a Finder. The length of a window is how long a rate is tried; trouble is noticed sooner.
const (
	windowLength   = 50 * time.Millisecond
	troubleLength  = 5 * time.Millisecond
	shortWhile     = 50 * time.Millisecond
	longWhile      = time.Second
	windowRequests = 8
	// bearable is the share of units that may be unprocessed: to allow less would leave capacity unused.
	bearable = 0.005
	// noisyRequests is how many requests are needed to tell a share that is unprocessed at any rate from a
	// larger one, or from none.
	noisyRequests = 64
	// spread is how much more may then be unprocessed by chance.
	spread = 0.15
	// leastKnown is what a single partition takes. A smaller table may have saved up units, which matter more
	// than its rate.
	leastKnown = 1000
	// deepest is the largest factor of a cut. A window in which little or nothing was accepted shows that the
	// rate is too high, but not by how much.
	deepest = 16
	// The minimum number of requests a second of all processes together, and of each of them, however little is
	// accepted: with fewer, it would take long to notice that the table accepts items again.
	leastRequests, leastOfEach = 2, 1
)

// The strides: the first one for a table about which nothing is known; the smallest one; the factors by which
// they shrink with a cut and grow with each calm window; and the size that only a search exceeds. At a low rate
// a window lasts long, and strides grow in it once for each half second.
const (
	firstStride, leastStride = 0.22, 0.0003
	shrink, grow             = 8, 1.05
	searching                = 0.1
	growTime                 = 500 * time.Millisecond
)

// NewFinder returns a Finder that begins at what the table is known to take. It searches if nothing is known,
// or so little that the table's unused units of the last minutes matter more. If several processes write to the
// table at once, each with its own Finder, this one gets an equal share of the capacity.
func NewFinder(table Capacity, processes int, now time.Time) *Finder {
	known, share := table.Known, 1/float64(processes)
	rate, least, stride := known, known/2, leastStride
	if known < leastKnown {
		rate, stride = FirstRate, firstStride
	}
	if known == 0 {
		least = FirstRate
	}
	// The first requests meet a table that was idle until now, so they are not counted.
	f := &Finder{
		alone:    processes == 1,
		known:    share * known,
		most:     share * table.Most,
		steady:   share * table.Steady,
		least:    share * least,
		stride:   stride,
		opened:   now,
		stale:    windowRequests,
		requests: max(leastOfEach, share*leastRequests),
	}
	f.least = lowest(f.least, f.most)
	f.bottom = lowest(f.least, f.most/2)
	f.rate = f.within(share * rate)
	f.target = f.rate
	return f
}

// Searching reports whether the rate is raised in strides that may end well above what the table takes.
func (f *Finder) Searching() bool { return f.stride > searching && f.rate != f.most }

// Rate returns the rate in units a second.
func (f *Finder) Rate() float64 { return f.rate }

// Sent records a request that is scheduled at the current rate.
func (f *Finder) Sent() { f.flying++ }

// Answered records the response to a request that was Sent: about how many units were accepted, how many belong
// to its unprocessed items, and how many to earlier attempts at it that were refused.
func (f *Finder) Answered(now time.Time, taken, back, refused float64) {
	const weight = 0.1 // Of the latest request in the average.
	f.flying--
	f.cost += weight * (taken + back - f.cost)
	if f.stale > 0 {
		// It says nothing about the rate after the cut.
		f.stale--
		f.opened = now
		return
	}
	f.window.requests++
	f.window.taken += taken
	f.window.back += back + refused
	elapsed := now.Sub(f.opened)
	if f.window.requests < f.enough() || elapsed < troubleLength {
		return
	}
	if f.window.taken+f.window.back == 0 {
		f.opened, f.window = now, counts{} // The table had nothing to do, for example because conditions did not hold.
		return
	}
	share := f.window.back / (f.window.taken + f.window.back)
	trouble := share > bearable+f.noise+min(f.noise, spread) || f.window.taken == 0
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

// enough returns how many requests a window needs to be conclusive.
func (f *Finder) enough() int {
	switch {
	case f.goal > 0 && (f.window.back == 0 || f.window.taken == 0):
		return 1
	case f.noise > bearable && f.goal == 0:
		return noisyRequests
	}
	return windowRequests
}

// remember updates the averages with the window.
func (f *Finder) remember(share float64) {
	const ofShare, forget = 0.05, 0.01
	took := f.window.taken / f.window.elapsed
	weight := func(while time.Duration) float64 { return 1 - math.Exp(-f.window.elapsed/while.Seconds()) }
	f.lately += weight(shortWhile) * (took - f.lately)
	f.usual += weight(longWhile) * (took - f.usual)
	f.share += ofShare * (share - f.share)
	if share <= bearable {
		f.calm -= forget * f.calm
	}
}

// How unprocessed shares are judged: vain is the part of the calm rate below which the rate cannot be their
// cause, and tooMuch is the share from which on they are too large.
const (
	vain    = 0.4
	tooMuch = 0.2
)

// cut lowers the rate to what the table accepted in the window with the trouble, but not below what it accepted
// before, since a short window may have met a single partition that takes no more. A search goes back further:
// its rate was above what the table takes for as long as the table had saved units.
func (f *Finder) cut(share float64) {
	const below, back, spent, doubtful = 0.97, 0.5, 1.1, 0.5
	f.stale = f.flying
	if f.steady > 0 {
		f.calm = min(f.calm, f.steady) // Above that, a calm rate came from saved units and need not last.
	}
	f.quiet = 0
	if f.calm == 0 {
		f.calm, f.calmThrough = f.rate, 1-share
	}
	switch {
	case f.climbed && f.window.taken > 0:
		f.goal = 0 // This is what the table takes.
	case f.goal == 0 && share > doubtful && f.stride > searching:
		f.goal = max(f.known, f.calm*f.calmThrough)
	case f.goal == 0 && share > doubtful:
		f.goal = f.rate
	}
	if f.through == 0 {
		f.through = 1 - share
	}
	if f.inVain(share) {
		f.noise, f.rate, f.target, f.stride, f.through, f.goal = share, f.calm, f.calm, firstStride/shrink, 0, 0
		return
	}
	now := f.window.taken / f.window.elapsed
	if f.rate <= f.least && min(share, f.share) > tooMuch {
		f.least = max(f.floor(), f.least/deepest, f.lately, now)
	}
	took := max(f.least, f.rate/deepest, min(f.rate*(1-share), now), min(f.rate, f.lately))
	if !f.alone || f.window.taken > 0 && took < spent*f.steady {
		// The units that it had saved up are used up. One of several processes cannot tell that from what it
		// got, and does not wait for it.
		f.most = lowest(f.most, f.steady)
	}
	f.target = took
	if f.stride > searching || f.climbed {
		f.target = max(f.least, back*took, min(took, f.known))
	}
	f.stride, f.climbed = max(leastStride, f.stride/shrink), false
	f.rate = f.within(max(f.floor(), below*f.target))
	if f.rate <= f.floor() {
		f.noise = 0
		if f.goal == 0 {
			f.goal = math.Inf(1)
		}
	}
}

// inVain reports whether slowing down did not help: about as large a share was unprocessed at a rate well below
// a calm one, or at the first of several cuts. That share is then unprocessed at any rate because of a fault.
// If nothing at all was accepted, neither can be told.
func (f *Finder) inVain(share float64) bool {
	const better = 1.5
	return f.alone && f.rate < vain*f.calm && f.window.taken > 0 && 1-share < better*min(f.through, f.calmThrough)
}

// floor returns the lowest rate.
func (f *Finder) floor() float64 { return min(f.bottom, f.requests*f.cost) }

// raise raises the rate if it has been used up.
func (f *Finder) raise(share float64) {
	const used, approach, fade, little, twice = 0.9, 0.1, 0.05, 0.25, 2
	f.through = 0
	if f.quiet += f.window.requests; share > 0 {
		f.quiet = 0
	}
	if f.quiet >= noisyRequests {
		f.calm, f.calmThrough = f.rate, 1 // The rate was the cause of units unprocessed at a higher one.
	}
	// From time to time it is tried again whether a lower rate helps, since the noise may have been caused by
	// this rate.
	if f.noise -= fade * f.noise; share < little*f.noise {
		f.noise /= twice
	}
	if f.window.taken < used*(1-f.noise)*f.rate*f.window.elapsed || f.noise > tooMuch {
		return
	}
	if f.rate < f.goal {
		f.rate, f.climbed = f.within(min(twice*f.rate, f.goal)), true
		return
	}
	f.goal, f.climbed = 0, false
	if f.rate >= f.calm {
		f.calm, f.calmThrough = f.rate, 1
	}
	f.rate = f.within(f.rate + max(f.stride*f.rate, approach*(max(f.target, f.usual)-f.rate)))
	f.stride = min(firstStride, f.stride*math.Pow(grow, max(1, f.window.elapsed/growTime.Seconds())))
}

func (f *Finder) within(rate float64) float64 { return lowest(rate, f.most) }
