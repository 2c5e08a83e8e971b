// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"context"
	"strconv"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// pageItems is how many items a page of about a quarter of a megabyte has.
const pageItems = 500

// blank is a source of parts with so many pages of one and the same item.
type blank struct{ pages int }

func (s *blank) Definition() []byte { return nil }

func (s *blank) Read(_ context.Context, _ store.Segment, after []byte, p *store.Page) error {
	n := 0
	if after != nil {
		n, _ = strconv.Atoi(string(after))
	}
	p.Items, p.Next = p.Items[:0], nil
	for range pageItems {
		p.Items = append(p.Items, []byte(`{}`))
	}
	if n++; n < s.pages {
		p.Next = strconv.AppendInt(nil, int64(n), 10)
	}
	return nil
}

func (s *blank) Close() error { return nil }

// hole is a sink that takes everything.
type hole struct{}

func (hole) Limits() (items, bytes int) { return 25, 16 << 20 }

func (hole) Write(_ context.Context, _ [][]byte, outcomes []store.Outcome) (store.Receipt, error) {
	for i := range outcomes {
		outcomes[i] = store.Written
	}
	return store.Receipt{Units: float64(len(outcomes))}, nil
}

func (hole) Close(bool) error { return nil }

// BenchmarkRun is what the pipeline itself costs, between a source and a sink that cost nothing.
func BenchmarkRun(b *testing.B) {
	const parts, pages = 16, 20
	b.ReportAllocs()
	for b.Loop() {
		run := Run{Source: &blank{pages}, Sink: hole{}, Segments: parts, Readers: 8, Writers: 16, Pages: 32}
		if err := run.Do(b.Context()); err != nil || run.Ledger().Written != parts*pages*pageItems {
			b.Fatal(run.Ledger(), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(parts*pages*pageItems), "ns/item")
}

// BenchmarkBook is the ledger with the checkpoint: a page that is read, and settled by batches of 25 items.
func BenchmarkBook(b *testing.B) {
	var books book
	books.begin(nil)
	p := &page{Page: store.Page{Next: []byte(`{}`)}}
	for range pageItems {
		p.Items = append(p.Items, []byte(`{}`))
	}
	batch := newBatch(25, 1<<20)
	for batch.add(p, 0) {
		batch.outcomes[len(batch.outcomes)-1] = store.Written
	}
	released := 0
	b.ReportAllocs()
	for b.Loop() {
		books.pageRead(0, p, nil)
		for range pageItems / len(batch.items) {
			books.batchWritten(batch, store.Receipt{Units: 25}, 0, func(*page) { released++ })
		}
	}
	if released != b.N || books.checkpoint().Ledger.Written != int64(b.N)*pageItems {
		b.Fatal(released, books.checkpoint().Ledger)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/pageItems, "ns/item")
}
