// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package problem_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"orders, naïve 表 😀\n\tnext": "orders, naïve 表 😀\n\tnext",
		"\x1b[2Jgone\x07":           `\x1b[2Jgone\a`,
		"a\rb\x00\x7f":              `a\rb\x00\x7f`,
		"\u009b31m":                 `\u009b31m`,
		"\u202egnp.exe\u2066":       `\u202egnp.exe\u2066`,
		"bad \xff byte":             "bad \ufffd byte",
	} {
		if got := problem.Printable(text); got != want {
			t.Errorf("Printable(%q) = %q, want %q", text, got, want)
		}
	}
}

// A diagnostic contains nothing that a terminal would interpret, whatever a response or a record says.
func TestProblemIsPrintable(t *testing.T) {
	t.Parallel()
	const bad = "x\x1b]0;owned\x07\u009b2J"
	p := &problem.Problem{
		Summary: bad, Table: bad, Account: bad, Region: bad,
		Counts: bad, Cause: bad, Next: bad, Err: errors.New(bad),
	}
	for _, text := range []string{p.Detail(), p.Error()} {
		if strings.ContainsAny(text, "\x1b\x07\u009b") {
			t.Errorf("%q", text)
		}
	}
}
