// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// indexed is a table with four indexes: an item costs a unit there, and one in each index.
type indexed struct{ *moody }

func (indexed) Write(_ context.Context, items [][]byte, outcomes []store.Outcome) (store.Receipt, error) {
	time.Sleep(5 * time.Millisecond)
	for i := range outcomes {
		outcomes[i] = store.Written
	}
	own := float64(len(items))
	return store.Receipt{Units: 5 * own, TableUnits: own}, nil
}

// What indexes consume counts against a limit of all units, and not against one of the table's own.
func TestPaceTable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		table   bool
		seconds float64
	}{"the table's own": {true, 10}, "all": {false, 50}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				run := flow.Run{
					Source: &numbers{parts: 20, perPart: 500}, Sink: indexed{newMoody(1, 25, 1000)}, Segments: 20, Readers: 4, Writers: 16, Pages: 32,
					WritePace: flow.NewPacer(1000), PaceTable: test.table,
				}
				if err := run.Do(t.Context()); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start).Seconds(); took < 0.98*test.seconds || took > 1.02*test.seconds {
					t.Errorf("10,000 items took %.2f s, want %v", took, test.seconds)
				}
			})
		})
	}
}
