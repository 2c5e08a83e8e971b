// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// limited is a table that takes so many units a second and saves up a tenth of a second of them.
type limited struct {
	units, saved float64
	last         time.Time
	faults       float64 // The share of batches that come back whatever the rate.
	random       *rand.Rand
}

// newLimited returns such a table. What is left to chance about it, and about who writes to it, follows from the seed.
func newLimited(units float64, seed uint64) *limited {
	return &limited{units: units, random: rand.New(rand.NewPCG(seed, 1))}
}

func (l *limited) take(now time.Time, items int) (taken int) {
	l.saved = min(l.units/10, l.saved+l.units*now.Sub(l.last).Seconds())
	l.last = now
	taken = min(items, int(l.saved))
	l.saved -= float64(taken)
	if l.random.Float64() < l.faults {
		return 0
	}
	return taken
}

// find has writers send batches of 25 to the table for that long, without a clock, and returns the units taken in each
// second and all that came back.
func find(finder *pace.Finder, table *limited, length time.Duration, each func(second int)) (seconds []float64, back float64) {
	start := time.Unix(0, 0)
	table.last = start
	bucket := pace.NewBucket(finder.Rate(), start)
	seconds = make([]float64, int(length.Seconds()))
	type writer struct {
		request
		wait int // Items that came back.
	}
	queue := make([]writer, 32)
	for i := range queue {
		queue[i].at = start
	}
	last := -1
	for {
		slices.SortFunc(queue, func(a, b writer) int { return a.at.Compare(b.at) })
		next := &queue[0]
		second := int(next.at.Sub(start).Seconds())
		if second >= len(seconds) {
			return seconds, back
		}
		if second > last {
			last = second
			each(second)
		}
		if !next.sent {
			charge, wait := bucket.Reserve(next.at, 25)
			finder.Sent()
			next.request = request{at: next.at.Add(wait + 5*time.Millisecond), charge: charge, sent: true}
			continue
		}
		next.sent = false
		taken := table.take(next.at, 25)
		seconds[second] += float64(taken)
		back += float64(25 - taken)
		bucket.Settle(next.charge, 25)
		finder.Answered(next.at, float64(taken), float64(25-taken))
		bucket.SetRate(finder.Rate())
		next.wait++
		if taken == 25 {
			next.wait = 0
		} else {
			next.at = next.at.Add(pace.Throttled.Wait(next.wait, table.random.Float64()))
		}
	}
}

func sum(units []float64) (all float64) {
	for _, u := range units {
		all += u
	}
	return all
}

// A Finder that knows nothing uses a table's capacity from the first seconds on, and hardly anything comes back: on the
// average of many runs, since where the search overshoots is chance.
func TestFinderFindsTheCapacity(t *testing.T) {
	t.Parallel()
	for capacity, most := range map[float64]float64{20_000: 0.01, 60_000: 0.02} {
		const length, runs = 15, 20
		used, back := 0.0, 0.0
		for seed := range uint64(runs) {
			taken, returned := find(pace.NewFinder(0, 0, time.Unix(0, 0)), newLimited(capacity, seed), length*time.Second, func(int) {})
			used, back = used+sum(taken), back+returned
		}
		t.Logf("%.2f %% of %v units a second were used, %.2f %% of the items came back", 100*used/(capacity*length*runs), capacity, 100*back/(back+used))
		if share := used / (capacity * length * runs); share < 0.93 {
			t.Errorf("%.1f %% of %v units a second were used", 100*share, capacity)
		}
		if share := back / (back + used); share > most {
			t.Errorf("%.2f %% of the items came back at %v units a second", 100*share, capacity)
		}
	}
}

// A table whose capacity grows or shrinks is followed.
func TestFinderFollowsTheCapacity(t *testing.T) {
	t.Parallel()
	table := newLimited(20_000, 1)
	taken, _ := find(pace.NewFinder(20_000, 0, time.Unix(0, 0)), table, 30*time.Second, func(second int) {
		switch second {
		case 10:
			table.units = 12_000
		case 20:
			table.units = 40_000
		}
	})
	if low, high := sum(taken[11:20])/9, sum(taken[25:])/5; low < 10_500 || high < 36_000 {
		t.Errorf("%.0f units a second of 12,000, then %.0f of 40,000: %.0f", low, high, taken)
	}
}

// Items that come back at any rate do not slow a run down further and further.
func TestFinderDoesNotStarveARun(t *testing.T) {
	t.Parallel()
	table := newLimited(1e9, 1)
	table.faults = 0.1
	taken, _ := find(pace.NewFinder(0, 0, time.Unix(0, 0)), table, 20*time.Second, func(int) {})
	if last := taken[len(taken)-1]; last < 7000 {
		t.Errorf("%.0f units in the last second: %.0f", last, taken)
	}
}

// The rate is never above what the user allows.
func TestFinderKeepsToTheMost(t *testing.T) {
	t.Parallel()
	taken, back := find(pace.NewFinder(5000, 5000, time.Unix(0, 0)), newLimited(20_000, 1), 15*time.Second, func(int) {})
	if average := sum(taken) / 15; average < 4900 || average > 5100 || back > 0 {
		t.Errorf("%.0f units a second, %v came back", average, back)
	}
}
