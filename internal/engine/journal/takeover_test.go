// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// The process that opened a record last has it, with what was saved, and the previous one finds out.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server := s3local.New(t)
	j := journal.TakeOver(server.Client(), server.Bucket(t), "run/journal")
	first, err := j.Open(ctx, "segment-1")
	if err != nil {
		t.Fatal(err)
	}
	var got note
	if found, err := first.Load(ctx, &got); found || err != nil {
		t.Errorf("a record that was never saved: %t, %v", found, err)
	}
	for _, text := range []string{"one", "two"} {
		if err := first.Save(ctx, note{text}); err != nil {
			t.Fatal(err)
		}
	}
	second, err := j.Open(ctx, "segment-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Save(ctx, note{"of the dead"}); !errors.Is(err, journal.ErrTaken) {
		t.Errorf("Save after the record was taken over: %v", err)
	}
	if found, err := second.Load(ctx, &got); !found || err != nil || got.Text != "two" {
		t.Errorf("Load = %t, %v, %q", found, err, got.Text)
	}
	if err := second.Save(ctx, note{"three"}); err != nil {
		t.Error(err)
	}
	if found, err := j.Peek(ctx, "segment-1", &got); !found || err != nil || got.Text != "three" {
		t.Errorf("Peek = %t, %v, %q", found, err, got.Text)
	}
	if names, err := j.Names(ctx); err != nil || !slices.Equal(names, []string{"segment-1"}) {
		t.Errorf("Names = %q, %v", names, err)
	}
	if err := errors.Join(second.Remove(ctx), second.Close()); err != nil {
		t.Error(err)
	}
	if found, err := j.Peek(ctx, "segment-1", &got); found || err != nil {
		t.Errorf("a record that was removed: %t, %v", found, err)
	}
}

// Of two processes that open a record at the same time and save, the one that opened it last can save to the end.
func TestTakeOverRace(t *testing.T) {
	t.Parallel()
	server := s3local.New(t)
	j := journal.TakeOver(server.Client(), server.Bucket(t), "race")
	for range 50 {
		var group sync.WaitGroup
		var having atomic.Int64
		for range 2 {
			group.Go(func() {
				r, err := j.Open(t.Context(), "record")
				if err != nil {
					t.Error(err)
					return
				}
				for range 3 { // The second one opens it somewhere in between.
					if err = r.Save(t.Context(), note{"x"}); err != nil {
						break
					}
				}
				if err != nil && !errors.Is(err, journal.ErrTaken) {
					t.Error(err)
				}
				if err == nil {
					having.Add(1)
				}
			})
		}
		group.Wait()
		if having.Load() == 0 {
			t.Error("no process has the record")
		}
	}
}
