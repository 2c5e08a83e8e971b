// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// report adds a finding about the expression at the token.
func (p *parser) report(at token, cause, next string) {
	p.add("Invalid Filter Expression", at, cause, next)
}

func (p *parser) add(summary string, at token, cause, next string) {
	p.problems = append(p.problems, &problem.Problem{
		Summary: summary, Attribute: "expression",
		Cause: position(p.filter.Expression, at.offset) + ": " + cause, Next: next,
	})
}

// fail reports that something else is expected in place of the current token. An empty advice is made up from the
// token.
func (p *parser) fail(expected, advice string) {
	t := p.current()
	if advice == "" {
		advice = adviceFor(t)
	}
	p.stop(t, fmt.Sprintf("%s stands where %s is expected.", describe(t), expected), advice)
}

// stop reports a fault in syntax and goes to the end, where all parsing stops. Only the first fault is reported,
// because the others follow from it.
func (p *parser) stop(t token, cause, next string) {
	if p.failed {
		return
	}
	p.report(t, cause, next)
	p.failed = true
	p.next = len(p.tokens) - 1
}

// describe names a token. Digits are not repeated: they are likely to be a value.
func describe(t token) string {
	switch t.kind {
	case end:
		return "the end"
	case number:
		return "a number"
	default:
		return fmt.Sprintf("%q", t.text)
	}
}

// adviceFor says how what was probably meant is written.
func adviceFor(t token) string {
	replacements := map[string]string{"==": "=", "!=": "<>", "&&": "AND", "||": "OR", "!": "NOT"}
	switch {
	case replacements[t.text] != "":
		return fmt.Sprintf("Write %s in place of %s.", replacements[t.text], t.text)
	case t.kind == end:
		return "Complete the condition."
	case t.kind == number || t.text == `"` || t.text == "'":
		return `For a value, write a placeholder such as :v and define it in values. For a name, write one such as #a and define it in names.`
	case t.text == "#" || t.text == ":":
		return fmt.Sprintf("Write letters, digits or underscores right after %s.", t.text)
	case t.kind == stray:
		return "If it is part of an attribute's name, write a placeholder such as #a for the name and define it in names."
	case t.is("NOT"):
		return "Write NOT before the whole comparison, as in NOT a IN (:v)."
	case isKeyword(t):
		return fmt.Sprintf("Complete the condition before %s. If an attribute of that name is meant, write a placeholder "+
			"such as #a and define it in names.", t.text)
	default:
		return `Correct the expression. See "Condition and filter expressions, operators, and functions in DynamoDB" in the Amazon DynamoDB Developer Guide.`
	}
}

// position gives the place of a byte for people: the column in characters from 1, with the line if there are several.
func position(text string, offset int) string {
	before := text[:offset]
	lineStart := strings.LastIndexByte(before, '\n') + 1
	column := utf8.RuneCountInString(before[lineStart:]) + 1
	if !strings.Contains(strings.TrimSpace(text), "\n") {
		return fmt.Sprintf("Column %d", column)
	}
	return fmt.Sprintf("Line %d, column %d", strings.Count(before, "\n")+1, column)
}
