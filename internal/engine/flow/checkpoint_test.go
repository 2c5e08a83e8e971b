// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// tally is a sink that puts items into a set, as a table does, and breaks when it has taken so many batches.
type tally struct {
	*moody
	left atomic.Int64
}

var errBroken = errors.New("broken")

func (s *tally) Write(ctx context.Context, items [][]byte, outcomes []store.Outcome) (store.Receipt, error) {
	if s.left.Add(-1) < 0 {
		return store.Receipt{}, errBroken
	}
	s.mu.Lock()
	for _, raw := range items {
		delete(s.taken, string(raw)) // Taken again after a break; the same item, so nothing changes.
	}
	s.mu.Unlock()
	return s.moody.Write(ctx, items, outcomes)
}

// A run that breaks again and again and goes on from its checkpoint, by way of JSON, moves every item, and counts each
// once. What it reads twice is what was under way.
func TestRunGoesOn(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 3))
			source := &numbers{parts: 1 + random.IntN(20), perPart: 50 + random.IntN(200), drops: random.IntN(6)}
			sink := &tally{moody: newMoody(seed, 1+random.IntN(25), 1000)}
			all := int64(source.parts * source.perPart)
			var saved []byte
			breaks, scanned := 0, int64(0)
			for {
				run := flow.Run{Source: source, Sink: sink, Segments: source.parts, Readers: 1 + random.IntN(4), Writers: 1 + random.IntN(4), Pages: 1 + random.IntN(6)}
				if saved != nil {
					run.From = new(flow.Checkpoint)
					if err := json.Unmarshal(saved, run.From); err != nil {
						t.Fatal(err)
					}
				}
				sink.left.Store(1) // Too few for the first time.
				if breaks > 0 {
					sink.left.Store(int64(1 + random.IntN(60)))
				}
				before := run.From
				err := run.Do(t.Context())
				checkpoint := run.Checkpoint()
				if err := checkpoint.Ledger.Balance(); err != nil {
					t.Fatalf("the checkpoint does not balance: %v", err)
				}
				if err == nil {
					if got := run.Ledger(); breaks == 0 || got.Scanned != all || got.Settled() != all || got.Dropped != source.dropped() || int64(len(sink.taken)) != all-got.Dropped || got != checkpoint.Ledger {
						t.Errorf("%d items: the ledger is %+v, the checkpoint's %+v; the sink took %d; %d breaks", all, got, checkpoint.Ledger, len(sink.taken), breaks)
					}
					break
				}
				if !errors.Is(err, errBroken) {
					t.Fatal(err)
				}
				if before != nil {
					scanned = before.Ledger.Scanned
				}
				if checkpoint.Ledger.Scanned < scanned {
					t.Fatalf("the checkpoint went back from %d to %d items", scanned, checkpoint.Ledger.Scanned)
				}
				if saved, err = json.Marshal(checkpoint); err != nil {
					t.Fatal(err)
				}
				if breaks++; breaks > 10_000 {
					t.Fatal("the run gets nowhere")
				}
			}
		})
	}
}
