// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

func TestEqual(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{`{"a":{"N":"1"},"b":{"S":"é/"}}`, `{ "b" : {"S":"\u00e9\/"}, "\u0061":{"N":"10e-1"} }`},
		{`{"a":{"NS":["1","-2.50"]}}`, `{"a":{"NS":["-25e-1","1.0"]}}`},
		{`{"a":{"SS":["x","y"]}}`, `{"a":{"SS":["y","\u0078"]}}`},
		{`{"a":{"BS":["AA==","AQ=="]}}`, `{"a":{"BS":["AQ==","AA=="]}}`},
		{`{"a":{"M":{"x":{"L":[{"N":"0"}]},"y":{"NULL":true}}}}`,
			`{"a":{"M":{"y":{"NULL":true},"x":{"L":[{"N":"-0.0"}]}}}}`},
		{`{}`, ` { } `},
	} {
		if equal, err := item.Equal([]byte(pair[0]), []byte(pair[1])); err != nil || !equal {
			t.Errorf("Equal(%s, %s) = %t, %v; want true", pair[0], pair[1], equal, err)
		}
	}
	all := []string{
		`{}`, `{"a":{"S":"1"}}`, `{"a":{"N":"1"}}`, `{"a":{"B":"1111"}}`, `{"a":{"S":"1111"}}`,
		`{"a":{"BOOL":true}}`, `{"a":{"BOOL":false}}`, `{"a":{"NULL":true}}`,
		`{"a":{"SS":["1"]}}`, `{"a":{"NS":["1"]}}`, `{"a":{"SS":["1","2"]}}`, `{"a":{"SS":["12"]}}`,
		`{"a":{"L":[{"S":"1"}]}}`, `{"a":{"L":[]}}`, `{"a":{"M":{}}}`,
		`{"a":{"L":[{"L":[]},{"S":"1"}]}}`, `{"a":{"L":[{"L":[{"S":"1"}]}]}}`, `{"a":{"L":[{"S":"1"},{"L":[]}]}}`,
		`{"a":{"M":{"S":{"S":"1"}}}}`,
		`{"b":{"S":"1"}}`, `{"a":{"S":"1"},"b":{"S":"1"}}`, `{"a":{"M":{"b":{"S":"1"}}}}`,
		`{"a":{"M":{}},"b":{"S":"1"}}`, `{"a":{"N":"1.0000000000000000000000000000000000001"}}`,
	}
	for i, a := range all {
		for j, b := range all {
			if equal, err := item.Equal([]byte(a), []byte(b)); err != nil || equal != (i == j) {
				t.Errorf("Equal(%s, %s) = %t, %v", a, b, equal, err)
			}
		}
	}
	_, err := item.Equal([]byte(`{"a":{"N":"planted"}}`), []byte(`{}`))
	if err == nil || strings.Contains(err.Error(), "planted") {
		t.Errorf("Equal of an item with an invalid number: %v, want an error that does not quote it", err)
	}
}

// An item has the same form however it is written, and a change of any single value changes the form.
func TestCanonicalProperties(t *testing.T) {
	t.Parallel()
	forms := map[string]string{}
	for seed := range uint64(3000) {
		var written [2]string
		var texts [2]string
		for i := range written {
			// The same values, drawn from the same seed, but written in different ways.
			w := writer{values: rand.New(rand.NewPCG(seed, 1)), style: rand.New(rand.NewPCG(seed, uint64(10+i)))}
			texts[i] = w.object(2)
			form, err := item.Canonical(nil, []byte(texts[i]))
			if err != nil {
				t.Fatalf("Canonical(%s): %v", texts[i], err)
			}
			written[i] = string(form)
		}
		if written[0] != written[1] {
			t.Fatalf("the same item has two forms:\n%s\n%s\n%s\n%s", texts[0], texts[1], written[0], written[1])
		}
		// No two seeds draw the same string.
		if other, ok := forms[written[0]]; ok && strings.Contains(texts[0], mark) {
			t.Fatalf("two items have one form:\n%s\n%s", texts[0], other)
		}
		forms[written[0]] = texts[0]

		for target := range strings.Count(texts[0], mark) {
			w := writer{values: rand.New(rand.NewPCG(seed, 1)), style: rand.New(rand.NewPCG(seed, 10)), change: target + 1}
			text := w.object(2)
			form, err := item.Canonical(nil, []byte(text))
			if err != nil || string(form) == written[0] {
				t.Fatalf("a changed item has the form of the other (%v):\n%s\n%s", err, texts[0], text)
			}
		}
	}
	if len(forms) < 2000 {
		t.Errorf("only %d different items were tried", len(forms))
	}
}

// writer writes random items: values determines what they hold, and style how it is written.
type writer struct {
	values, style *rand.Rand
	change        int // The scalar to change, counted from 1; 0 for none.
	scalars       int
}

// mark is in every string, so that the strings of a text can be counted.
const mark = "~"

func (w *writer) object(depth int) string {
	members := make([]string, w.values.IntN(5))
	for i := range members {
		members[i] = w.text(fmt.Sprintf("n%d", i)) + ":" + w.value(depth)
	}
	w.style.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members, w.space()+",") + "}"
}

func (w *writer) value(depth int) string {
	switch n := w.values.IntN(7); {
	case n == 0 && depth > 0:
		return `{"M":` + w.object(depth-1) + "}"
	case n == 1 && depth > 0:
		elements := make([]string, w.values.IntN(3))
		for i := range elements {
			elements[i] = w.value(depth - 1)
		}
		return `{"L":[` + strings.Join(elements, ","+w.space()) + "]}"
	case n == 2:
		members := make([]string, 1+w.values.IntN(3))
		for i := range members {
			members[i] = w.scalar()
		}
		slices.Sort(members)
		members = slices.Compact(members)
		w.style.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		for i := range members {
			members[i] = w.text(members[i])
		}
		return `{"SS":[` + strings.Join(members, ",") + "]}"
	case n == 3:
		return `{"N":"` + w.number(w.values.IntN(1000)) + `"}`
	default:
		return `{"S":` + w.text(w.scalar()) + "}"
	}
}

// scalar returns a string that differs from all others.
func (w *writer) scalar() string {
	w.scalars++
	v := fmt.Sprintf(mark+"é%d", w.values.IntN(1_000_000_000))
	if w.scalars == w.change {
		v += "!"
	}
	return v
}

func (w *writer) number(n int) string {
	return fmt.Sprintf([]string{"%d", "%d.0", "%de0", "%d0e-1", "0%d", "+%d"}[w.style.IntN(6)], n)
}

// text quotes the string, sometimes with an escape for one of its letters.
func (w *writer) text(s string) string {
	if w.style.IntN(2) == 0 {
		return strings.ReplaceAll(fmt.Sprintf("%q", s), "é", `\u00e9`)
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(quoted)
}

func (w *writer) space() string { return strings.Repeat(" ", w.style.IntN(2)) }
