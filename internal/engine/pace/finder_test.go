// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// limited is a table that takes that many units a second, and saves up those of a number of seconds.
type limited struct {
	units, saved float64
	saves        float64 // In seconds.
	last         time.Time
	faults       float64                 // The share of batches that is unprocessed at any rate.
	most         *limited                // What its partitions take, whatever it has saved up; nil for no limit.
	batch        int                     // The number of items in each request.
	atMost       func(now time.Time) int // How many items of a request it takes at most; nil for all.
	random       *rand.Rand
}

// newLimited returns a table that saves up a tenth of a second. All randomness of the table and of those who
// write to it follows from the seed.
func newLimited(units float64, seed uint64) *limited {
	return &limited{units: units, saves: 0.1, last: epoch, batch: 25, random: rand.New(rand.NewPCG(seed, 0))}
}

func (l *limited) take(now time.Time, items int) (taken int) {
	l.saved = min(l.units*l.saves, l.saved+l.units*now.Sub(l.last).Seconds())
	l.last = now
	taken = min(items, int(l.saved))
	if l.most != nil {
		taken = l.most.take(now, taken)
	}
	if l.atMost != nil {
		taken = min(taken, l.atMost(now))
	}
	l.saved -= float64(taken)
	if l.faults > 0 && l.random.Float64() < l.faults {
		return 0
	}
	return taken
}

// found is the result of writing to a table.
type found struct {
	seconds, backs  []float64 // Accepted and unprocessed units in each second.
	taken, back     float64
	requests, short float64 // Short requests are those with unprocessed items.
}

// alone returns the finder of a single process.
func alone(table pace.Capacity) []*pace.Finder {
	return []*pace.Finder{pace.NewFinder(table, 1, epoch)}
}

// find has 32 writers for each finder send batches to the table for that long.
func find(finders []*pace.Finder, table *limited, length time.Duration, each func(second int)) found {
	f := found{seconds: make([]float64, int(length.Seconds())), backs: make([]float64, int(length.Seconds()))}
	second := -1
	senders := make([]sender, len(finders))
	for i, finder := range finders {
		bucket, failures := pace.NewBucket(finder.Rate(), epoch), 0
		answered := func(now time.Time, charge pace.Charge) time.Duration {
			if s := int(now.Sub(epoch).Seconds()); s > second && s < len(f.seconds) {
				second = s
				each(second)
			}
			taken := table.take(now, table.batch)
			back := float64(table.batch - taken)
			f.seconds[second] += float64(taken)
			f.backs[second] += back
			f.taken += float64(taken)
			f.back += back
			f.requests++
			bucket.Settle(charge, float64(table.batch))
			finder.Answered(now, float64(taken), back, 0)
			bucket.SetRate(finder.Rate())
			if back > 0 {
				f.short++
			}
			if taken > 0 {
				failures = 0
				return 0
			}
			failures++
			return pace.Throttled.Wait(failures, table.random.Float64())
		}
		senders[i] = sender{bucket: bucket, workers: 32, finder: finder, answered: answered}
	}
	simulation{senders: senders, latency: 5 * time.Millisecond, least: float64(table.batch)}.run(length)
	return f
}

func sum(units []float64) (all float64) {
	for _, u := range units {
		all += u
	}
	return all
}

// A Finder that knows nothing uses a table's capacity from the first seconds on, and hardly anything is
// unprocessed, on the average of many runs: how far the search overshoots is random.
func TestFinderFindsTheCapacity(t *testing.T) {
	t.Parallel()
	for _, capacity := range []float64{20_000, 60_000} {
		const length, runs = 15, 20
		var all found
		for seed := range uint64(runs) {
			f := find(alone(pace.Capacity{}), newLimited(capacity, seed), length*time.Second, func(int) {})
			if share := f.taken / (capacity * length); share < 0.9 {
				t.Errorf("%.1f %% of %v units a second were used: %.0f", 100*share, capacity, f.seconds)
			}
			all.taken += f.taken
			all.back += f.back
			all.requests += f.requests
			all.short += f.short
		}
		used, back, short := all.taken/(capacity*length*runs), all.back/(all.back+all.taken), all.short/all.requests
		report := t.Logf
		if used < 0.95 || back > 0.01 || short > 0.01 {
			report = t.Errorf
		}
		report("%.2f %% of %v units a second were used, %.2f %% of the items were unprocessed, in %.2f %% of the requests",
			100*used, capacity, 100*back, 100*short)
	}
}

// A small table is found as well, although the rate is too high for it at first.
func TestFinderFindsASmallCapacity(t *testing.T) {
	t.Parallel()
	f := find(alone(pace.Capacity{Known: 400}), newLimited(400, 1), 60*time.Second, func(int) {})
	if share := f.taken / (400 * 60); share < 0.95 {
		t.Errorf("%.1f %% of 400 units a second were used: %.0f", 100*share, f.seconds)
	}
	if share := f.back / (f.back + f.taken); share > 0.05 {
		t.Errorf("%.2f %% of the items were unprocessed", 100*share)
	}
}

// A table whose capacity grows or shrinks is followed.
func TestFinderFollowsTheCapacity(t *testing.T) {
	t.Parallel()
	table := newLimited(20_000, 1)
	taken := find(alone(pace.Capacity{Known: 20_000}), table, 30*time.Second, func(second int) {
		switch second {
		case 10:
			table.units = 12_000
		case 18:
			table.units = 40_000
		}
	}).seconds
	if low, high := sum(taken[11:18])/7, sum(taken[25:])/5; low < 11_000 || high < 36_000 {
		t.Errorf("%.0f units a second of 12,000, then %.0f of 40,000: %.0f", low, high, taken)
	}
}

// A small table whose capacity grows is followed as well, although each request takes seconds' worth of its
// units.
func TestFinderFollowsASmallCapacity(t *testing.T) {
	t.Parallel()
	const small, large, grows, length, last = 5, 500, 300, 1200, 300
	table := newLimited(small, 1)
	table.saves = 300
	taken := find(alone(pace.Capacity{Known: small}), table, length*time.Second, func(second int) {
		if second >= grows {
			table.units = large
		}
	}).seconds
	if high := sum(taken[length-last:]) / last; high < 0.9*large {
		t.Errorf("%.0f units a second of %d: %.0f", high, large, taken)
	}
}

// Items that are unprocessed at any rate do not slow a run down more and more.
func TestFinderDoesNotStarveARun(t *testing.T) {
	t.Parallel()
	for _, known := range []pace.Capacity{{}, {Known: 8000, Steady: 8000}} {
		for seed := range uint64(10) {
			table := newLimited(1e9, seed)
			table.faults = 0.1
			taken := find(alone(known), table, 20*time.Second, func(int) {}).seconds
			if last := taken[len(taken)-1]; last < 3000 {
				t.Errorf("%+v: %.0f units in the last second: %.0f", known, last, taken)
			}
		}
	}
}

// A table that takes less than a Finder begins with, because others write to it too, is not sent that much for
// long.
func TestFinderGoesBelowItsBeginning(t *testing.T) {
	t.Parallel()
	for _, capacity := range []float64{1000, 300} {
		f := find(alone(pace.Capacity{}), newLimited(capacity, 1), 40*time.Second, func(int) {})
		taken, back := sum(f.seconds[10:]), sum(f.backs[10:])
		if used, back := taken/(capacity*30), back/(back+taken); used < 0.9 || back > 0.25 {
			t.Errorf("%.1f %% of %v units a second were used, %.1f %% of the items were unprocessed: %.0f, %.0f",
				100*used, capacity, 100*back, f.seconds, f.backs)
		}
	}
}

// Requests of which nothing is accepted and nothing is unprocessed, such as deletes whose condition does not
// hold, have no influence.
func TestFinderLearnsNothingFromNothing(t *testing.T) {
	t.Parallel()
	finder := pace.NewFinder(pace.Capacity{}, 1, epoch)
	now := epoch
	answer := func(taken, back float64) {
		now = now.Add(5 * time.Millisecond)
		finder.Sent()
		finder.Answered(now, taken, back, 0)
	}
	for range 100 {
		answer(0, 0)
	}
	if finder.Rate() > 4000 {
		t.Errorf("the rate is %v after nothing", finder.Rate())
	}
	for range 100 {
		answer(10, 15)
	}
	if !(finder.Rate() < 10_000) {
		t.Errorf("the rate is %v although most is unprocessed", finder.Rate())
	}
}

// The rate is never above what the user allows.
func TestFinderKeepsToTheMost(t *testing.T) {
	t.Parallel()
	f := find(alone(pace.Capacity{Known: 5000, Most: 5000}), newLimited(20_000, 1), 15*time.Second, func(int) {})
	if average := f.taken / 15; average < 4900 || average > 5100 || f.back > 0 {
		t.Errorf("%.0f units a second, %v unprocessed", average, f.back)
	}
}

// Processes that write to one table at once, each with its own Finder, together use its capacity, and hardly
// anything is unprocessed once they have found it.
func TestFindersShareATable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		processes       int
		known, capacity float64
	}{
		"a small table":           {processes: 8, known: 1000, capacity: 1000},
		"a new table on demand":   {processes: 16, known: 0, capacity: 4000},
		"a table of 20,000 units": {processes: 16, known: 20_000, capacity: 20_000},
		"a warm table on demand":  {processes: 8, known: 0, capacity: 40_000},
		"a table of 400 units":    {processes: 8, known: 400, capacity: 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const length, settled = 60, 20
			finders := make([]*pace.Finder, test.processes)
			for i := range finders {
				finders[i] = pace.NewFinder(pace.Capacity{Known: test.known}, test.processes, epoch)
			}
			table := newLimited(test.capacity, 1)
			table.saves = 1 // Enough for a batch from each process. DynamoDB saves up five minutes.
			f := find(finders, table, length*time.Second, func(int) {})
			taken, back := sum(f.seconds[settled:]), sum(f.backs[settled:])
			used, back := taken/(test.capacity*(length-settled)), back/(back+taken)
			t.Logf("%.1f %% of the units were used, %.2f %% of the items were unprocessed", 100*used, 100*back)
			if used < 0.9 || back > 0.05 {
				t.Errorf("%.1f %% of the units were used, %.2f %% of the items were unprocessed: %.0f",
					100*used, 100*back, f.seconds)
			}
		})
	}
}
