// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

func TestNumber(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"0", "0"}, {"-0", "0"}, {"0.000", "0"}, {"0e5", "0"},
		{"1", "1e0"}, {"1.0", "1e0"}, {"10e-1", "1e0"}, {"+1", "1e0"}, {"001", "1e0"}, {"0.1e1", "1e0"},
		{"-12.50", "-1.25e1"}, {".5", "5e-1"}, {"5.", "5e0"}, {"1E+2", "1e2"},
		{"12345678901234567890123456789012345678", "1.2345678901234567890123456789012345678e37"},
		{"1e125", "1e125"}, {"1e-130", "1e-130"}, {strings.Repeat("9", 38) + "e88", "9." + strings.Repeat("9", 37) + "e125"},
		{"1" + strings.Repeat("0", 60), "1e60"},
	} {
		if got, err := item.Number(test.in); err != nil || got != test.want {
			t.Errorf("Number(%s) = %s, %v; want %s", test.in, got, err, test.want)
		}
	}
	for want, texts := range map[error][]string{
		item.ErrNotANumber:  {"", "x", "1x", "1e", "e1", "--1", "1.2.3", ".", "NaN", "1 "},
		item.ErrNumberRange: {"1e126", "1e-131", "1" + strings.Repeat("2", 38)},
	} {
		for _, in := range texts {
			if got, err := item.Number(in); !errors.Is(err, want) {
				t.Errorf("Number(%q) = %q, %v; want %v", in, got, err, want)
			}
		}
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	key := []item.KeyAttribute{{Name: "p", Type: "S"}, {Name: "s", Type: "N"}}
	same := []string{
		`{"p":{"S":"é"},"s":{"N":"1"}}`,
		`{"s":{"N":"1.00"},"other":{"S":"x"},"p":{"S":"\u00e9"}}`,
		`{"\u0070":{"S":"é"},"s":{"N":"10e-1"}}`,
	}
	want, err := item.Identity(nil, []byte(same[0]), key)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range same {
		if got, err := item.Identity(nil, []byte(raw), key); err != nil || string(got) != string(want) {
			t.Errorf("Identity(%s) = %q, %v; want %q", raw, got, err, want)
		}
	}
	for _, raw := range []string{`{"p":{"S":"é"},"s":{"N":"1.01"}}`, `{"p":{"S":"e"},"s":{"N":"1"}}`} {
		if got, err := item.Identity(nil, []byte(raw), key); err != nil || string(got) == string(want) {
			t.Errorf("Identity(%s) = %q, %v; want one other than %q", raw, got, err, want)
		}
	}
	pair := []item.KeyAttribute{{Name: "p", Type: "S"}, {Name: "s", Type: "S"}}
	one, errOne := item.Identity(nil, []byte(`{"p":{"S":"a"},"s":{"S":"bc"}}`), pair)
	two, errTwo := item.Identity(nil, []byte(`{"p":{"S":"ab"},"s":{"S":"c"}}`), pair)
	if errOne != nil || errTwo != nil || string(one) == string(two) {
		t.Errorf("(a, bc) and (ab, c) have the same identity %q (%v, %v)", one, errOne, errTwo)
	}
	for raw, got := range map[string]item.Kind{`{"p":{"S":"x"}}`: "", `{"p":{"S":"x"},"s":{"S":"1"}}`: item.S} {
		_, err := item.Identity(nil, []byte(raw), key)
		var bad *item.KeyError
		if !errors.As(err, &bad) || bad.Attribute.Name != "s" || bad.Got != got {
			t.Errorf("Identity(%s): %v, want a KeyError for s of type %q", raw, err, got)
		}
	}
}

func TestFromPlain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{`{"a":"x","b":1.50,"c":true,"d":null,"e":[1,"y",[]],"f":{"g":{}}}`,
			`{"a":{"S":"x"},"b":{"N":"1.50"},"c":{"BOOL":true},"d":{"NULL":true},` +
				`"e":{"L":[{"N":"1"},{"S":"y"},{"L":[]}]},"f":{"M":{"g":{"M":{}}}}}`},
		{`{"n":12345678901234567890123456789012345678,"s":"<&>\u2028\"\\"}`,
			`{"n":{"N":"12345678901234567890123456789012345678"},"s":{"S":"<&>\u2028\"\\"}}`},
		{` { "b" : 1E+2 , "a" : [ ] } `, `{"b":{"N":"1E+2"},"a":{"L":[]}}`},
		{`{"n":-0,"\ud83d\ude00":{"\u0061":"\u0000"}}`, `{"n":{"N":"-0"},"\ud83d\ude00":{"M":{"\u0061":{"S":"\u0000"}}}}`},
		{`{}`, `{}`},
	} {
		got, err := item.FromPlain([]byte("x"), []byte(test.in))
		if err != nil || string(got) != "x"+test.want {
			t.Errorf("FromPlain(%s) = %s, %v; want %s", test.in, got, err, test.want)
		}
		if err := item.Check([]byte(test.want)); err != nil {
			t.Errorf("Check(%s) = %v", test.want, err)
		}
	}
	for _, unfit := range []string{`{"a":1e200}`, `{"a":[1,{"b":1e200}]}`} {
		got, err := item.FromPlain(nil, []byte(unfit))
		if err != nil || !errors.Is(item.Check(got), item.ErrNumberRange) {
			t.Errorf("FromPlain(%s) = %s, %v, want an item that Check refuses", unfit, got, err)
		}
	}
	for _, bad := range []string{``, `[]`, `null`, `1`, `{"a":1`, `{"a":1}{"b":2}`, `{'a':1}`,
		`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"m":[{"x":1,"x":1}]}`,
		`{"a":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`} {
		if got, err := item.FromPlain(nil, []byte(bad)); err == nil {
			t.Errorf("FromPlain(%s) = %s, want an error", bad, got)
		}
	}
}

func TestCheckText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		`{"a":"\ud83d\ude00 \\ud83d \u0000 é"}`: nil,
		`{"a":"\ud83d"}`:                        item.ErrSurrogate,
		`{"a":"\ude00\ud83d"}`:                  item.ErrSurrogate,
		`{"a":"\ud83dx"}`:                       item.ErrSurrogate,
		`{"\\\uDC00":1}`:                        item.ErrSurrogate,
		`{"a":["\ud83d\ud83d\ude00"]}`:          item.ErrSurrogate,
		"{\"a\":\"\xff\"}":                      item.ErrNotText,
		"{\"\xed\xa0\x80\":1}":                  item.ErrNotText, // A surrogate, as if it were a character.
		"{\"a\":\"\t\"}":                        item.ErrNotText,
		`{"b":"y","a":"\q"}`:                    item.ErrNotText,
		"{\"a\":1}\x00":                         item.ErrNotAnObject,
		`{"a":1}{"b":1}`:                        item.ErrNotAnObject,
	} {
		if err := item.CheckText([]byte(text)); !errors.Is(err, want) {
			t.Errorf("CheckText(%q) = %v, want %v", text, err, want)
		}
	}
	for text, want := range map[string]item.TextError{
		`{`:          {Offset: 1, Ended: true},
		`{"a": {"b"`: {Offset: 10, Ended: true},
		`{"a":nil}`:  {Offset: 7},
		`{'a':1}`:    {Offset: 2},
	} {
		var fault *item.TextError
		if err := item.CheckText([]byte(text)); !errors.As(err, &fault) || *fault != want {
			t.Errorf("CheckText(%q) = %v, want %+v", text, err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if err := item.Check([]byte(everyType)); err != nil {
		t.Errorf("Check of an item with every type: %v", err)
	}
	for raw, want := range map[string]error{
		`{"a":{"N":"planted"}}`:                           item.ErrNotANumber,
		`{"a":{"NS":["1","planted"]}}`:                    item.ErrNotANumber,
		`{"a":{"L":[{"M":{"b":{"N":"1e999"}}}]}}`:         item.ErrNumberRange,
		`{"a":{"SS":[]}}`:                                 item.ErrEmptySet,
		`{"a":{"B":"planted!"}}`:                          item.ErrBinary,
		`{"a":{"BS":["AA==","planted!"]}}`:                item.ErrBinary,
		`{"a":{"S":"x"},"\u0061":{"S":"y"}}`:              item.ErrTwice,
		`{"m":{"M":{"a":{"S":"x"},"a":{"S":"planted"}}}}`: item.ErrTwice,
	} {
		err := item.Check([]byte(raw))
		if !errors.Is(err, want) {
			t.Errorf("Check(%s) = %v, want %v", raw, err, want)
		} else if strings.Contains(err.Error(), "planted") {
			t.Errorf("Check(%s) quotes a value: %v", raw, err)
		}
	}
}
