// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// everyType is an item with each of DynamoDB's types.
const everyType = `{"pk":{"S":"a"},"n":{"N":"12345678901234567890123456789012345678"},"b":{"B":"AAE="},` +
	`"t":{"BOOL":true},"f":{"BOOL":false},"null":{"NULL":true},"ss":{"SS":["x","y"]},"ns":{"NS":["1","2.5"]},` +
	`"bs":{"BS":["AA=="]},"l":{"L":[{"S":""},{"L":[]}]},"m":{"M":{"k":{"M":{}}}}}`

func nested(levels int) string {
	return `{"pk":` + strings.Repeat(`{"L":[`, levels) + `{"S":"x"}` + strings.Repeat(`]}`, levels) + `}`
}

func TestEndAccepts(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		everyType,
		`{}`,
		" { \"a\" :\n{ \"S\" : \"x\" } ,\t\"b\":{\"L\": [ {\"N\":\"1\"} , {\"N\":\"2\"} ] } }",
		`{"quote":{"S":"\""},"backslash":{"S":"\\"},"both":{"S":"\\\""},"brace":{"S":"}]{["},"\"":{"S":""}}`,
		`{"é":{"S":"日本語 \ud83d\ude00"}}`,
		nested(32),
		nested(item.MaxDepth),
	} {
		start := len(raw) - len(strings.TrimLeft(raw, " "))
		end, err := item.End([]byte(raw+`,"more"`), start)
		if err != nil || end != len(raw) {
			t.Errorf("End(%.60s) = %d, %v; want %d", raw, end, err, len(raw))
		}
	}
}

func TestEndRefuses(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		``, `{`, `[]`, `"a"`, `{"a"}`, `{"a":}`, `{"a":1}`, `{"a":"x"}`, `{"a":null}`, `{"a":{}}`,
		`{"a":{"X":"x"}}`, `{"a":{"s":"x"}}`, `{"a":{"S":1}}`, `{"a":{"N":1}}`, `{"a":{"BOOL":"true"}}`,
		`{"a":{"NULL":null}}`,
		`{"a":{"S":"x","N":"1"}}`, `{"a":{"S":"x"}`, `{"a":{"S":"x"},}`, `{"a":{"S":"x"} "b":{"S":"x"}}`,
		`{"a":{"S":"x}}`, `{"a":{"S":"x\"}}`,
		`{"a":{"SS":"x"}}`, `{"a":{"SS":["x",]}}`, `{"a":{"SS":[1]}}`, `{"a":{"L":[1]}}`,
		`{"a":{"L":[{"S":"x"}}}`, `{"a":{"M":[]}}`,
		nested(item.MaxDepth + 1),
	} {
		end, err := item.End([]byte(raw), 0)
		var syntax *item.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("End(%.60s) = %d, %v; want a SyntaxError", raw, end, err)
		}
	}
}

// A string full of escapes must not make the search for its end quadratic: that would take minutes.
func TestEndOfEscapes(t *testing.T) {
	t.Parallel()
	for _, escape := range []string{`\\`, `\"`, `\n`, `\u0041`} {
		raw := []byte(`{"a":{"S":"` + strings.Repeat(escape, 400<<10) + `"}}`)
		if end, err := item.End(raw, 0); err != nil || end != len(raw) {
			t.Errorf("End of a string of %s = %d, %v", escape, end, err)
		}
	}
}

func TestItems(t *testing.T) {
	t.Parallel()
	var got []string
	array := `[` + everyType + `, {} ]`
	n, err := item.Items([]byte(array+`,"more"`), func(raw []byte) { got = append(got, string(raw)) })
	if want := []string{everyType, `{}`}; err != nil || n != len(array) || !slices.Equal(got, want) {
		t.Errorf("Items = %d, %v with %q", n, err, got)
	}
	for _, bad := range []string{``, `[{}`, `[{},1]`, `{}`, `[{} {}]`} {
		if _, err := item.Items([]byte(bad), func([]byte) {}); err == nil {
			t.Errorf("Items(%s) reported no error", bad)
		}
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	err := item.Members([]byte(`{"a":1, "b" : [ {"c":"}"} ],"d":{"e":null},"f":"x\"y"}`), func(name, value []byte) error {
		got[string(name)] = string(value)
		return nil
	})
	want := map[string]string{`"a"`: `1`, `"b"`: `[ {"c":"}"} ]`, `"d"`: `{"e":null}`, `"f"`: `"x\"y"`}
	if err != nil || len(got) != len(want) {
		t.Fatalf("Members = %q, %v", got, err)
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("Members: %s is %q, want %q", name, got[name], value)
		}
	}
	stop := errors.New("stop")
	if err := item.Members([]byte(`{"a":1,"b":2}`), func(_, _ []byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Members = %v, want the error of yield", err)
	}
}

// What End accepts as an item is valid for a JSON parser too, if its strings are.
func FuzzEnd(f *testing.F) {
	f.Add([]byte(everyType))
	f.Add([]byte(`{"a":{"S":"\\\""},"b":{"L":[{"M":{}}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		end, err := item.End(raw, 0)
		if err != nil {
			return
		}
		if end > len(raw) {
			t.Fatalf("End = %d of %d bytes", end, len(raw))
		}
		if !json.Valid(raw[:end]) && json.Valid([]byte(blankStrings(raw[:end]))) != true {
			t.Errorf("End accepts %q as an item", raw[:end])
		}
	})
}

// blankStrings removes the contents of strings, which End does not check.
func blankStrings(raw []byte) string {
	var out strings.Builder
	inside := false
	for i := 0; i < len(raw); i++ {
		switch {
		case raw[i] == '"':
			inside = !inside
			out.WriteByte('"')
		case !inside:
			out.WriteByte(raw[i])
		case raw[i] == '\\':
			i++
		}
	}
	return out.String()
}
