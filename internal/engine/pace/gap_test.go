// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// gapTable is a table, and what the processes that write to it know about it.
type gapTable struct {
	units, saves float64
	known        pace.Capacity
	processes    int
}

// provisioned returns the capacity of a table that is provisioned with that many units.
func provisioned(units float64) pace.Capacity { return pace.Capacity{Known: units, Steady: units} }

var gapTables = map[string]gapTable{
	"on demand":                     {units: 4000, saves: 1, known: pace.Capacity{}, processes: 1},
	"warm, on demand":               {units: 20_000, saves: 1, known: pace.Capacity{Known: 20_000}, processes: 1},
	"on demand with a maximum":      {units: 300, saves: 1, known: pace.Capacity{Known: 300, Most: 300}, processes: 1},
	"provisioned with 5 units":      {units: 5, saves: 300, known: provisioned(5), processes: 1},
	"provisioned with 100 units":    {units: 100, saves: 300, known: provisioned(100), processes: 1},
	"provisioned with 1,000 units":  {units: 1000, saves: 300, known: provisioned(1000), processes: 1},
	"provisioned with 20,000 units": {units: 20_000, saves: 300, known: provisioned(20_000), processes: 1},
	"auto scaling": {
		units: 1000, saves: 300, known: pace.Capacity{Known: 1000, Most: 10_000}, processes: 1,
	},
	"a limit of 10, on demand":   {units: 4000, saves: 1, known: pace.Capacity{}.AtMost(10), processes: 1},
	"a limit of 500, on demand":  {units: 4000, saves: 1, known: pace.Capacity{}.AtMost(500), processes: 1},
	"a limit of 50, provisioned": {units: 1000, saves: 300, known: provisioned(1000).AtMost(50), processes: 1},
	"eight processes, on demand": {units: 4000, saves: 1, known: pace.Capacity{}, processes: 8},
	"eight processes, 400 units": {units: 400, saves: 300, known: provisioned(400), processes: 8},
	"16 processes, 4,000 units":  {units: 4000, saves: 1, known: pace.Capacity{Known: 4000}, processes: 16},
}

// A table that takes nothing for a while, or only one item of each request, does not stop a run, however long
// that lasts. Within seconds after it takes items again it is used again, and hardly anything is unprocessed.
func TestFinderOutlivesAGap(t *testing.T) {
	t.Parallel()
	for name, table := range gapTables {
		for _, batch := range []int{25, 1} {
			for keep := range min(2, batch) {
				t.Run(fmt.Sprintf("%s, %d of %d", name, keep, batch), func(t *testing.T) {
					t.Parallel()
					for _, gap := range []int{1, 2, 3, 5, 10, 20, 60, 120, 300, 600} {
						if cost := table.units / float64(batch) * float64(table.processes); cost > 6000 || cost > 600 && gap > 10 {
							break // Simulating that many requests takes too long.
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
		t.Errorf("%d s: %.1f %% of the items were unprocessed afterwards: %.0f", gap, 100*share, f.backs[from:])
	}
	if asked := sum(f.backs[min(from+10, until):until]); keep == 0 && asked > float64(60*gap+30*table.processes*gap) {
		t.Errorf("%d s: %.0f items were sent in vain: %.0f", gap, asked, f.backs[from:until])
	}
}

// A table that never takes more than one item of each request, or nothing from time to time, is written to
// nevertheless.
func TestFinderLivesWithGaps(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		atMost func(second int) int
		least  float64 // Of the items of 300 seconds.
	}{
		"one item of each request": {
			atMost: func(int) int { return 1 },
			least:  300 * 40,
		},
		"two of each 20 seconds nothing": {
			atMost: func(second int) int { return 25 * min(1, second%20/2) },
			least:  0.6 * 300 * 4000,
		},
		"five of each ten seconds nothing": {
			atMost: func(second int) int { return 25 * (second / 5 % 2) },
			least:  0.2 * 300 * 4000,
		},
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
