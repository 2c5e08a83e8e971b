// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// allocated is how many bytes the function has the runtime allocate.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// repeated is the text so many times, with commas between.
func repeated(text string, times int) string {
	return strings.TrimSuffix(strings.Repeat(text+", ", times), ", ")
}

// An expression cannot make much out of one large item: the item is set aside as one that it does not fit. Not parallel: it counts
// what the process allocates.
func TestOneItemIsBounded(t *testing.T) { //nolint:paralleltest // It counts what the process allocates.
	const size, times = 206 << 10, 2000
	big := strings.Repeat("x", size)
	raw := fmt.Appendf(nil, `{"id":{"S":"1"},"big":{"S":"%s"},"m":{"M":{"big":{"S":"%s"}}},"l":{"L":[{"S":"%s"}]}}`, big, big[:1000], big[:1000])
	many := map[string]string{}
	for i := range times {
		many[fmt.Sprintf("a%d", i)] = "item.big"
	}
	for name, set := range map[string]map[string]string{ //nolint:paralleltest // It counts what the process allocates.
		"a list":             {"x": "[" + repeated("item.big", times) + "]"},
		"a map":              {"x": "{'a': [" + repeated("item.big", times) + "]}"},
		"a list of maps":     {"x": "[" + repeated("{'a': item.big}", times) + "]"},
		"a sum":              {"x": strings.ReplaceAll(repeated("item.big", times/10), ",", " +")},
		"a sum of texts":     {"x": strings.ReplaceAll(repeated("string(item.big)", times/10), ",", " +")},
		"a format":           {"x": "'" + strings.Repeat("%s", times) + "'.format([" + repeated("item.big", times) + "])"},
		"a format of a list": {"x": "'" + strings.Repeat("%s", times/10) + "'.format([" + repeated("[item.big, item.big]", times/10) + "])"},
		"texts made of it":   {"x": "[" + repeated("item.big.upperAscii()", times) + "]"},
		"encoded":            {"x": "[" + repeated("base64.encode(bytes(item.big))", times) + "]"},
		"joined":             {"x": "[" + repeated("item.big", times) + "].join('-')"},
		"replaced":           {"x": "item.big.replace('x', item.big)"},
		"many attributes":    many,
		"the item itself":    {"x": "[" + repeated("item", times) + "]"},
	} {
		t.Run(name, func(t *testing.T) { //nolint:paralleltest // It counts what the process allocates.
			program, problems := transform.Compile([]transform.Step{{Set: set}}, transform.Options{})
			if len(problems) > 0 {
				t.Logf("refused when it is compiled: %s", problems[0].Cause)
				return
			}
			var err error
			var out []byte
			used := allocated(func() { out, _, err = program.Apply(nil, raw) })
			if unfit, ok := errors.AsType[*transform.Error](err); !ok || strings.Contains(unfit.Error(), "xxx") {
				t.Errorf("the item of %d bytes became one of %d: %v", len(raw), len(out), err)
			}
			if used > 100<<20 {
				t.Errorf("%d MB were allocated", used>>20)
			}
			t.Logf("%d MB allocated: %v", used>>20, err)
		})
	}
}

// An item is decoded once, however often an expression mentions it.
func TestMentionedOften(t *testing.T) { //nolint:paralleltest // It counts what the process allocates.
	raw := fmt.Appendf(nil, `{"big":{"S":"%s"}}`, strings.Repeat("x", 206<<10))
	condition := strings.ReplaceAll(repeated("item.big == 'y'", 1000), ",", " ||")
	program, problems := transform.Compile([]transform.Step{{DropIf: &condition}}, transform.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	if _, _, err := program.Apply(nil, raw); err != nil {
		t.Fatal(err)
	}
	if used := allocated(func() { _, _, _ = program.Apply(nil, raw) }); used > 4<<20 {
		t.Errorf("%d bytes were allocated", used)
	}
}

// A regular expression is refused for an item where it would take seconds, and works everywhere else.
func TestMatchesIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 390<<10)
	for name, test := range map[string]struct {
		condition, item string
		refused         bool
	}{
		"a large pattern, a long text":          {`item.s.matches('(x{0,100}){0,10}y')`, `{"s":{"S":"` + long + `"}}`, true},
		"as a function":                         {`matches(item.s, '(x{0,100}){0,10}y')`, `{"s":{"S":"` + long + `"}}`, true},
		"a large pattern, a short text":         {`item.s.matches('^(x{0,100}){0,10}y$')`, `{"s":{"S":"xxxy"}}`, false},
		"a usual pattern, a long text":          {`item.s.matches('^[a-z0-9._%+-]+$')`, `{"s":{"S":"` + long + `"}}`, false},
		"a pattern of the item":                 {`item.s.matches(item.p)`, `{"s":{"S":"` + long + `"},"p":{"S":"(x{0,100}){0,10}y"}}`, true},
		"a huge pattern of the item":            {`item.s.matches(item.p)`, `{"s":{"S":"x"},"p":{"S":"` + strings.Repeat(`\\pL{1000}`, 90) + `"}}`, true},
		"a long pattern of the item":            {`item.s.matches(item.p)`, `{"s":{"S":"x"},"p":{"S":"` + long + `"}}`, true},
		"a usual pattern of the item":           {`item.s.matches(item.p)`, `{"s":{"S":"xyz"},"p":{"S":"^x.z$"}}`, false},
		"a pattern made of parts":               {`item.s.matches('^' + item.p)`, `{"s":{"S":"` + long + `"},"p":{"S":"(x{0,100}){0,10}y"}}`, true},
		"many matches, each of them affordable": {`item.l.all(x, item.s.matches(x))`, manyPatterns(long), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program, problems := transform.Compile([]transform.Step{{DropIf: &test.condition}}, transform.Options{})
			if len(problems) > 0 {
				t.Fatal(problems[0])
			}
			_, keep, err := program.Apply(nil, []byte(test.item))
			if _, unfit := errors.AsType[*transform.Error](err); unfit != test.refused {
				t.Errorf("kept: %t, error: %v", keep, err)
			}
			if !test.refused && keep {
				t.Error("the pattern does not match")
			}
		})
	}
}

// manyPatterns is an item with a long text and 50 patterns that match nowhere in it.
func manyPatterns(text string) string {
	var list []string
	for i := range 50 {
		list = append(list, fmt.Sprintf(`{"S":"^x|y%d"}`, i))
	}
	return `{"s":{"S":"` + text + `"},"l":{"L":[` + strings.Join(list, ",") + `]}}`
}
