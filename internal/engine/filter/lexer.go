// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// kind is what a token is.
type kind int

const (
	// end stands after the last token.
	end kind = iota
	// word is an attribute name, a function or a keyword.
	word
	// name is a placeholder such as #s.
	name
	// value is a placeholder such as :open.
	value
	// number is a run of digits.
	number
	// symbol is an operator or a bracket.
	symbol
	// stray is what the grammar has no use for: the operators of other languages, or a single character.
	stray
)

// token is a piece of an expression.
type token struct {
	kind   kind
	text   string
	offset int // Of its first byte in the expression.
}

// patterns are tried in turn. That names begin with a letter is the rule of "Referring to item attributes when using
// expressions"; what may follow # and : is that of "Expression attribute names (aliases) in DynamoDB".
var patterns = []struct {
	kind    kind
	pattern *regexp.Regexp
}{
	{word, regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*`)},
	{name, regexp.MustCompile(`^#[A-Za-z0-9_]+`)},
	{value, regexp.MustCompile(`^:[A-Za-z0-9_]+`)},
	{number, regexp.MustCompile(`^[0-9]+`)},
	{stray, regexp.MustCompile(`^(==|!=|&&|\|\|)`)},
	{symbol, regexp.MustCompile(`^(<>|<=|>=|[=<>(),.\[\]])`)},
}

// lex cuts an expression into tokens; the last one is an end.
func lex(expression string) []token {
	var tokens []token
	for offset := 0; ; {
		rest := strings.TrimLeft(expression[offset:], " \t\r\n")
		offset = len(expression) - len(rest)
		if rest == "" {
			return append(tokens, token{end, "", offset})
		}
		next := lexOne(rest)
		next.offset = offset
		tokens = append(tokens, next)
		offset += len(next.text)
	}
}

// lexOne returns the first token of a text that is not empty and begins with no space.
func lexOne(text string) token {
	for _, p := range patterns {
		if match := p.pattern.FindString(text); match != "" {
			return token{kind: p.kind, text: match}
		}
	}
	_, size := utf8.DecodeRuneInString(text)
	return token{kind: stray, text: text[:size]}
}

// is tells whether the token is this symbol or, in any case of letters, this keyword.
func (t token) is(text string) bool {
	return t.kind == symbol && t.text == text || t.kind == word && strings.EqualFold(t.text, text)
}

// isOneOf tells whether the token is one of these symbols or keywords.
func (t token) isOneOf(texts ...string) bool {
	for _, text := range texts {
		if t.is(text) {
			return true
		}
	}
	return false
}
