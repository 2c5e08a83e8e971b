// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// shrinking is a table that is emptied: what has been deleted is not read again. Each run of it breaks after some deletes, and
// what the last ones of them have done is not answered.
type shrinking struct {
	parts, perPart int

	mu      sync.Mutex
	rand    *rand.Rand
	deleted map[string]bool
	left    int // Batches until it breaks.
}

func (s *shrinking) Definition() []byte { return nil }

func (s *shrinking) Read(_ context.Context, part store.Segment, after []byte, page *store.Page) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	start := 0
	if after != nil {
		start, _ = strconv.Atoi(string(after))
	}
	end := min(s.perPart, start+1+s.rand.IntN(40)) // The length of pages differs from run to run.
	page.Items, page.Next = page.Items[:0], nil
	for i := start; i < end; i++ {
		if name := fmt.Sprintf("%d/%d", part.Number, i); !s.deleted[name] {
			page.Items = append(page.Items, []byte(name))
		}
	}
	if end < s.perPart {
		page.Next = strconv.AppendInt(nil, int64(end), 10)
	}
	return nil
}

func (s *shrinking) Close() error { return nil }

// deletes is the sink of a shrinking table.
type deletes struct{ *shrinking }

func (s deletes) Limits() (items, bytes int) { return 7, 1000 }

func (s deletes) Write(_ context.Context, items [][]byte, outcomes []store.Outcome) (store.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left--
	for i, raw := range items {
		if s.rand.IntN(10) == 0 {
			continue // Sent back, or not reached before the break.
		}
		s.deleted[string(raw)] = true
		outcomes[i] = store.Written
	}
	if s.left < 0 {
		return store.Receipt{}, errBroken
	}
	return store.Receipt{}, nil
}

func (s deletes) Close(bool) error { return nil }

// However often a purge is killed, it counts each item that it has deleted, once: nothing of a killed run is known but the last
// checkpoint that was recorded.
func TestDeletesOfKilledRunsAreCounted(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 7))
			table := &shrinking{parts: 1 + random.IntN(9), perPart: 50 + random.IntN(200), rand: rand.New(rand.NewPCG(seed, 8)), deleted: map[string]bool{}}
			all := int64(table.parts * table.perPart)
			anew := seed%2 == 0 // As a purge without a filter does.
			var recorded []byte
			for kills := 0; ; kills++ {
				run := &flow.Run{Source: table, Sink: deletes{table}, Segments: table.parts, Readers: 1 + random.IntN(4), Writers: 1 + random.IntN(4), Pages: 1 + random.IntN(6)}
				if recorded != nil {
					run.From = new(flow.Checkpoint)
					if err := json.Unmarshal(recorded, run.From); err != nil {
						t.Fatal(err)
					}
					if err := run.From.Ledger.Balance(); err != nil {
						t.Fatalf("the checkpoint does not balance: %v", err)
					}
				}
				if anew && run.From != nil {
					run.From.Segments = nil
				}
				var mu sync.Mutex
				run.Announcer = &flow.Announcer{
					Identity: func(raw []byte) (uint64, error) {
						hash := fnv.New64a()
						_, err := hash.Write(raw)
						return hash.Sum64(), err
					},
					Record: func(context.Context) {
						mu.Lock()
						defer mu.Unlock()
						recorded, _ = json.Marshal(run.Checkpoint())
					},
				}
				table.left = random.IntN(20)
				err := run.Do(t.Context())
				if err == nil {
					if got := run.Ledger(); got.Written != all || got.Scanned != all || int64(len(table.deleted)) != all {
						t.Errorf("%d items, %d deleted in %d runs: the ledger is %+v", all, len(table.deleted), kills+1, got)
					}
					if got := run.Checkpoint(); got.Ledger != run.Ledger() || len(got.Announced) != 0 {
						t.Errorf("the last checkpoint is %+v", got)
					}
					return
				}
				if !errors.Is(err, errBroken) || kills > 10_000 {
					t.Fatal(err)
				}
			}
		})
	}
}
