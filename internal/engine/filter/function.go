// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// functions are those of "Condition and filter expressions, operators, and functions in DynamoDB", with the number of
// their operands. All but size are conditions.
var functions = map[string]int{
	"attribute_exists":     1,
	"attribute_not_exists": 1,
	"attribute_type":       2,
	"begins_with":          2,
	"contains":             2,
	"size":                 1,
}

// attributeTypes are what the second operand of attribute_type may stand for.
var attributeTypes = []string{"S", "SS", "N", "NS", "B", "BS", "BOOL", "NULL", "L", "M"}

// function parses a function's name and its operands.
func (p *parser) function() (token, []operand) {
	t := p.current()
	count, known := functions[t.text]
	if !known {
		p.stopAtFunction(t)
		return t, nil
	}
	p.operator()
	p.expect("(")
	operands := p.list()
	if len(operands) != count && !p.failed {
		p.report(
			t,
			fmt.Sprintf("%s has the wrong number of operands: %d in place of %d.", t.text, len(operands), count),
			"Correct the operands.",
		)
		return t, nil
	}
	return t, operands
}

// stopAtFunction says what is wrong with the name of a function.
func (p *parser) stopAtFunction(t token) {
	next := "The functions are attribute_exists, attribute_not_exists, attribute_type, begins_with, contains and size."
	switch lower := strings.ToLower(t.text); {
	case functions[lower] > 0:
		next = fmt.Sprintf("Write %s: the names of functions are case-sensitive.", lower)
	case lower == "if_not_exists" || lower == "list_append":
		next = "Leave the function out: it is one of update expressions."
	}
	p.stop(t, fmt.Sprintf("%q is not a function of conditions.", t.text), next)
}

// condition parses a function that is a condition.
func (p *parser) condition() {
	t, operands := p.function()
	if p.failed || operands == nil {
		return
	}
	switch first := operands[0]; t.text {
	case "attribute_exists", "attribute_not_exists":
		if first.path == "" {
			p.report(t, t.text+" takes the path of an attribute, and no value.", "Name an attribute.")
		}
	case "attribute_type":
		p.checkAttributeType(t, operands[1])
	case "begins_with":
		p.checkTypes(t, operands, "S", "B")
		p.checkDistinct(t, first, operands[1])
	case "contains":
		p.checkDistinct(t, first, operands[1])
	}
}

// size parses the one function that is an operand.
func (p *parser) size() operand {
	if t := p.current(); functions[t.text] > 0 && t.text != "size" {
		p.stop(t, fmt.Sprintf("%s is a condition and cannot be an operand.", t.text), "Join conditions by AND and OR.")
		return operand{}
	}
	t, operands := p.function()
	p.checkTypes(t, operands, "S", "B", "SS", "NS", "BS", "L", "M")
	return operand{dataType: "N"}
}

// checkComparison looks at the operands of a comparator, BETWEEN or IN.
func (p *parser) checkComparison(t token, left operand, others ...operand) {
	if !t.isOneOf("=", "<>", "IN") {
		p.checkTypes(t, append([]operand{left}, others...), "S", "N", "B")
	}
	if low := others[0]; t.is("BETWEEN") && low.value != nil && others[1].value != nil &&
		low.dataType != others[1].dataType {
		p.report(
			t,
			fmt.Sprintf("The lower bound of BETWEEN has the type %s, and the upper bound %s.", low.dataType, others[1].dataType),
			"Give both bounds the same type.",
		)
	}
	p.checkDistinct(t, left, others...)
}

// checkTypes looks whether those operands whose type is known have one of these types.
func (p *parser) checkTypes(t token, operands []operand, allowed ...string) {
	for _, o := range operands {
		if o.dataType != "" && !slices.Contains(allowed, o.dataType) {
			p.report(t, fmt.Sprintf("%s has an operand of the type %s.", t.text, o.dataType),
				fmt.Sprintf("Use one of the type %s.", strings.Join(allowed, ", ")))
			return
		}
	}
}

// checkDistinct refuses to compare an attribute with itself. DynamoDB does: "The first operand must be distinct from
// the remaining operands".
func (p *parser) checkDistinct(t token, first operand, others ...operand) {
	if first.path != "" && slices.ContainsFunc(others, func(o operand) bool { return o.path == first.path }) {
		p.report(
			t,
			fmt.Sprintf("%s compares an attribute with itself, which DynamoDB refuses.", t.text),
			"Compare with another attribute or a value.",
		)
	}
}

// checkAttributeType looks at the second operand of attribute_type: a string that names a type.
func (p *parser) checkAttributeType(t token, o operand) {
	s, isString := o.value.(*types.AttributeValueMemberS)
	known := isString && slices.Contains(attributeTypes, s.Value)
	// A placeholder that is not defined is reported as such.
	if known || o.path == "" && o.dataType == "" {
		return
	}
	p.report(t, "The second operand of attribute_type names no type.",
		"Use a placeholder for one of the strings "+strings.Join(attributeTypes, ", ")+".")
}
