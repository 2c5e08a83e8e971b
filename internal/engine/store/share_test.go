// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"context"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// partNotes notes the parts that are read.
type partNotes struct {
	store.Source
	read map[store.Segment]int
}

func (n partNotes) Read(_ context.Context, part store.Segment, _ []byte, _ *store.Page) error {
	n.read[part]++
	return nil
}

// The shares of a source hold each of its parts exactly once.
func TestSharesHoldAllOnce(t *testing.T) {
	t.Parallel()
	for _, shares := range []int{1, 2, 7} {
		for _, parts := range []int{1, 3, 16} {
			notes := partNotes{read: map[store.Segment]int{}}
			for number := range shares {
				share := store.Share(notes, number, shares)
				for part := range parts {
					if err := share.Read(t.Context(), store.Segment{Number: part, Total: parts}, nil, nil); err != nil {
						t.Fatal(err)
					}
				}
			}
			for number := range shares * parts {
				if got := notes.read[store.Segment{Number: number, Total: shares * parts}]; got != 1 {
					t.Errorf("%d shares of %d parts: part %d was read %d times", shares, parts, number, got)
				}
			}
			if len(notes.read) != shares*parts {
				t.Errorf("%d shares of %d parts: %d parts were read", shares, parts, len(notes.read))
			}
		}
	}
}
