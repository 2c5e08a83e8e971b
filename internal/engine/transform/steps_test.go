// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform_test

import (
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

var run = transform.Run{ID: "0b0b0b0b-0000-4000-8000-000000000000", StartedAt: time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)}

func compile(t *testing.T, steps ...transform.Step) *transform.Program {
	t.Helper()
	p, problems := transform.Compile(steps, transform.Options{HMACKey: []byte("key")})
	for _, found := range problems {
		t.Fatalf("%s: %v", found.Attribute, found)
	}
	return p.For(run, item.Keys{})
}

func rename(from, to string) transform.Step {
	return transform.Step{Rename: map[string]string{from: to}}
}
func remove(paths ...string) transform.Step { return transform.Step{Remove: paths} }
func keep(paths ...string) transform.Step   { return transform.Step{Keep: paths} }
func mask(paths ...string) transform.Step   { return transform.Step{Mask: paths} }
func set(path, expression string) transform.Step {
	return transform.Step{Set: map[string]string{path: expression}}
}
func dropIf(expression string) transform.Step { return transform.Step{DropIf: &expression} }

const (
	order = `{"id":{"S":"o-1"},"amount":{"N":"12345678901234567890123456789012345678"},"address":{"M":{"street":{"S":"Main 1"},"a.b":{"BOOL":true}}},` +
		`"lines":{"L":[{"M":{"sku":{"S":"A"},"n":{"N":"1.50"}}},{"M":{"sku":{"S":"B"}}},{"S":"x"}]},"tags":{"SS":["x","y"]},"card":{"S":"4111111111111111"}}`
	small = `{"id":{"S":"a"},"n":{"N":"2"},"x":{"S":"y"}}`
)

func TestSteps(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		steps    []transform.Step
		in, want string // No want for an item that is left out.
	}{
		"no step":              {nil, order, order},
		"rename":               {[]transform.Step{rename("n", "number")}, small, `{"id":{"S":"a"},"number":{"N":"2"},"x":{"S":"y"}}`},
		"rename what is not":   {[]transform.Step{rename("q", "z")}, small, small},
		"rename to odd name":   {[]transform.Step{rename("n", `"a.\"b"`)}, small, `{"id":{"S":"a"},"a.\"b":{"N":"2"},"x":{"S":"y"}}`},
		"rename in a map":      {[]transform.Step{rename("m.a", "m.b")}, `{"m":{"M":{"a":{"N":"1.0"},"c":{"NULL":true}}}}`, `{"m":{"M":{"b":{"N":"1.0"},"c":{"NULL":true}}}}`},
		"rename in a list":     {[]transform.Step{rename("l[1].a", "l[1].b")}, `{"l":{"L":[{"M":{"a":{"S":"0"}}},{"M":{"a":{"S":"1"}}}]}}`, `{"l":{"L":[{"M":{"a":{"S":"0"}}},{"M":{"b":{"S":"1"}}}]}}`},
		"rename a chain":       {[]transform.Step{rename("n", "m"), rename("m", "k")}, small, `{"id":{"S":"a"},"k":{"N":"2"},"x":{"S":"y"}}`},
		"rename escaped":       {[]transform.Step{rename("n", "m")}, `{"\u006e":{"N":"2"}}`, `{"m":{"N":"2"}}`},
		"remove":               {[]transform.Step{remove("n", "x")}, small, `{"id":{"S":"a"}}`},
		"remove all":           {[]transform.Step{remove("n", "x", "id")}, small, `{}`},
		"remove what is not":   {[]transform.Step{remove("q", "r.s")}, small, small},
		"remove in a map":      {[]transform.Step{remove("address.street", "address.none.deep")}, `{"address":{"M":{"street":{"S":"x"},"town":{"S":"y"}}}}`, `{"address":{"M":{"town":{"S":"y"}}}}`},
		"remove odd name":      {[]transform.Step{remove(`address."a.b"`)}, `{"address":{"M":{"street":{"S":"x"},"a.b":{"S":"y"}}}}`, `{"address":{"M":{"street":{"S":"x"}}}}`},
		"remove elements":      {[]transform.Step{remove("l[0]", "l[2]", "l[9]")}, `{"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"}]}}`, `{"l":{"L":[{"N":"1"},{"N":"3"}]}}`},
		"keep":                 {[]transform.Step{keep("id", "lines[0].sku")}, order, `{"id":{"S":"o-1"},"lines":{"L":[{"M":{"sku":{"S":"A"}}}]}}`},
		"keep what is not":     {[]transform.Step{keep("id", "none")}, small, `{"id":{"S":"a"}}`},
		"set new":              {[]transform.Step{set("t", "'test'")}, small, `{"id":{"S":"a"},"n":{"N":"2"},"x":{"S":"y"},"t":{"S":"test"}}`},
		"set again":            {[]transform.Step{set("x", "item.x + '!'")}, small, `{"id":{"S":"a"},"n":{"N":"2"},"x":{"S":"y!"}}`},
		"set sees the old":     {[]transform.Step{{Set: map[string]string{"id": "item.x", "x": "item.id"}}}, small, `{"id":{"S":"y"},"n":{"N":"2"},"x":{"S":"a"}}`},
		"set in a map":         {[]transform.Step{set("m.b", "1")}, `{"m":{"M":{"a":{"S":"x"}}}}`, `{"m":{"M":{"a":{"S":"x"},"b":{"N":"1"}}}}`},
		"set an element":       {[]transform.Step{set("l[0]", "true"), set("l[1]", "b'x'")}, `{"l":{"L":[{"N":"0"}]}}`, `{"l":{"L":[{"BOOL":true},{"B":"eA=="}]}}`},
		"set nothing":          {[]transform.Step{set("q", "optional.none()"), set("m.r", "item.?none")}, small, small},
		"set if there":         {[]transform.Step{set("x", "item.?x.optMap(v, sha256(v))"), set("y", "item.?y")}, `{"id":{"S":"a"},"y":{"N":"1.0"}}`, `{"id":{"S":"a"},"y":{"N":"1"}}`},
		"mask":                 {[]transform.Step{mask("card", "none")}, `{"card":{"S":"4111111111111234"}}`, `{"card":{"S":"************1234"}}`},
		"mask short":           {[]transform.Step{mask("a", "b", "c")}, `{"a":{"S":"1234567"},"b":{"S":""},"c":{"S":"12345678"}}`, `{"a":{"S":"*******"},"b":{"S":""},"c":{"S":"****5678"}}`},
		"mask characters":      {[]transform.Step{mask("a")}, `{"a":{"S":"日本語\ud83d\ude00üüüü"}}`, `{"a":{"S":"****üüüü"}}`},
		"mask null":            {[]transform.Step{mask("a")}, `{"a":{"NULL":true}}`, `{"a":{"NULL":true}}`},
		"mask in a list":       {[]transform.Step{mask("l[0].a")}, `{"l":{"L":[{"M":{"a":{"S":"secret"}}}]}}`, `{"l":{"L":[{"M":{"a":{"S":"******"}}}]}}`},
		"drop":                 {[]transform.Step{dropIf("item.n == 2")}, small, ""},
		"do not drop":          {[]transform.Step{dropIf("item.n == 3 || has(item.gone)")}, small, small},
		"drop after a rename":  {[]transform.Step{rename("n", "m"), dropIf("item.m > 1.5")}, small, ""},
		"drop before an error": {[]transform.Step{dropIf("!has(item.q)"), set("q", "item.q + 1")}, small, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, kept, err := compile(t, test.steps...).Apply([]byte("before"), []byte(test.in))
			want := "before" + test.want
			if err != nil || kept != (test.want != "") || string(out) != want {
				t.Fatalf("Apply = %s, %t, %v\nwant    %s", out, kept, err, want)
			}
			if kept {
				if end, err := item.End(out, len("before")); err != nil || end != len(out) {
					t.Errorf("End = %d of %d, %v", end, len(out), err)
				}
			}
		})
	}
}

// Every value that an expression passes on arrives as it was: each attribute of the item is copied by name.
func TestValuesPass(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		`{"S":""}`, `{"S":"日本語 \ud83d\ude00"}`, `{"S":"\"\\\n<&>\u2028\u0000"}`,
		`{"N":"0"}`, `{"N":"-9223372036854775808"}`, `{"N":"9223372036854775807"}`, `{"N":"9223372036854775808"}`, `{"N":"12345678901234567890123456789012345678"}`,
		`{"N":"0.1"}`, `{"N":"1.50"}`, `{"N":"5.0"}`, `{"N":"1E+2"}`, `{"N":"-1E-130"}`, `{"N":"9.9999999999999999999999999999999999999E+125"}`, `{"N":"0.12345678901234567890123456789012345678"}`,
		`{"N":"9007199254740993.0"}`, `{"N":"1e21"}`, `{"N":"1E-7"}`, `{"N":"9007199254740992.5"}`,
		`{"B":""}`, `{"B":"AAH+/w=="}`, `{"BOOL":true}`, `{"BOOL":false}`, `{"NULL":true}`,
		`{"SS":["a","","\"q\""]}`, `{"NS":["1","1.0e3","12345678901234567890123456789012345678"]}`, `{"BS":["","AA=="]}`,
		`{"L":[]}`, `{"L":[{"L":[{"NS":["1"]}]},{"NULL":true}]}`, `{"M":{}}`, `{"M":{"a":{"M":{"b.c":{"N":"1.00"}}},"s":{"SS":["x"]}}}`,
	} {
		raw := `{"v":` + value + `}`
		out, _, err := compile(t, set("w", "item.v"), set("l", "[item.v]"), set("m", "{'k': item.v}"), keep("w", "l", "m")).Apply(nil, []byte(raw))
		if err != nil {
			t.Errorf("%s: %v", value, err)
			continue
		}
		var values []string
		_ = item.Members(out, func(_, value []byte) error {
			values = append(values, string(value))
			return nil
		})
		for i, made := range values {
			wrapped := [3]string{value, `{"L":[` + value + `]}`, `{"M":{"k":` + value + `}}`}[i]
			if !sameValue(t, []byte(made), []byte(wrapped)) {
				t.Errorf("%s became %s", wrapped, made)
			}
		}
		if err := item.Check(out); err != nil {
			t.Errorf("%s became %s: %v", value, out, err)
		}
	}
}

func TestRunVariables(t *testing.T) {
	t.Parallel()
	away := run
	away.StartedAt = run.StartedAt.In(time.FixedZone("away", 3600)) // As the clock of a machine may say it.
	p := compile(t, keep("n"), set("by", "run.id"), set("at", "run.started_at"), set("text", "string(run.started_at)"), set("year", "run.started_at.getFullYear()"))
	out, _, err := p.For(away, item.Keys{}).Apply(nil, []byte(small))
	want := `{"n":{"N":"2"},"by":{"S":"0b0b0b0b-0000-4000-8000-000000000000"},"at":{"S":"2026-11-23T09:30:00Z"},"text":{"S":"2026-11-23T09:30:00Z"},"year":{"N":"2026"}}`
	if err != nil || string(out) != want {
		t.Errorf("Apply = %s, %v\nwant    %s", out, err, want)
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	const in = `{"s":{"S":"abc"},"b":{"B":"YWJj"},"big":{"N":"12345678901234567890123456789012345678"},"d":{"N":"1.5"},"i":{"N":"7"},"t":{"SS":["x","y"]},"l":{"L":[{"N":"3"},{"N":"4"}]},"z":{"NULL":true},"when":{"S":"2026-01-31T12:00:00Z"}}`
	for expression, want := range map[string]string{
		"sha256(item.s)":                  `{"S":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}`,
		"sha256(item.b)":                  `{"S":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}`,
		"sha256('abc') == sha256(b'abc')": `{"BOOL":true}`,
		"hmac(item.s)":                    `{"S":"9c196e32dc0175f86f4b1cb89289d6619de6bee699e4c378e68309ed97a1a6ab"}`,
		"hmac(item.b) == hmac('abc')":     `{"BOOL":true}`,
		"uuid5('dns', 'www.example.com')": `{"S":"2ed6657d-e927-568b-95e1-2665a8aea6a2"}`,
		"uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')": `{"S":"2ed6657d-e927-568b-95e1-2665a8aea6a2"}`,
		"mask('4111111111111234')":                         `{"S":"************1234"}`,
		"mask(item.s, 1)":                                  `{"S":"**c"}`,
		"mask('abc', 0)":                                   `{"S":"***"}`,
		"item.s.upperAscii() + '-' + item.s":               `{"S":"ABC-abc"}`,
		"item.s.replace('b', 'x')":                         `{"S":"axc"}`,
		"'abcb'.replace('b', '--', 1)":                     `{"S":"a--cb"}`,
		"'abcb'.replace('b', '', 5)":                       `{"S":"ac"}`,
		"'é'.replace('', '-')":                             `{"S":"-é-"}`,
		"['a', 'b'].join('/')":                             `{"S":"a/b"}`,
		"['a', item.s].join()":                             `{"S":"aabc"}`,
		"item.t.join('+') + [].join(',')":                  `{"S":"x+y"}`,
		"'a,b'.split(',')":                                 `{"L":[{"S":"a"},{"S":"b"}]}`,
		"'%s-%d'.format([item.s, item.i])":                 `{"S":"abc-7"}`,
		"math.greatest(item.i, 9)":                         `{"N":"9"}`,
		"math.round(item.d)":                               `{"N":"2"}`,
		"base64.encode(item.b)":                            `{"S":"YWJj"}`,
		"base64.decode('YWJj')":                            `{"B":"YWJj"}`,
		"string(item.big)":                                 `{"S":"12345678901234567890123456789012345678"}`,
		"double(item.big) > 1e37":                          `{"BOOL":true}`,
		"item.big > 5":                                     `{"BOOL":true}`,
		"item.big == item.big":                             `{"BOOL":true}`,
		"item.big == 5":                                    `{"BOOL":false}`,
		"item.i == 7.0 && item.i < item.big + 0.0 || true": `{"BOOL":true}`,
		"item.i + 1":                                       `{"N":"8"}`,
		"double(item.i) * item.d":                          `{"N":"10.5"}`,
		"item.i / 2":                                       `{"N":"3"}`,
		"item.d * 2.0":                                     `{"N":"3"}`,
		"'x' in item.t":                                    `{"BOOL":true}`,
		"size(item.t)":                                     `{"N":"2"}`,
		"item.t":                                           `{"SS":["x","y"]}`,
		"item.t.filter(m, m != 'x')":                       `{"L":[{"S":"y"}]}`,
		"item.l.map(e, e * 10)":                            `{"L":[{"N":"30"},{"N":"40"}]}`,
		"item.l[1]":                                        `{"N":"4"}`,
		"item['s']":                                        `{"S":"abc"}`,
		"'s' in item && !('q' in item)":                    `{"BOOL":true}`,
		"item.all(k, k != 'q')":                            `{"BOOL":true}`,
		"item.?q.orValue('none')":                          `{"S":"none"}`,
		"has(item.q) ? dyn(1) : null":                      `{"NULL":true}`,
		"item.z == null":                                   `{"BOOL":true}`,
		"{'b': 1, 'a': {'c': [b'x']}}":                     `{"M":{"a":{"M":{"c":{"L":[{"B":"eA=="}]}}},"b":{"N":"1"}}}`,
		"timestamp(item.when) + duration('24h')":           `{"S":"2026-02-01T12:00:00Z"}`,
		"int(timestamp(item.when))":                        `{"N":"1769860800"}`,
		"timestamp(item.when).getMonth()":                  `{"N":"0"}`,
		"item.s.matches('^[a-c]+$')":                       `{"BOOL":true}`,
		"18446744073709551615u":                            `{"N":"18446744073709551615"}`,
		"1e30":                                             `{"N":"1e+30"}`,
		"0.1 + 0.2":                                        `{"N":"0.30000000000000004"}`,
		"item == item":                                     `{"BOOL":true}`,
		"{'k': item.s} == {'k': 'abc'}":                    `{"BOOL":true}`,
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			out, _, err := compile(t, set("v", expression), keep("v")).Apply(nil, []byte(in))
			if err != nil || string(out) != `{"v":`+want+`}` {
				t.Errorf("Apply = %s, %v\nwant    %s", out, err, want)
			}
		})
	}
}
