// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package compare_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

var key = []item.KeyAttribute{{Name: "id", Type: item.S}}

// fill writes the items in batches, and returns how many lacked the key.
func fill(t *testing.T, c *compare.Comparison, side compare.Side, items []string) (refused int) {
	t.Helper()
	sink, err := c.Sink(side)
	if err != nil {
		t.Fatal(err)
	}
	for len(items) > 0 {
		n := min(len(items), 1+rand.IntN(500))
		var batch [][]byte
		for _, raw := range items[:n] {
			batch = append(batch, []byte(raw))
		}
		outcomes := make([]store.Outcome, n)
		receipt, err := sink.Write(t.Context(), batch, outcomes)
		if err != nil {
			t.Fatal(err)
		}
		refused += len(receipt.Refused)
		items = items[n:]
	}
	if err := sink.Close(true); err != nil {
		t.Fatal(err)
	}
	return refused
}

func compareItems(t *testing.T, key []item.KeyAttribute, wanted, found, aside []string) compare.Difference {
	t.Helper()
	c, err := compare.New(filepath.Join(t.TempDir(), "verify"), key)
	if err != nil {
		t.Fatal(err)
	}
	sides := map[compare.Side][]string{compare.Wanted: wanted, compare.Found: found, compare.SetAside: aside}
	for side, items := range sides {
		if side != compare.SetAside || len(items) > 0 {
			fill(t, c, side, items)
		}
	}
	difference, err := c.Difference()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return difference
}

func order(id int, value string) string {
	return fmt.Sprintf(`{"id":{"S":"%d"},"value":{"N":"%s"},"tags":{"SS":["a","b"]}}`, id, value)
}

// rewritten returns the order as a server may return it.
func rewritten(id int, value string) string {
	return fmt.Sprintf(`{"tags":{"SS":["b","a"]},"value":{"N":"%s.00"},"id":{"S":"%d"}}`, value, id)
}

func TestDifference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var wanted, found, aside []string
	var want compare.Difference
	for id := range 50_000 {
		switch n := random.IntN(100); {
		case n < 2:
			wanted = append(wanted, order(id, "1"))
			want.Missing++
		case n < 5:
			wanted, found = append(wanted, order(id, "1")), append(found, order(id, "2"))
			want.Different++
		case n < 9:
			found = append(found, order(id, "1"))
			want.Unexpected++
		case n < 11:
			wanted, aside = append(wanted, order(id, "1")), append(aside, order(id, "7"))
			if n == 9 {
				found = append(found, order(id, "3"))
			}
		default:
			wanted, found = append(wanted, order(id, "1")), append(found, rewritten(id, "1"))
		}
	}
	random.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	got := compareItems(t, key, wanted, found, aside)
	if got != want || want.Missing == 0 || want.Different == 0 || want.Unexpected == 0 {
		t.Errorf("the difference is %+v, want %+v", got, want)
	}
}

func TestDifference_few(t *testing.T) {
	t.Parallel()
	one, two := order(1, "1"), order(1, "2")
	for name, test := range map[string]struct {
		key           []item.KeyAttribute
		wanted, found []string
		want          compare.Difference
	}{
		"nothing": {key: key},
		"two of one key, one found": {
			key: key, wanted: []string{one, two}, found: []string{two},
			want: compare.Difference{Missing: 1},
		},
		"two of one key, a third found": {
			key: key, wanted: []string{one, two}, found: []string{order(1, "3")},
			want: compare.Difference{Missing: 1, Different: 1},
		},
		"the same twice, found once": {
			key: key, wanted: []string{one, one}, found: []string{one},
			want: compare.Difference{Missing: 1},
		},
		"without key, equal": {
			wanted: []string{one, two, two}, found: []string{rewritten(1, "2"), one, two},
		},
		"without key, another": {
			wanted: []string{one}, found: []string{two},
			want: compare.Difference{Missing: 1, Unexpected: 1},
		},
		"without key, once too many": {
			wanted: []string{one}, found: []string{one, one},
			want: compare.Difference{Unexpected: 1},
		},
		"an attribute more, and less": {
			key:    key,
			wanted: []string{one, order(2, "1")},
			found:  []string{`{"id":{"S":"1"}}`, order(2, "1")[:len(order(2, "1"))-1] + `,"x":{"NULL":true}}`},
			want:   compare.Difference{Different: 2},
		},
		"only the type differs": {
			key:    key,
			wanted: []string{`{"id":{"S":"1"},"v":{"S":"1"}}`},
			found:  []string{`{"id":{"S":"1"},"v":{"N":"1"}}`},
			want:   compare.Difference{Different: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := compareItems(t, test.key, test.wanted, test.found, nil); got != test.want {
				t.Errorf("the difference is %+v, want %+v", got, test.want)
			}
		})
	}
}

// The files reveal nothing about the items, only their owner can read them, and they are removed at the end. So
// is what was left in the folder before.
func TestFiles(t *testing.T) {
	t.Parallel()
	directory := filepath.Join(t.TempDir(), "verify")
	if err := os.MkdirAll(filepath.Join(directory, "left"), 0o700); err != nil {
		t.Fatal(err)
	}
	read := func() (content []byte) {
		c, err := compare.New(directory, key)
		if err != nil {
			t.Fatal(err)
		}
		if refused := fill(t, c, compare.Wanted, []string{order(4711, "1"), `{"id":{"N":"1"}}`, `{}`}); refused != 2 {
			t.Errorf("%d items without the key were refused, want 2", refused)
		}
		entries, err := os.ReadDir(directory)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			info, err := entry.Info()
			if err != nil || info.Mode() != 0o600 {
				t.Errorf("%s has the mode %v (%v)", entry.Name(), info.Mode(), err)
			}
			bucket, err := os.ReadFile(filepath.Join(directory, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			content = append(content, bucket...)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(directory); !os.IsNotExist(err) {
			t.Errorf("the folder is still there: %v", err)
		}
		return content
	}
	one, other := read(), read()
	if len(one) != 24 || bytes.Equal(one, other) || bytes.Contains(one, []byte("4711")) {
		t.Errorf("the digests of one item are %x and %x", one, other)
	}
}
