// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The values of a configuration, as Terraform sends them.

func hclString(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

func hclNull() tftypes.Value { return tftypes.NewValue(tftypes.DynamicPseudoType, nil) }

func hclUnknown() tftypes.Value {
	return tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue)
}

// hclNumber is a number with the 512 bits of HCL.
func hclNumber(text string) tftypes.Value {
	n, _, err := big.ParseFloat(text, 10, 512, big.ToNearestEven)
	if err != nil {
		panic(err)
	}
	return tftypes.NewValue(tftypes.Number, n)
}

func hclObject(members map[string]tftypes.Value) tftypes.Value {
	memberTypes := map[string]tftypes.Type{}
	for key, member := range members {
		memberTypes[key] = member.Type()
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: memberTypes}, members)
}

func hclTuple(elements ...tftypes.Value) tftypes.Value {
	elementTypes := make([]tftypes.Type, 0, len(elements))
	for _, element := range elements {
		elementTypes = append(elementTypes, element.Type())
	}
	return tftypes.NewValue(tftypes.Tuple{ElementTypes: elementTypes}, elements)
}

func hclList(element tftypes.Type, elements ...tftypes.Value) tftypes.Value {
	return tftypes.NewValue(tftypes.List{ElementType: element}, elements)
}

func hclSet(element tftypes.Type, elements ...tftypes.Value) tftypes.Value {
	return tftypes.NewValue(tftypes.Set{ElementType: element}, elements)
}

func dynamic(t *testing.T, v tftypes.Value) types.Dynamic {
	t.Helper()
	got, err := types.DynamicType.ValueFromTerraform(t.Context(), v)
	if err != nil {
		t.Fatal(err)
	}
	d, ok := got.(types.Dynamic)
	if !ok {
		t.Fatalf("got a %T", got)
	}
	return d
}

func TestAttributeValues(t *testing.T) {
	t.Parallel()
	s := func(text string) ddbtypes.AttributeValue { return &ddbtypes.AttributeValueMemberS{Value: text} }
	n := func(text string) ddbtypes.AttributeValue { return &ddbtypes.AttributeValueMemberN{Value: text} }
	null := &ddbtypes.AttributeValueMemberNULL{Value: true}
	tests := map[string]struct {
		value tftypes.Value
		want  ddbtypes.AttributeValue
	}{
		"string":       {hclString("OPEN"), s("OPEN")},
		"empty string": {hclString(""), s("")},
		"number":       {hclNumber("10"), n("10")},
		"bool":         {tftypes.NewValue(tftypes.Bool, true), &ddbtypes.AttributeValueMemberBOOL{Value: true}},
		"false":        {tftypes.NewValue(tftypes.Bool, false), &ddbtypes.AttributeValueMemberBOOL{}},
		"null":         {hclNull(), null},
		"typed null":   {tftypes.NewValue(tftypes.String, nil), null},
		"tuple": {hclTuple(hclNumber("1"), tftypes.NewValue(tftypes.Bool, true), hclNull()),
			&ddbtypes.AttributeValueMemberL{Value: []ddbtypes.AttributeValue{n("1"), &ddbtypes.AttributeValueMemberBOOL{Value: true}, null}}},
		"empty tuple": {hclTuple(), &ddbtypes.AttributeValueMemberL{Value: []ddbtypes.AttributeValue{}}},
		"list":        {hclList(tftypes.String, hclString("a"), hclString("a")), &ddbtypes.AttributeValueMemberL{Value: []ddbtypes.AttributeValue{s("a"), s("a")}}},
		"object": {hclObject(map[string]tftypes.Value{"k": hclTuple(hclNumber("1")), "o": hclObject(map[string]tftypes.Value{"deep": hclNull()})}),
			&ddbtypes.AttributeValueMemberM{Value: map[string]ddbtypes.AttributeValue{
				"k": &ddbtypes.AttributeValueMemberL{Value: []ddbtypes.AttributeValue{n("1")}},
				"o": &ddbtypes.AttributeValueMemberM{Value: map[string]ddbtypes.AttributeValue{"deep": null}},
			}}},
		"empty object": {hclObject(nil), &ddbtypes.AttributeValueMemberM{Value: map[string]ddbtypes.AttributeValue{}}},
		"map": {tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"k": hclString("v")}),
			&ddbtypes.AttributeValueMemberM{Value: map[string]ddbtypes.AttributeValue{"k": s("v")}}},
		"set of strings": {hclSet(tftypes.String, hclString("a"), hclString("")), &ddbtypes.AttributeValueMemberSS{Value: []string{"a", ""}}},
		"set of numbers": {hclSet(tftypes.Number, hclNumber("1"), hclNumber("0.1")), &ddbtypes.AttributeValueMemberNS{Value: []string{"1", "0.1"}}},
		"set in an object": {hclObject(map[string]tftypes.Value{"tags": hclSet(tftypes.String, hclString("a"))}),
			&ddbtypes.AttributeValueMemberM{Value: map[string]ddbtypes.AttributeValue{"tags": &ddbtypes.AttributeValueMemberSS{Value: []string{"a"}}}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := attributeValues(dynamic(t, hclObject(map[string]tftypes.Value{":v": test.value})))
			if err != nil {
				t.Fatal(err)
			}
			if want := map[string]ddbtypes.AttributeValue{":v": test.want}; !reflect.DeepEqual(got, want) {
				t.Errorf("got %#v, want %#v", got[":v"], test.want)
			}
		})
	}
}

func TestAttributeValuesNumbers(t *testing.T) {
	t.Parallel()
	largest := "9" + strings.Repeat("9", 37) + strings.Repeat("0", 88)
	tenth, fifth, third := big.NewFloat(0).SetPrec(512), big.NewFloat(0).SetPrec(512), big.NewFloat(0).SetPrec(512)
	tenth.Quo(big.NewFloat(1), big.NewFloat(10))
	fifth.Quo(big.NewFloat(2), big.NewFloat(10))
	third.Quo(big.NewFloat(1), big.NewFloat(3))
	tests := map[string]struct {
		value tftypes.Value
		want  string // Empty if the number is refused.
	}{
		"zero":                {hclNumber("0"), "0"},
		"integer":             {hclNumber("42"), "42"},
		"negative":            {hclNumber("-12.5"), "-12.5"},
		"trailing zeros":      {hclNumber("1.500"), "1.5"},
		"38 digits":           {hclNumber("12345678901234567890123456789012345678"), "12345678901234567890123456789012345678"},
		"38 digits, negative": {hclNumber("-98765432109876543210987654321098765432"), "-98765432109876543210987654321098765432"},
		"38 digits, fraction": {hclNumber("0.12345678901234567890123456789012345678"), "0.12345678901234567890123456789012345678"},
		"39 digits":           {hclNumber("123456789012345678901234567890123456789"), ""},
		"39 digits, fraction": {hclNumber("1.23456789012345678901234567890123456789"), ""},
		"a digit far behind":  {hclNumber("1." + strings.Repeat("0", 140) + "1"), ""},
		"a tenth":             {hclNumber("0.1"), "0.1"},
		"smallest":            {hclNumber("1e-130"), "0." + strings.Repeat("0", 129) + "1"},
		"smallest, negative":  {hclNumber("-1e-130"), "-0." + strings.Repeat("0", 129) + "1"},
		"too small":           {hclNumber("1e-131"), ""},
		"far too small":       {hclNumber("1e-99999"), ""},
		"large":               {hclNumber("9.99e125"), "999" + strings.Repeat("0", 123)},
		"largest":             {hclNumber(largest), largest},
		"largest, negative":   {hclNumber("-" + largest), "-" + largest},
		"too large":           {hclNumber("1e126"), ""},
		"far too large":       {hclNumber("1e99999"), ""},
		"infinite":            {tftypes.NewValue(tftypes.Number, big.NewFloat(0).SetInf(false)), ""},
		// Terraform sends a whole number that 53 bits hold, and 64 do not, as a double.
		"2^70 as a double":   {tftypes.NewValue(tftypes.Number, big.NewFloat(1<<70)), "1180591620717411303424"},
		"rounding in HCL":    {tftypes.NewValue(tftypes.Number, big.NewFloat(0).SetPrec(512).Add(tenth, fifth)), "0.3"},
		"a third":            {tftypes.NewValue(tftypes.Number, third), ""},
		"a half as a double": {tftypes.NewValue(tftypes.Number, big.NewFloat(0.5)), "0.5"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := attributeValues(dynamic(t, hclObject(map[string]tftypes.Value{":v": test.value})))
			if test.want == "" {
				if err == nil || !strings.HasPrefix(err.Error(), `The value of ":v" has a number DynamoDB cannot hold`) {
					t.Errorf("got %v, want a refusal", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := (&ddbtypes.AttributeValueMemberN{Value: test.want}); !reflect.DeepEqual(got[":v"], want) {
				t.Errorf("got %#v, want %#v", got[":v"], want)
			}
		})
	}
}

func TestAttributeValuesOfNothing(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]types.Dynamic{
		"none":         types.DynamicNull(),
		"a typed null": dynamic(t, tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, nil)),
		"empty object": dynamic(t, hclObject(nil)),
	} {
		// DynamoDB refuses an empty map of values, so there has to be none.
		if values, err := attributeValues(v); values != nil || err != nil {
			t.Errorf("%s: got %v, %v", name, values, err)
		}
	}
}

func TestAttributeValuesNotKnown(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]tftypes.Value{
		"all":            hclUnknown(),
		"all, typed":     tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, tftypes.UnknownValue),
		"a value":        hclObject(map[string]tftypes.Value{":v": hclUnknown(), ":w": hclString("x")}),
		"a typed value":  hclObject(map[string]tftypes.Value{":v": tftypes.NewValue(tftypes.Number, tftypes.UnknownValue)}),
		"in a tuple":     hclObject(map[string]tftypes.Value{":v": hclTuple(hclNumber("1"), hclUnknown())}),
		"in an object":   hclObject(map[string]tftypes.Value{":v": hclObject(map[string]tftypes.Value{"k": hclTuple(hclUnknown())})}),
		"in a set":       hclObject(map[string]tftypes.Value{":v": hclSet(tftypes.String, hclString("a"), tftypes.NewValue(tftypes.String, tftypes.UnknownValue))}),
		"a whole set":    hclObject(map[string]tftypes.Value{":v": tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, tftypes.UnknownValue)}),
		"of a whole map": hclObject(map[string]tftypes.Value{":v": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, tftypes.UnknownValue)}),
	} {
		if values, err := attributeValues(dynamic(t, v)); values[":v"] != nil || err != nil {
			t.Errorf("%s: got %v, %v", name, values, err)
		}
	}
}

func TestAttributeValuesRefused(t *testing.T) {
	t.Parallel()
	const planted = "planted-secret"
	const digits = "111122223333444455556666777788889999000011112222"
	tests := map[string]struct {
		value tftypes.Value
		want  []string // The start of each sentence.
	}{
		"a string":       {hclString(planted), []string{"The values must be an object"}},
		"a list":         {hclTuple(hclString(planted)), []string{"The values must be an object"}},
		"no colon":       {hclObject(map[string]tftypes.Value{"min": hclString(planted)}), []string{`The key "min" does not begin with a colon: write ":min".`}},
		"no colon, map":  {tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"min": hclString(planted)}), []string{`The key "min" does not begin with a colon`}},
		"empty set":      {hclObject(map[string]tftypes.Value{":v": hclSet(tftypes.String)}), []string{`The value of ":v" has an empty set`}},
		"set of bools":   {hclObject(map[string]tftypes.Value{":v": hclSet(tftypes.Bool, tftypes.NewValue(tftypes.Bool, true))}), []string{`The value of ":v" has a set of something other`}},
		"set with null":  {hclObject(map[string]tftypes.Value{":v": hclSet(tftypes.String, hclString(planted), tftypes.NewValue(tftypes.String, nil))}), []string{`The value of ":v" has a set of something other`}},
		"set of objects": {hclObject(map[string]tftypes.Value{":v": hclSet(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"k": tftypes.String}}, hclObject(map[string]tftypes.Value{"k": hclString(planted)}))}), []string{`The value of ":v" has a set of something other`}},
		"nested": {hclObject(map[string]tftypes.Value{":v": hclObject(map[string]tftypes.Value{"k": hclTuple(hclString(planted), hclNumber(digits))})}),
			[]string{`The value of ":v" has a number DynamoDB cannot hold`}},
		"number in a set": {hclObject(map[string]tftypes.Value{":v": hclSet(tftypes.Number, hclNumber(digits))}), []string{`The value of ":v" has a number DynamoDB cannot hold`}},
		"several, in order": {hclObject(map[string]tftypes.Value{":z": hclSet(tftypes.String), ":a": hclNumber(digits), "b": hclString(planted), ":ok": hclString(planted)}),
			[]string{`The value of ":a" has`, `The value of ":z" has`, `The key "b" does not`}},
		"beside what is not known": {hclObject(map[string]tftypes.Value{":v": hclTuple(hclUnknown(), hclNumber(digits)), ":w": hclUnknown()}), []string{`The value of ":v" has a number`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := attributeValues(dynamic(t, test.value))
			if err == nil {
				t.Fatal("not refused")
			}
			got := strings.Split(err.Error(), "\n")
			if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if strings.Contains(err.Error(), planted) || strings.Contains(err.Error(), digits[:12]) {
				t.Errorf("the error holds a value: %v", err)
			}
		})
	}
}
