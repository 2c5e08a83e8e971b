// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxDereferences is the number of dots and indexes in a path ("Constraints in Amazon DynamoDB", expression
// attributes).
const maxDereferences = 32

// indexAdvice says how an element of a list is named.
const indexAdvice = "Write the position in the list as a whole number from 0, as in a[3]: placeholders cannot stand " +
	"for it."

// operand is what is compared or handed to a function: a path, a value or size(path).
type operand struct {
	// path is the document path with its placeholders resolved; empty for other operands.
	path string
	// dataType is the type of the value, such as "S"; N for size; empty for a path and where it is not known.
	dataType string
	// value is what the placeholder of a value stands for; nil for other operands.
	value  types.AttributeValue
	parens bool
}

// atFunction tells whether the current token is a word that a parenthesis follows.
func (p *parser) atFunction() bool {
	t := p.current()
	return t.kind == word && !isKeyword(t) && p.tokens[p.next+1].is("(")
}

func isKeyword(t token) bool { return t.isOneOf("AND", "OR", "NOT", "BETWEEN", "IN") }

func (p *parser) operand() operand {
	t := p.current()
	switch {
	case t.is("("):
		p.advance()
		inner := p.operand()
		p.expect(")")
		p.checkParentheses(t, inner.parens)
		inner.parens = true
		return inner
	case t.kind == value:
		p.advance()
		p.used[t.text] = true
		v := p.filter.Values[t.text]
		return operand{value: v, dataType: typeOf(v)}
	case p.atFunction():
		return p.size()
	case t.kind == name || t.kind == word && !isKeyword(t):
		return operand{path: p.path()}
	}
	p.fail("an attribute, a placeholder or size()", "")
	return operand{}
}

// path parses a document path ("Referring to item attributes when using expressions"), and returns it with the
// placeholders resolved, so that equal paths are equal texts.
func (p *parser) path() string {
	first := p.current()
	var path strings.Builder
	path.WriteString(strconv.Quote(p.pathElement()))
	for dereferences := 0; ; dereferences++ {
		switch {
		case p.accept("."):
			path.WriteString("." + strconv.Quote(p.pathElement()))
		case p.accept("["):
			index := p.current()
			if index.kind != number {
				p.fail("the position in a list", indexAdvice)
			}
			p.advance()
			if !p.accept("]") {
				p.fail(`"]"`, indexAdvice)
			}
			path.WriteString("[" + index.text + "]")
		default:
			if dereferences > maxDereferences && !p.failed {
				p.report(
					first,
					fmt.Sprintf("The path has %d dots and indexes. DynamoDB takes at most %d.", dereferences, maxDereferences),
					"Compare with an attribute that is nested less deep.",
				)
			}
			return path.String()
		}
	}
}

// pathElement parses the name of an attribute.
func (p *parser) pathElement() string {
	t := p.current()
	switch t.kind {
	case name:
		p.advance()
		p.used[t.text] = true
		if name, defined := p.filter.Names[t.text]; defined {
			return name
		}
	case word:
		p.advance()
		p.checkReserved(t)
	default:
		p.fail("the name of an attribute", "If the name begins with no letter, write a placeholder such as #a for it and "+
			"define it in names.")
	}
	return t.text
}

// checkReserved reports a reserved word, once.
func (p *parser) checkReserved(t token) {
	if !isReserved(t.text) || p.reserved[t.text] {
		return
	}
	p.reserved[t.text] = true
	next := fmt.Sprintf(`Write #%s in the expression, and add "#%s" = "%s" to names.`, t.text, t.text, t.text)
	switch strings.ToUpper(t.text) {
	case "TRUE", "FALSE", "NULL":
		next = fmt.Sprintf(
			`If the value is meant, write :%s in the expression, and add ":%s" = %s to values. %s`,
			t.text,
			t.text,
			strings.ToLower(t.text),
			"If an attribute is meant, use a placeholder such as #a and define it in names.",
		)
	}
	p.add("Reserved Word In Filter Expression", t, fmt.Sprintf("%q is one of DynamoDB's reserved words and cannot "+
		"stand for an attribute.", t.text), next)
}

// typeOf returns the name of a value's type, as in attribute_type.
func typeOf(v types.AttributeValue) string {
	switch v.(type) {
	case *types.AttributeValueMemberS:
		return "S"
	case *types.AttributeValueMemberN:
		return "N"
	case *types.AttributeValueMemberB:
		return "B"
	case *types.AttributeValueMemberBOOL:
		return "BOOL"
	case *types.AttributeValueMemberNULL:
		return "NULL"
	case *types.AttributeValueMemberL:
		return "L"
	case *types.AttributeValueMemberM:
		return "M"
	case *types.AttributeValueMemberSS:
		return "SS"
	case *types.AttributeValueMemberNS:
		return "NS"
	case *types.AttributeValueMemberBS:
		return "BS"
	}
	return ""
}
