// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// The units that a provisioned table has saved up are used, as fast as its partitions take them. Once they are
// used up, the table is sent only what it is provisioned for, so that nothing is unprocessed any more, neither
// here nor at other writers.
func TestFinderKeepsToTheUnitsOnceTheSavedOnesAreGone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		units, saved, partitions float64
		processes                int
	}{
		"100 units, one partition":      {units: 100, saved: 30_000, partitions: 1, processes: 1},
		"5 units":                       {units: 5, saved: 1500, partitions: 1, processes: 1},
		"1,000 units, two partitions":   {units: 1000, saved: 100_000, partitions: 2, processes: 1},
		"20,000 units, nothing saved":   {units: 20_000, saved: 0, partitions: 20, processes: 1},
		"20,000 units, many partitions": {units: 20_000, saved: 300_000, partitions: 60, processes: 1},
		"4 processes":                   {units: 4000, saved: 100_000, partitions: 10, processes: 4},
		"16 processes, nothing saved":   {units: 4000, saved: 0, partitions: 10, processes: 16},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const length, rest = 400, 200
			finders := make([]*pace.Finder, test.processes)
			for i := range finders {
				finders[i] = pace.NewFinder(pace.Capacity{Known: test.units, Steady: test.units}, test.processes, epoch)
			}
			table := newLimited(test.units, 1)
			table.saves, table.saved, table.most = 300, test.saved, newLimited(1000*test.partitions, 2)
			f := find(finders, table, length*time.Second, func(int) {})
			taken, back := sum(f.seconds[rest:]), sum(f.backs[rest:])
			used := taken / (test.units * (length - rest))
			if saved := f.taken - test.units*length; test.processes == 1 && saved < 0.95*test.saved-test.units {
				t.Errorf("%.0f of the %.0f units that were saved up were used", saved, test.saved)
			}
			if used < 0.97 || back > 0 {
				t.Errorf("%.2f %% of the units were used, %.0f unprocessed: %.0f, %.0f", 100*used, back, f.seconds, f.backs)
			}
		})
	}
}
