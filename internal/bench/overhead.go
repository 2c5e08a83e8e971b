// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
)

// noJournal keeps nothing, which no run is told of.
type noJournal struct{}

func (noJournal) Open(context.Context, string) (journal.Record, error)  { return noJournal{}, nil }
func (noJournal) Names(context.Context) ([]string, error)               { return nil, nil }
func (noJournal) Peek(_ context.Context, _ string, _ any) (bool, error) { return false, nil }
func (noJournal) Load(context.Context, any) (bool, error)               { return false, nil }
func (noJournal) Save(context.Context, any) error                       { return nil }
func (noJournal) Remove(context.Context) error                          { return nil }
func (noJournal) Close() error                                          { return nil }
func (noJournal) SaveInterval() time.Duration                           { return time.Hour }
func (noJournal) String() string                                        { return "no journal" }

// memory shows that what a copy takes does not grow with the table, and little with its items.
func memory(ctx context.Context) error {
	fmt.Print("\n| copy at defaults | peak MB |\n|---|---|\n")
	for _, s := range []scenario{
		{shape: "0.5KB", items: 500_000}, {shape: "0.5KB", items: 5_000_000},
		{shape: "400KB", items: 4_000, delay: 20 * time.Millisecond},
	} {
		f, _, err := s.run(ctx, "engine")
		if err != nil {
			return err
		}
		fmt.Printf("| %d items of %s | %.0f |\n", s.items, s.shape, f.PeakMB)
	}
	return nil
}

// journalRounds is how often a copy is measured with a journal and without, in turn: what else the machine does changes
// from run to run by more than a journal costs, and a median of pairs does not.
const journalRounds = 9

// journalCost compares a copy that keeps its progress with one that does not.
func journalCost(ctx context.Context) error {
	s := scenario{shape: "0.5KB", items: 500_000}
	var with, without, ratios []float64
	for round := range journalRounds {
		var perItem [2]float64
		subjects := []string{"engine", "unjournaled"}
		for i := range subjects {
			i = (i + round) % len(subjects) // Neither always comes first.
			f, _, err := s.run(ctx, subjects[i])
			if err != nil {
				return err
			}
			perItem[i] = f.perItem()
		}
		with, without, ratios = append(with, perItem[0]), append(without, perItem[1]), append(ratios, perItem[0]/perItem[1])
	}
	fmt.Printf("\n| copy 0.5 KB, medians of %d rounds | CPU µs/item |\n|---|---|\n", journalRounds)
	fmt.Printf(
		"| with a journal | %.2f |\n| without | %.2f |\n| ratio | %.3f |\n",
		median(with),
		median(without),
		median(ratios),
	)
	return nil
}

func median(numbers []float64) float64 {
	slices.Sort(numbers)
	return numbers[len(numbers)/2]
}
