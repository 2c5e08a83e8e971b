// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace

import (
	"math"
	"time"
)

// Finder finds the units a second that a table takes. It raises the rate in large strides until units come back, cuts it to
// what was taken, and feels its way up again in small strides, which grow as long as nothing comes back. Where a table takes nothing for a
// while, a few requests a second find out when it does again.
type Finder struct {
	rate   float64
	known  float64 // What the table is known to take; 0 for nothing.
	most   float64 // The rate is never higher; 0 for no bound.
	steady float64 // The rate is never higher once the table's saved units are gone; 0 for no bound.
	least  float64 // The rate is never lower, unless so much comes back there that the table is to blame.
	bottom float64 // The rate is never lower at all, unless some requests a second can be sent at a lower one.
	stride float64 // The share by which the next raise is.
	target float64 // The rate at the last cut.
	// alone says that no other process writes to the table: what comes back at a lower rate too is then a fault of something else.
	// Others would take each other for such a fault, and none of them would slow down.
	alone bool

	flying   int     // Requests that are under way.
	stale    int     // Those of them from before the last cut.
	cost     float64 // The units that one asks for, as a moving average.
	requests float64 // How many are sent in a second at least.

	opened time.Time // The window that is being counted.
	window counts

	lately, usual float64 // The units a second that were taken, as averages over a short and a long while.
	quiet         int     // The requests in a row from which nothing came back.
	calm          float64 // The highest rate of the last seconds at which nothing came back, or the first one at all,
	calmThrough   float64 // and the share that was taken at it.
	share         float64 // The share of units that came back lately.
	noise         float64 // The share of them that comes back at any rate.

	through float64 // The share that was taken at the first of several cuts in a row; 0 before it.
	// goal is the rate from before cuts that say little of what the table takes: the rate doubles with each calm window until it is there,
	// or something comes back. 0 for none; any rate where cuts have taken the rate as low as it goes.
	goal    float64
	climbed bool // The rate has been doubled since the last cut.
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
	// spread is by how much more may come back then, by chance.
	spread = 0.15
	// leastKnown is what a single partition takes. A smaller table has saved up units that matter more than its rate.
	leastKnown = 1000
	// deepest is what a cut divides the rate by at the most: a window that took little, or nothing, shows that the rate is too high, and not
	// by how much.
	deepest = 16
	// So many requests a second are sent at least by all processes together, and by each of them, however little is taken: with fewer it
	// would not be seen for long that the table takes items again.
	leastRequests, leastOfEach = 2, 1
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
		stride: stride, opened: now, stale: windowRequests, requests: max(leastOfEach, share*leastRequests),
	}
	f.least = lowest(f.least, f.most)
	f.bottom = lowest(f.least, f.most/2)
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

// Answered enters the answer to a request that was Sent: the units taken, about those of the items that came back with it, and about those
// of the attempts at it that were refused before.
func (f *Finder) Answered(now time.Time, taken, back, refused float64) {
	const weight = 0.1 // Of the latest request in the average.
	f.flying--
	f.cost += weight * (taken + back - f.cost)
	if f.stale > 0 {
		// It says nothing of the rate after the cut.
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
		f.opened, f.window = now, counts{} // Nothing was asked of the table, such as by conditions that did not hold.
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

// enough is how many requests a window needs to tell something.
func (f *Finder) enough() int {
	switch {
	case f.goal > 0 && (f.window.back == 0 || f.window.taken == 0):
		return 1
	case f.noise > bearable && f.goal == 0:
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
	if share <= bearable {
		f.calm -= forget * f.calm
	}
}

// What is made of a share that comes back: below which part of a calm rate it cannot be the rate's doing, and from which share on it is too much.
const (
	vain    = 0.4
	tooMuch = 0.2
)

// cut takes the rate down to what the table took: by the window with the trouble, but not below what it took before, since a
// short window may have met a single partition that takes no more. A search goes back further: it was above what the table takes
// for as long as the table had units saved up.
func (f *Finder) cut(share float64) {
	const below, back, spent, doubtful = 0.97, 0.5, 1.1, 0.5
	f.stale = f.flying
	if f.steady > 0 {
		f.calm = min(f.calm, f.steady) // Above that, nothing coming back was no promise.
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
		// What it had saved up is gone. One of several processes cannot know that from what it got, and does not wait for it.
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

// inVain says whether slower was not better, by what came back at a rate well below a calm one, or one at which as much came
// back: this much comes back at any rate, from a fault. That nothing is taken at all shows neither.
func (f *Finder) inVain(share float64) bool {
	const better = 1.5
	return f.alone && f.rate < vain*f.calm && f.window.taken > 0 && 1-share < better*min(f.through, f.calmThrough)
}

// floor is the lowest rate.
func (f *Finder) floor() float64 { return min(f.bottom, f.requests*f.cost) }

// raise takes the rate up, if it has been made use of.
func (f *Finder) raise(share float64) {
	const used, approach, fade, little, twice = 0.9, 0.1, 0.05, 0.25, 2
	f.through = 0
	if f.quiet += f.window.requests; share > 0 {
		f.quiet = 0
	}
	if f.quiet >= noisyRequests {
		f.calm, f.calmThrough = f.rate, 1 // What came back at a higher rate was its doing.
	}
	// Now and then it is tried again whether a lower rate helps: what comes back at this one may be too much of it.
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
