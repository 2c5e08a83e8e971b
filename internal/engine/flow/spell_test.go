// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// exhausted is a table that refuses every request from one time to another. They are sent again until it takes them.
type exhausted struct {
	*moody
	from, until time.Time
}

func (s exhausted) Write(_ context.Context, items [][]byte, outcomes []store.Outcome) (receipt store.Receipt, err error) {
	for time.Sleep(5 * time.Millisecond); !time.Now().Before(s.from) && time.Now().Before(s.until); time.Sleep(200 * time.Millisecond) {
		receipt.Throttled++
	}
	for i := range outcomes {
		outcomes[i] = store.Written
	}
	receipt.Units = float64(len(items))
	receipt.TableUnits = receipt.Units
	return receipt, nil
}

// A run loses no more time by a spell in which its table takes nothing than the spell lasts, and a little to find the rate again.
func TestPaceAfterASpell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// Before the spell the run is a little faster than the table's units: it uses what the table seems to have saved up.
		const units, moving, spell, saved, finding = 1000, time.Minute, time.Minute, 3 * time.Second, 5 * time.Second
		start := time.Now()
		from := start.Add(moving / 4)
		run := flow.Run{
			Source: &numbers{parts: 20, perPart: 3000}, Sink: exhausted{newMoody(1, 25, 1000), from, from.Add(spell)}, Segments: 20, Readers: 4, Writers: 16, Pages: 32,
			WritePace: flow.NewFindingPacer(pace.Capacity{Known: units, Steady: units}, 1), PaceTable: true,
		}
		if err := run.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < moving+spell-saved || took > moving+spell+finding {
			t.Errorf("60,000 items took %v, want %v and %v of the spell", took, moving, spell)
		}
	})
}
