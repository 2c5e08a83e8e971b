// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// gapTable is a table, and what the processes that write to it know of it.
type gapTable struct {
	units, saves float64
	known        pace.Capacity
	processes    int
}

var gapTables = map[string]gapTable{
	"on demand":                     {4000, 1, pace.Capacity{}, 1},
	"warm, on demand":               {20_000, 1, pace.Capacity{Known: 20_000}, 1},
	"on demand with a maximum":      {300, 1, pace.Capacity{Known: 300, Most: 300}, 1},
	"provisioned with 5 units":      {5, 300, pace.Capacity{Known: 5, Steady: 5}, 1},
	"provisioned with 100 units":    {100, 300, pace.Capacity{Known: 100, Steady: 100}, 1},
	"provisioned with 1,000 units":  {1000, 300, pace.Capacity{Known: 1000, Steady: 1000}, 1},
	"provisioned with 20,000 units": {20_000, 300, pace.Capacity{Known: 20_000, Steady: 20_000}, 1},
	"auto scaling":                  {1000, 300, pace.Capacity{Known: 1000, Most: 10_000}, 1},
	"a limit of 10, on demand":      {4000, 1, pace.Capacity{}.AtMost(10), 1},
	"a limit of 500, on demand":     {4000, 1, pace.Capacity{}.AtMost(500), 1},
	"a limit of 50, provisioned":    {1000, 300, pace.Capacity{Known: 1000, Steady: 1000}.AtMost(50), 1},
	"eight processes, on demand":    {4000, 1, pace.Capacity{}, 8},
	"eight processes, 400 units":    {400, 300, pace.Capacity{Known: 400, Steady: 400}, 8},
	"16 processes, 4,000 units":     {4000, 1, pace.Capacity{Known: 4000}, 16},
}

// A table that takes nothing for a while, or only one item of each request, stops no run, however long the while is: seconds after it
// takes items again it is used again, and hardly anything comes back.
func TestFinderOutlivesAGap(t *testing.T) {
	t.Parallel()
	for name, table := range gapTables {
		for _, batch := range []int{25, 1} {
			for keep := range min(2, batch) {
				t.Run(fmt.Sprintf("%s, %d of %d", name, keep, batch), func(t *testing.T) {
					t.Parallel()
					for _, gap := range []int{1, 2, 3, 5, 10, 20, 60, 120, 300, 600} {
						if cost := table.units / float64(batch) * float64(table.processes); cost > 6000 || cost > 600 && gap > 10 {
							break // So many requests take more than milliseconds.
						}
						inGap(t, table, batch, keep, gap)
					}
				})
			}
		}
	}
}

func inGap(t *testing.T, table gapTable, batch, keep, gap int) {
	t.Helper()
	const before, after = 40, 60
	want := table.units
	if table.known.Most > 0 {
		want = min(want, table.known.Most)
	}
	request := float64(batch) / want // In seconds.
	finding := 10 + 2*(table.processes-1) + int(8*request)
	from, until := before, before+gap
	limited := newLimited(table.units, 1)
	limited.saves, limited.batch = table.saves, batch
	limited.atMost = func(now time.Time) int {
		if second := int(now.Sub(epoch).Seconds()); second >= from && second < until {
			return keep
		}
		return batch
	}
	finders := make([]*pace.Finder, table.processes)
	for i := range finders {
		finders[i] = pace.NewFinder(table.known, table.processes, epoch)
	}
	f := find(finders, limited, time.Duration(until+finding+after)*time.Second, func(int) {})
	taken, back := sum(f.seconds[until+finding:]), sum(f.backs[until+finding:])
	least := 0.9
	if want < 10 {
		least = 0.8
	}
	if share := taken / (want * after); share < least-3*request/after-0.1*request {
		t.Errorf("%d s: %.1f %% of %v units a second were used afterwards: %.0f", gap, 100*share, want, f.seconds[from:])
	}
	if share := back / (back + taken); share > 0.1 {
		t.Errorf("%d s: %.1f %% of the items came back afterwards: %.0f", gap, 100*share, f.backs[from:])
	}
	if asked := sum(f.backs[min(from+10, until):until]); keep == 0 && asked > float64(60*gap+30*table.processes*gap) {
		t.Errorf("%d s: %.0f items were sent in vain: %.0f", gap, asked, f.backs[from:until])
	}
}

// A table that takes one item of each request for good, or nothing now and then, is written to all the same.
func TestFinderLivesWithGaps(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		atMost func(second int) int
		least  float64 // Of the items of 300 seconds.
	}{
		"one item of each request":         {func(int) int { return 1 }, 300 * 40},
		"two of each 20 seconds nothing":   {func(second int) int { return 25 * min(1, second%20/2) }, 0.6 * 300 * 4000},
		"five of each ten seconds nothing": {func(second int) int { return 25 * (second / 5 % 2) }, 0.2 * 300 * 4000},
	} {
		for known, capacity := range map[string]pace.Capacity{"on demand": {}, "provisioned": {Known: 4000, Steady: 4000}} {
			t.Run(name+", "+known, func(t *testing.T) {
				t.Parallel()
				table := newLimited(4000, 1)
				table.atMost = func(now time.Time) int { return test.atMost(int(now.Sub(epoch).Seconds())) }
				f := find(alone(capacity), table, 300*time.Second, func(int) {})
				if f.taken < test.least {
					t.Errorf("%.0f items were taken, want %.0f: %.0f", f.taken, test.least, f.seconds)
				}
			})
		}
	}
}
