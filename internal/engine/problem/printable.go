// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package problem

import (
	"strconv"
	"strings"
	"unicode"
)

// Printable returns the text with what a terminal would obey in place of showing it written as an escape, such as \x1b: control
// characters other than line feeds and tabs, and characters that change the direction of the text around them. Texts that come out of
// a record, of S3 or of an answer may hold any character.
func Printable(text string) string {
	if !strings.ContainsFunc(text, obeyed) && strings.ToValidUTF8(text, "") == text {
		return text
	}
	var shown strings.Builder
	for _, r := range strings.ToValidUTF8(text, string(unicode.ReplacementChar)) {
		if obeyed(r) {
			quoted := strconv.QuoteRuneToASCII(r)
			shown.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		shown.WriteRune(r)
	}
	return shown.String()
}

// obeyed reports whether a terminal does something else with the character than show it.
func obeyed(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case unicode.IsControl(r):
		return true
	}
	return unicode.In(r, unicode.Bidi_Control) || r == '\u2028' || r == '\u2029'
}
