// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter

import (
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

const (
	// maxList is how many operands IN takes ("Constraints in Amazon DynamoDB").
	maxList = 100
)

// parser is a recursive-descent parser of the grammar in "Condition and filter expressions, operators, and functions in
// DynamoDB". The first fault in syntax ends it; faults of other kinds are collected.
type parser struct {
	filter *Filter
	tokens []token
	next   int  // The index of the current token.
	failed bool // Set by the first fault in syntax; the current token is the end from then on.

	used      map[string]bool // The placeholders met.
	reserved  map[string]bool // The reserved words reported.
	redundant bool            // Doubled parentheses have been reported.
	operators int
	problems  []*problem.Problem
}

// node is a part of an expression: a condition, or an operand that a condition is made of.
type node struct {
	operand *operand // Nil for a condition.
	parens  bool     // It stands in parentheses of its own.
}

func (p *parser) parse() {
	p.mustBeCondition(p.or())
	if p.current().kind != end {
		p.fail("AND, OR or the end of the expression", "")
	}
	if p.operators > MaxOperators {
		p.report(p.tokens[0], fmt.Sprintf("The expression has %d operators and functions. DynamoDB takes at most "+
			"%d.", p.operators, MaxOperators),
			"Use fewer, for example IN in place of many comparisons.")
	}
}

func (p *parser) current() token { return p.tokens[p.next] }

// advance moves to the next token. None follows the end.
func (p *parser) advance() {
	if p.current().kind != end {
		p.next++
	}
}

// accept moves to the next token if the current one is that symbol or keyword.
func (p *parser) accept(text string) bool {
	found := p.current().is(text)
	if found {
		p.advance()
	}
	return found
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.fail(fmt.Sprintf("%q", text), "")
	}
}

// operator counts the current token as an operator, and moves on.
func (p *parser) operator() {
	p.operators++
	p.advance()
}

func (p *parser) or() node {
	return p.chain("OR", p.and)
}

func (p *parser) and() node {
	return p.chain("AND", p.not)
}

// chain parses parts that are joined by a keyword.
func (p *parser) chain(keyword string, part func() node) node {
	left := part()
	for p.current().is(keyword) {
		p.mustBeCondition(left)
		p.operator()
		p.mustBeCondition(part())
		left = node{}
	}
	return left
}

func (p *parser) not() node {
	if !p.current().is("NOT") {
		return p.comparison()
	}
	p.operator()
	p.mustBeCondition(p.not())
	return node{}
}

// comparison parses a condition, or an operand that no comparator follows: that is sound only inside parentheses.
func (p *parser) comparison() node {
	left := p.primary()
	if left.operand == nil {
		return left
	}
	t := p.current()
	switch {
	case t.isOneOf("=", "<>", "<", "<=", ">", ">="):
		p.operator()
		p.checkComparison(t, *left.operand, p.operand())
	case t.is("BETWEEN"):
		p.operator()
		low := p.operand()
		p.expect("AND")
		p.checkComparison(t, *left.operand, low, p.operand())
	case t.is("IN"):
		p.operator()
		p.expect("(")
		list := p.list()
		if len(list) > maxList {
			p.report(
				t,
				fmt.Sprintf("IN has %d operands. DynamoDB takes at most %d.", len(list), maxList),
				"Use several IN, joined by OR.",
			)
		}
		p.checkComparison(t, *left.operand, list...)
	default:
		return left
	}
	return node{}
}

// primary parses what stands in parentheses, a function, or an operand.
func (p *parser) primary() node {
	t := p.current()
	switch {
	case t.is("("):
		p.advance()
		inner := p.or()
		p.expect(")")
		p.checkParentheses(t, inner.parens)
		return node{operand: inner.operand, parens: true}
	case p.atFunction() && t.text != "size":
		p.condition()
		return node{}
	}
	o := p.operand()
	return node{operand: &o}
}

// list parses operands up to the closing parenthesis.
func (p *parser) list() []operand {
	list := []operand{p.operand()}
	for p.accept(",") {
		list = append(list, p.operand())
	}
	p.expect(")")
	return list
}

// mustBeCondition fails at the current token if what stands before it is an operand.
func (p *parser) mustBeCondition(n node) {
	if n.operand != nil {
		p.fail("an operator (=, <>, <, <=, >, >=, BETWEEN or IN)", "")
	}
}

// checkParentheses refuses parentheses in parentheses. DynamoDB does: "The expression has redundant parentheses".
func (p *parser) checkParentheses(outer token, innerParens bool) {
	if innerParens && !p.redundant && !p.failed {
		p.redundant = true
		p.report(
			outer,
			"These parentheses hold nothing but another pair, which DynamoDB refuses as redundant.",
			"Remove one pair.",
		)
	}
}
