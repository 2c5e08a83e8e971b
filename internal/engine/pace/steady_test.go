// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// What a provisioned table has saved up is used, as fast as its partitions take it. Once it is gone the table is asked for no more
// than its units, so that nothing comes back any more, to whoever else writes to it either.
func TestFinderKeepsToTheUnitsOnceTheSavedOnesAreGone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		units, saved, partitions float64
		processes                int
	}{
		"100 units, one partition":      {100, 30_000, 1, 1},
		"5 units":                       {5, 1500, 1, 1},
		"1,000 units, two partitions":   {1000, 100_000, 2, 1},
		"20,000 units, nothing saved":   {20_000, 0, 20, 1},
		"20,000 units, many partitions": {20_000, 300_000, 60, 1},
		"4 processes":                   {4000, 100_000, 10, 4},
		"16 processes, nothing saved":   {4000, 0, 10, 16},
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
				t.Errorf("%.2f %% of the units were used, %.0f came back: %.0f, %.0f", 100*used, back, f.seconds, f.backs)
			}
		})
	}
}
