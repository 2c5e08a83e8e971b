// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// Comparisons of numbers that no double holds are exact, whatever stands to their right.
func TestCompareNumbers(t *testing.T) {
	t.Parallel()
	const big38 = "12345678901234567890123456789012345678"
	for expression, want := range map[string]bool{
		"item.a > item.b":                   true,
		"item.b < item.a":                   true,
		"item.a <= item.b":                  false,
		"item.a >= item.a":                  true,
		"item.a > 9223372036854775807":      true,
		"item.b == 12345678901234567890u":   true,
		"item.b > 12345678901234567889u":    true,
		"item.b < 12345678901234567891u":    true,
		"item.b < 1.0 / 0.0":                true,
		"item.b > -1.0 / 0.0":               true,
		"item.tenth > 0.1":                  true,
		"item.big > item.b && item.big > 0": true,
	} {
		in := `{"a":{"N":"12345678901234567891"},"b":{"N":"12345678901234567890"},"tenth":{"N":"0.10000000000000000000001"},"big":{"N":"` + big38 + `"}}`
		_, kept, err := compile(t, dropIf(expression)).Apply(nil, []byte(in))
		if err != nil || kept == want {
			t.Errorf("%s: %v, %v; want %v", expression, !kept, err, want)
		}
	}
}

// A number with more digits than CEL's own types hold is ordered as a rational number is.
func TestCompareNumbersRandomly(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	less, equal := compile(t, dropIf("item.a < item.b")), compile(t, dropIf("item.a == item.b"))
	digits := func(n int) string {
		var text strings.Builder
		for range n {
			text.WriteByte(byte('0' + random.IntN(10)))
		}
		return text.String()
	}
	for range 20_000 {
		sign := []string{"", "-"}[random.IntN(2)]
		a := sign + "1" + digits(17+random.IntN(18)) + "1"
		exponent := random.IntN(40) - 20
		var b string
		switch random.IntN(4) {
		case 0: // The same in other words.
			b = fmt.Sprintf("%s0e%d", a, exponent-1)
		case 1: // Next to it.
			b = fmt.Sprintf("%s%de%d", a[:len(a)-1], random.IntN(10), exponent)
		case 2: // What a double may hold.
			b = fmt.Sprintf("%se%d", a[:3+random.IntN(14)], exponent+random.IntN(20))
		default:
			b = sign + digits(1+random.IntN(19))
		}
		a = fmt.Sprintf("%se%d", a, exponent)
		one, _ := new(big.Rat).SetString(a)
		other, _ := new(big.Rat).SetString(b)
		in := []byte(fmt.Sprintf(`{"a":{"N":%q},"b":{"N":%q}}`, a, b))
		_, notLess, err := less.Apply(nil, in)
		if err != nil || notLess == (one.Cmp(other) < 0) {
			t.Fatalf("%s < %s: %v, %v", a, b, !notLess, err)
		}
		_, notEqual, err := equal.Apply(nil, in)
		if err != nil || notEqual == (one.Cmp(other) == 0) {
			t.Fatalf("%s == %s: %v, %v", a, b, !notEqual, err)
		}
	}
}

// What the guide says of doubles is so.
func TestDoubles(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"item.a + 0.2": "0.30000000000000004",
		"math.round((item.a + 0.2) * 100.0) / 100.0": "0.3",
	} {
		out, _, err := compile(t, set("a", expression)).Apply(nil, []byte(`{"a":{"N":"0.1"}}`))
		if err != nil || string(out) != `{"a":{"N":"`+want+`"}}` {
			t.Errorf("%s = %s, %v", expression, out, err)
		}
	}
}
