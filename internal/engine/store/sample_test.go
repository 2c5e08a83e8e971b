// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// given is a source of one page.
type given []string

func (s given) Definition() []byte { return []byte("given") }

func (s given) Read(_ context.Context, _ store.Segment, _ []byte, page *store.Page) error {
	page.Items, page.Next, page.Dropped = page.Items[:0], nil, 0
	for _, raw := range s {
		page.Items = append(page.Items, []byte(raw))
	}
	return nil
}

func (s given) Close() error { return nil }

// sampled are the items of the source that are in the sample, by how often each is there.
func sampled(t *testing.T, source store.Source, kind item.Kind, percent float64) map[string]int {
	t.Helper()
	var page store.Page
	source = store.NewSample(source, item.KeyAttribute{Name: "id", Type: kind}, percent)
	if err := source.Read(t.Context(), store.Segment{Total: 1}, nil, &page); err != nil {
		t.Fatal(err)
	}
	kept := map[string]int{}
	for _, raw := range page.Items {
		kept[string(raw)]++
	}
	kept["dropped"] = page.Dropped
	return kept
}

func TestSample(t *testing.T) {
	t.Parallel()
	const count = 20_000
	var items given
	for i := range count {
		items = append(items, fmt.Sprintf(`{"id":{"S":"key-%d"},"sort":{"N":"1"}}`, i), fmt.Sprintf(`{"sort":{"N":"2"},"id":{"S":"key-%d"}}`, i))
	}
	var smaller map[string]int
	for _, percent := range []float64{0.5, 10, 33.3, 99.5, 100} {
		kept := sampled(t, items, item.S, percent)
		if all := len(kept) - 1 + kept["dropped"]; all != 2*count {
			t.Errorf("%v %%: %d kept and %d dropped of %d", percent, len(kept)-1, kept["dropped"], 2*count)
		}
		if share := 100 * float64(len(kept)-1) / (2 * count); share < percent-1 || share > percent+1 {
			t.Errorf("%v %%: %v %% were kept", percent, share)
		}
		for i := range count {
			if kept[items[2*i]] != kept[items[2*i+1]] {
				t.Fatalf("%v %%: %s and %s are not together", percent, items[2*i], items[2*i+1])
			}
		}
		for raw := range smaller {
			if raw != "dropped" && kept[raw] == 0 {
				t.Fatalf("%s is in a smaller sample than that of %v %%", raw, percent)
			}
		}
		smaller = kept
	}
}

// What is chosen is the same for ever, and however the key is written.
func TestSample_stable(t *testing.T) {
	t.Parallel()
	var numbers, written []string
	for n := range 40 {
		for _, form := range []string{"%d", "%d.0", "%d0e-1"} {
			kept := sampled(t, given{fmt.Sprintf(`{"id":{"N":"`+form+`"}}`, n)}, item.N, 25)
			if len(kept) == 2 {
				written = append(written, fmt.Sprint(n))
			}
		}
	}
	for i, n := range written {
		if i%3 == 0 {
			numbers = append(numbers, n)
		}
		if n != written[i-i%3] {
			t.Fatalf("%s is not chosen in every form: %v", n, written)
		}
	}
	if got, want := strings.Join(numbers, " "), "1 2 5 7 8 12 13 14 15"; got != want {
		t.Errorf("chosen are %s, want %s", got, want)
	}
}

func TestSample_definition(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{"given": true}
	for _, percent := range []float64{0.1, 10, 10.5} {
		for _, name := range []string{"id", "id2"} {
			definition := string(store.NewSample(given(nil), item.KeyAttribute{Name: name, Type: item.S}, percent).Definition())
			if seen[definition] {
				t.Errorf("the definition %q is not its own", definition)
			}
			seen[definition] = true
		}
	}
}

func TestSample_noKey(t *testing.T) {
	t.Parallel()
	var page store.Page
	source := store.NewSample(given{`{"x":{"S":"planted"}}`}, item.KeyAttribute{Name: "id", Type: item.S}, 50)
	if err := source.Read(t.Context(), store.Segment{Total: 1}, nil, &page); err != nil {
		t.Fatal(err)
	}
	if len(page.Items) != 0 || len(page.Refused) != 1 || strings.Contains(page.Refused[0].Err.Error(), "planted") {
		t.Errorf("of an item without the key %d are read and refused is %v, want the item, with an error that does not quote it", len(page.Items), page.Refused)
	}
}
