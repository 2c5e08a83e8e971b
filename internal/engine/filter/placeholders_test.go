// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	s := &types.AttributeValueMemberS{Value: "x"}
	long := strings.Repeat("n", 254)
	tests := map[string]struct {
		expression string
		names      []string
		values     []string
		want       []string // "attribute: cause" of each finding.
	}{
		"sound":                      {expression: "#a = :v", names: []string{"#a"}, values: []string{":v"}},
		"digits and underscores":     {expression: "#1 = :_ AND #_a = :1", names: []string{"#1", "#_a"}, values: []string{":_", ":1"}},
		"255 bytes":                  {expression: "#" + long + " = :" + long, names: []string{"#" + long}, values: []string{":" + long}},
		"case matters":               {"a = :V", nil, []string{":v"}, []string{"values: The expression uses :V, which values does not define.", "values: The expression does not use :v. DynamoDB refuses placeholders that are defined and not used."}},
		"name not defined":           {"#a = :v", nil, []string{":v"}, []string{"names: The expression uses #a, which names does not define."}},
		"value not defined":          {"#a = :v", []string{"#a"}, nil, []string{"values: The expression uses :v, which values does not define."}},
		"name not used":              {"a = :v", []string{"#b", "#a"}, []string{":v"}, []string{"names: The expression does not use #a. DynamoDB refuses placeholders that are defined and not used.", "names: The expression does not use #b. DynamoDB refuses placeholders that are defined and not used."}},
		"without its sign":           {"#s = :v", []string{"s"}, []string{"v"}, []string{`names: The key "s" of names does not begin with "#".`, `values: The key "v" of values does not begin with ":".`}},
		"the other sign":             {"a = :v", nil, []string{":v", "#w"}, []string{`values: The key "#w" of values is not a placeholder.`}},
		"other characters":           {"a = :v", []string{"#a-b", "#a.b", "#é", "#"}, []string{":v"}, []string{`names: The key "#" of names is not a placeholder.`, `names: The key "#a-b" of names is not a placeholder.`, `names: The key "#a.b" of names is not a placeholder.`, `names: The key "#é" of names is not a placeholder.`}},
		"empty":                      {"a = :v", nil, []string{":v", ""}, []string{`values: The key "" of values is not a placeholder.`}},
		"256 bytes":                  {"a = :v", []string{"#n" + long}, []string{":v"}, []string{"names: A key of names has 256 bytes. DynamoDB takes at most 255."}},
		"the provider's own":         {"a = :v", []string{"#__dynamoops_key_0"}, []string{":v"}, []string{`names: The key "#__dynamoops_key_0" of names begins like the placeholders that the provider adds.`}},
		"use is unknown if unsound":  {"a == :v", []string{"#a"}, nil, []string{`expression: Column 3: "==" stands where an operator (=, <>, <, <=, >, >=, BETWEEN or IN) is expected.`}},
		"use in all parts of a path": {expression: "a.#b[0].#c = size(#d)", names: []string{"#b", "#c", "#d"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := Filter{Expression: test.expression}
			for _, placeholder := range test.names {
				if f.Names == nil {
					f.Names = map[string]string{}
				}
				f.Names[placeholder] = "attribute of " + placeholder
			}
			for _, placeholder := range test.values {
				if f.Values == nil {
					f.Values = map[string]types.AttributeValue{}
				}
				f.Values[placeholder] = s
			}
			var got []string
			for _, p := range f.Check() {
				got = append(got, p.Attribute+": "+p.Cause)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestAttributeNames(t *testing.T) {
	t.Parallel()
	for size, refused := range map[int]bool{0: true, 1: false, 255: false, 65535: false, 65536: true} {
		f := Filter{Expression: "attribute_exists(#a)", Names: map[string]string{"#a": strings.Repeat("n", size)}}
		if found := f.Check(); (len(found) > 0) != refused {
			t.Errorf("%d bytes: got %q, want refused %v", size, causes(found), refused)
		}
	}
}

// All names and values have at most 2 MB together.
func TestSubstitutions(t *testing.T) {
	t.Parallel()
	for size, refused := range map[int]bool{1 << 20: false, 1<<20 - 100: false, 1<<20 + 100: true} {
		f := Filter{Expression: "a = :v OR b = :w", Values: map[string]types.AttributeValue{
			":v": &types.AttributeValueMemberS{Value: strings.Repeat("x", size-10)}, ":w": &types.AttributeValueMemberB{Value: make([]byte, size-10)},
		}}
		if found := f.Check(); (len(found) > 0) != refused || refused && !strings.Contains(found[0].Cause, "2097152") {
			t.Errorf("two values of %d bytes: got %q, want refused %v", size-10, causes(found), refused)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	n := func(text string) types.AttributeValue { return &types.AttributeValueMemberN{Value: text} }
	nested := func(depth int) types.AttributeValue {
		v := n("1")
		for i := range depth {
			if i%2 == 0 {
				v = &types.AttributeValueMemberL{Value: []types.AttributeValue{v}}
			} else {
				v = &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"k": v}}
			}
		}
		return v
	}
	list := func(v types.AttributeValue) types.AttributeValue {
		return &types.AttributeValueMemberL{Value: []types.AttributeValue{v}}
	}
	const tooLarge = "a number DynamoDB cannot hold"
	tests := map[string]struct {
		value types.AttributeValue
		want  string // Part of the cause; empty if the value is sound.
	}{
		"empty string":           {&types.AttributeValueMemberS{}, ""},
		"empty binary":           {&types.AttributeValueMemberB{}, ""},
		"empty list":             {&types.AttributeValueMemberL{}, ""},
		"empty map":              {&types.AttributeValueMemberM{}, ""},
		"null":                   {&types.AttributeValueMemberNULL{Value: true}, ""},
		"set":                    {&types.AttributeValueMemberSS{Value: []string{""}}, ""},
		"empty string set":       {&types.AttributeValueMemberSS{}, "an empty set"},
		"empty number set":       {&types.AttributeValueMemberNS{}, "an empty set"},
		"empty binary set":       {&types.AttributeValueMemberBS{}, "an empty set"},
		"strings twice":          {&types.AttributeValueMemberSS{Value: []string{"a", "b", "a"}}, "equal members"},
		"numbers equal by value": {&types.AttributeValueMemberNS{Value: []string{"1", "10E-1"}}, "equal members"},
		"binaries twice":         {list(&types.AttributeValueMemberBS{Value: [][]byte{{1}, {1}}}), "equal members"},
		"members that differ":    {&types.AttributeValueMemberNS{Value: []string{"1", "-1", "10"}}, ""},
		"nested empty set":       {list(&types.AttributeValueMemberSS{}), "an empty set"},
		"38 digits":              {n(strings.Repeat("1", 38)), ""},
		"38 digits and a zero":   {n(strings.Repeat("1", 38) + "0"), ""},
		"39 digits":              {n(strings.Repeat("1", 39)), tooLarge},
		"largest":                {n("-9.9999999999999999999999999999999999999E+125"), ""},
		"too large":              {n("1E126"), tooLarge},
		"smallest":               {n("1e-130"), ""},
		"too small":              {n("-1e-131"), tooLarge},
		"no number":              {n("ten"), "a number that is not written as one"},
		"number in a set":        {&types.AttributeValueMemberNS{Value: []string{"1", "1e126"}}, tooLarge},
		"number in a list":       {list(n("1e126")), tooLarge},
		"32 levels":              {nested(32), ""},
		"33 levels":              {nested(33), "more than 32 levels"},
		"attribute with no name": {&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"": n("1")}}, "an attribute with an empty name"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := (&Filter{Expression: "a = :v", Values: map[string]types.AttributeValue{":v": test.value}}).Check()
			switch {
			case test.want == "":
				if len(found) > 0 {
					t.Errorf("got %q, want nothing", causes(found))
				}
			case len(found) != 1 || found[0].Attribute != "values" || !strings.Contains(found[0].Cause, test.want):
				t.Errorf("got %q, want %q", causes(found), test.want)
			}
		})
	}
}
