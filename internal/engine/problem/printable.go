// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package problem

import (
	"strconv"
	"strings"
	"unicode"
)

// Printable returns the text with escapes such as \x1b for the characters that a terminal would interpret
// instead of showing: control characters other than line feeds and tabs, and characters that change the
// direction of the text around them. Texts from a record, from S3 or from a response may contain any character.
func Printable(text string) string {
	if !strings.ContainsFunc(text, interpreted) && strings.ToValidUTF8(text, "") == text {
		return text
	}
	var shown strings.Builder
	for _, r := range strings.ToValidUTF8(text, string(unicode.ReplacementChar)) {
		if interpreted(r) {
			quoted := strconv.QuoteRuneToASCII(r)
			shown.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		shown.WriteRune(r)
	}
	return shown.String()
}

// interpreted reports whether a terminal does something other than show the character.
func interpreted(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case unicode.IsControl(r):
		return true
	}
	return unicode.In(r, unicode.Bidi_Control) || r == '\u2028' || r == '\u2029'
}
