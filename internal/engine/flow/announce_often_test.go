// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// even is a source whose parts have so many pages of 100 items each, each read in 10 ms.
type even struct{ pages int }

func (even) Definition() []byte { return nil }
func (even) Close() error       { return nil }

func (s even) Read(_ context.Context, part store.Segment, after []byte, page *store.Page) error {
	time.Sleep(10 * time.Millisecond)
	at := 0
	if after != nil {
		at, _ = strconv.Atoi(string(after))
	}
	page.Items, page.Next = page.Items[:0], nil
	for i := range 100 {
		page.Items = append(page.Items, fmt.Appendf(nil, "%d/%d/%d", part.Number, at, i))
	}
	if at++; at < s.pages {
		page.Next = strconv.AppendInt(nil, int64(at), 10)
	}
	return nil
}

// A run whose records are paid for makes one for each interval at most, or for half of the pages that it holds in memory; and it takes
// hardly longer for them.
func TestAnnouncerRecordsSeldom(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		parts, pages int
		rate         float64 // Units a second, 0 for any number.
		longer       float64 // How many times as long it may take as without records.
	}{
		"as fast as it goes":  {64, 32, 0, 3}, // A record takes as long as to read half of what is in memory.
		"4,000 items/s":       {64, 32, 4000, 1.1},
		"100 items/s":         {8, 8, 100, 1.1},
		"one page":            {1, 1, 0, 20},
		"one part":            {1, 100, 0, 1.5},
		"fewer items than 25": {2, 1, 5, 1.5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const held, interval = 32, 5 * time.Second
				do := func(announcer *flow.Announcer) time.Duration {
					run := &flow.Run{
						Source: even{test.pages}, Sink: swift{}, Segments: test.parts, Readers: 8, Writers: 16, Pages: held, Announcer: announcer,
					}
					if test.rate > 0 {
						run.WritePace = flow.NewPacer(test.rate)
					}
					start := time.Now()
					if err := run.Do(t.Context()); err != nil {
						t.Fatal(err)
					}
					return time.Since(start)
				}
				records := 0
				without := do(nil)
				took := do(&flow.Announcer{
					Identity: func(raw []byte) (uint64, error) { return uint64(len(raw)) + 1, nil },
					Record:   func(context.Context) { records++; time.Sleep(40 * time.Millisecond) },
					Interval: interval,
				})
				if most := test.parts*test.pages/(held/2) + int(took/interval) + 2; records > most {
					t.Errorf("%d records of %d pages in %v, want %d at most", records, test.parts*test.pages, took, most)
				}
				if took.Seconds() > test.longer*without.Seconds()+0.05 {
					t.Errorf("the run took %v, and %v without records", took, without)
				}
			})
		})
	}
}

// swift is a sink that takes 5 ms for each batch.
type swift struct{}

func (swift) Limits() (items, bytes int) { return 25, 1 << 20 }
func (swift) Close(bool) error           { return nil }
func (swift) Write(_ context.Context, _ [][]byte, outcomes []store.Outcome) (receipt store.Receipt, err error) {
	time.Sleep(5 * time.Millisecond)
	for i := range outcomes {
		outcomes[i] = store.Written
	}
	receipt.Units = float64(len(outcomes))
	return receipt, nil
}
