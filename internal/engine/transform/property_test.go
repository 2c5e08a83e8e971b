// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// author writes items of all types, in ways that are unlike those in which the package writes them.
type author struct{ *rand.Rand }

func (a author) pick(of ...string) string { return of[a.IntN(len(of))] }

func (a author) value(depth int) string {
	kinds := 9
	if depth == 0 {
		kinds = 7
	}
	switch a.IntN(kinds) {
	case 0:
		return `{"S":` + a.pick(`""`, `"x"`, `"\u0041\/"`, `"日本"`, `"}]{[,:"`, `"\"\\"`) + `}`
	case 1:
		return `{ "N" : "` + a.pick("0", "1.50", "-1E-130", "12345678901234567890123456789012345678", "007") + `" }`
	case 2:
		return `{"B":"` + a.pick("", "AAE=", "3q2+7w==") + `"}`
	case 3:
		return a.pick(`{"BOOL":true}`, `{"BOOL": false}`)
	case 4:
		return `{"NULL":true}`
	case 5:
		return `{"SS":["b" , "a","\u00e9"]}`
	case 6:
		return `{"NS":["1.0","2E3"]}`
	case 7:
		elements := make([]string, a.IntN(4))
		for i := range elements {
			elements[i] = a.value(depth - 1)
		}
		return `{"L":[` + strings.Join(elements, " , ") + `]}`
	}
	return `{"M":` + a.object(depth-1, a.IntN(4)) + `}`
}

func (a author) object(depth, n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf("%q :\t%s", name(i), a.value(depth))
	}
	a.Shuffle(n, func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members, ",\n") + "}"
}

func name(i int) string { return string(rune('a' + i)) }

func (a author) path() string {
	p := name(a.IntN(8))
	for a.IntN(3) == 0 {
		p += a.pick("."+name(a.IntN(4)), fmt.Sprintf("[%d]", a.IntN(4)))
	}
	return p
}

func (a author) step() transform.Step {
	switch a.IntN(6) {
	case 0:
		return rename(name(a.IntN(8)), "renamed"+fmt.Sprint(a.IntN(100)))
	case 1:
		return remove(a.path(), a.path())
	case 2:
		return keep(a.path(), a.path(), a.path())
	case 3:
		return set(a.path(), a.pick("1", "item.?b", "{'k': [item.?a.orValue(null)]}", "'text'", "size(item)"))
	case 4:
		return mask(a.path())
	}
	return dropIf("has(item.a) && item.a == 1.5")
}

// Whatever the steps, the result is an item, and attributes that they do not name keep their bytes.
func TestUntouchedStay(t *testing.T) {
	t.Parallel()
	a := author{rand.New(rand.NewPCG(1, 2))}
	applied := 0
	for range 20_000 {
		raw := a.object(3, 1+a.IntN(8))
		if end, err := item.End([]byte(raw), 0); err != nil || end != len(raw) {
			t.Fatalf("%s is no item: %v", raw, err)
		}
		steps := make([]transform.Step, 1+a.IntN(3))
		for i := range steps {
			steps[i] = a.step()
		}
		p, problems := transform.Compile(steps, transform.Options{})
		if p == nil {
			if len(problems) == 0 {
				t.Fatalf("Compile(%+v) says nothing", steps)
			}
			continue
		}
		out, kept, err := p.Apply(nil, []byte(raw))
		var fault *transform.Error
		if err != nil && !errors.As(err, &fault) {
			t.Fatalf("%v\nof %+v\non %s", err, steps, raw)
		}
		if err != nil || !kept {
			continue
		}
		applied++
		if end, err := item.End(out, 0); err != nil || end != len(out) {
			t.Fatalf("%s is no item: %v\nof %+v\non %s", out, err, steps, raw)
		}
		touched, keeps := namedBy(steps)
		after := membersOf(t, out)
		for name, value := range membersOf(t, []byte(raw)) {
			got, there := after[name]
			if !touched[name] && (there && got != value || !there && !keeps) {
				t.Fatalf("%s is %q and was %q\nof %+v\non %s", name, got, value, steps, raw)
			}
		}
	}
	if applied < 5_000 {
		t.Errorf("only %d items were transformed", applied)
	}
}

func namedBy(steps []transform.Step) (touched map[string]bool, keeps bool) {
	touched = map[string]bool{}
	for _, s := range steps {
		for _, path := range slices.Concat(s.Remove, s.Keep, s.Mask, slices.Collect(maps.Keys(s.Set)), slices.Collect(maps.Keys(s.Rename)), slices.Collect(maps.Values(s.Rename))) {
			head, _, _ := strings.Cut(path, ".")
			head, _, _ = strings.Cut(head, "[")
			// A kept attribute stays as it is; one of which a part is kept does not.
			touched[head] = touched[head] || head != path || len(s.Keep) == 0
		}
		keeps = keeps || s.Keep != nil
	}
	return touched, keeps
}

func membersOf(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	members := map[string]string{}
	if err := item.Members(raw, func(name, value []byte) error {
		plain, err := item.Unquote(name)
		members[string(plain)] = string(value)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return members
}

// Whatever is written for a path and stands in an item, nothing panics, and what comes out is an item.
func FuzzApply(f *testing.F) {
	f.Add("address.street", []byte(order))
	f.Add(`lines[0].sku`, []byte(order))
	f.Add(`address."a.b"`, []byte(order))
	f.Add(`"\u0069d"`, []byte(`{"\u0069d":{"S":"x"}}`))
	f.Add(`a[2147483647]`, []byte(`{"a":{"L":[]}}`))
	f.Fuzz(func(t *testing.T, path string, raw []byte) {
		if end, err := item.End(raw, 0); err != nil || end != len(raw) {
			return
		}
		for _, step := range []transform.Step{remove(path), keep(path), mask(path), set(path, "item"), rename(path, path+"2")} {
			p, problems := transform.Compile([]transform.Step{step}, transform.Options{})
			if p == nil {
				if len(problems) != 1 {
					t.Fatalf("Compile(%+v): %v", step, problems)
				}
				continue
			}
			out, kept, err := p.Apply(nil, raw)
			if err != nil || !kept {
				continue
			}
			if end, err := item.End(out, 0); err != nil || end != len(out) {
				t.Errorf("%q is no item: %v\nof %+v\non %q", out, err, step, raw)
			}
		}
	})
}

// A program is used by all readers at once.
func TestApplyAtOnce(t *testing.T) {
	t.Parallel()
	p := compile(t, rename("card", "number"), set("id", "sha256(item.id)"), mask("number"), remove("address.street"))
	want, _, err := p.Apply(nil, []byte(order))
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan string)
	for range 8 {
		go func() {
			for range 200 {
				if got, _, err := p.Apply(nil, []byte(order)); err != nil || string(got) != string(want) {
					results <- fmt.Sprintf("Apply = %s, %v", got, err)
					return
				}
			}
			results <- ""
		}()
	}
	for range 8 {
		if fault := <-results; fault != "" {
			t.Error(fault)
		}
	}
}
