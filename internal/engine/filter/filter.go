// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package filter holds a DynamoDB condition, and finds its mistakes before DynamoDB is asked.
//
// DynamoDB has the last word: where its documentation leaves a doubt, Check lets the condition pass.
package filter

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// What DynamoDB takes of an expression ("Constraints in Amazon DynamoDB", expression parameters).
const (
	// MaxBytes is its length.
	MaxBytes = 4096
	// MaxOperators counts comparators, functions, AND, OR and NOT.
	MaxOperators = 300
	// maxSubstitutionBytes is the length of all names and values together.
	maxSubstitutionBytes = 2 << 20
)

// Filter is a condition on items, as the FilterExpression of a Scan and the ConditionExpression of a DeleteItem take
// it.
type Filter struct {
	// Expression is the condition, such as "#s = :open AND amount > :min".
	Expression string
	// Names are the attribute names that placeholders stand for, such as "#s": "status". Nil if there are none.
	Names map[string]string
	// Values are the values that placeholders stand for, such as ":open". Nil if there are none.
	Values map[string]types.AttributeValue
}

// Check finds what DynamoDB would refuse: the syntax of "Condition and filter expressions, operators, and functions in
// DynamoDB", reserved words, placeholders that are not defined or not used, and the limits of "Constraints in Amazon
// DynamoDB". Attribute is "expression", "names" or "values"; no message holds a value.
// It returns nothing for a sound condition, and for some unsound ones, which are left to DynamoDB.
func (f *Filter) Check() []*problem.Problem {
	found := slices.Concat(checkNames(f.Names), checkValues(f.Values))
	switch {
	case strings.TrimSpace(f.Expression) == "":
		return append(found, &problem.Problem{
			Summary: "Empty Filter Expression", Attribute: "expression",
			Cause: "The expression is empty.",
			Next:  "Write a condition, or leave the filter out.",
		})
	case len(f.Expression) > MaxBytes:
		return append(found, &problem.Problem{
			Summary: "Filter Expression Too Long", Attribute: "expression",
			Cause: fmt.Sprintf("The expression has %d bytes. DynamoDB takes at most %d.", len(f.Expression), MaxBytes),
			Next:  "Shorten the expression, for example with shorter placeholders.",
		})
	}
	found = append(found, f.checkSubstitutions()...)
	p := parser{filter: f, tokens: lex(f.Expression), used: map[string]bool{}, reserved: map[string]bool{}}
	p.parse()
	found = append(found, p.problems...)
	if p.failed {
		return found // What the expression uses is not known.
	}
	return slices.Concat(found,
		checkUse("names", "#", p.used, slices.Sorted(maps.Keys(f.Names))),
		checkUse("values", ":", p.used, slices.Sorted(maps.Keys(f.Values))))
}

// Operators returns how many operators and functions DynamoDB counts in the expression; fewer if its syntax is wrong.
func (f *Filter) Operators() int {
	p := parser{filter: f, tokens: lex(f.Expression), used: map[string]bool{}, reserved: map[string]bool{}}
	p.parse()
	return p.operators
}

// checkSubstitutions looks at the length of all names and values.
func (f *Filter) checkSubstitutions() []*problem.Problem {
	size := 0
	for placeholder, name := range f.Names {
		size += len(placeholder) + len(name)
	}
	if raw, err := attributevalue.MarshalMapJSON(f.Values); err == nil && len(f.Values) > 0 {
		values, err := item.Size(raw)
		if err == nil { // What is wrong with the values is reported of each.
			size += values
		}
	}
	if size <= maxSubstitutionBytes {
		return nil
	}
	return []*problem.Problem{{
		Summary: "Filter Values Too Large", Attribute: "values",
		Cause: fmt.Sprintf("The names and values of the filter have %d bytes. DynamoDB takes at most %d of all "+
			"together.", size, maxSubstitutionBytes),
		Next: "Compare with shorter values.",
	}}
}

// checkUse compares the placeholders that are used with those that are defined in an argument.
func checkUse(argument, prefix string, used map[string]bool, defined []string) []*problem.Problem {
	var found []*problem.Problem
	for _, placeholder := range slices.Sorted(maps.Keys(used)) {
		switch {
		case !strings.HasPrefix(placeholder, prefix) || slices.Contains(defined, placeholder):
		case slices.Contains(defined, strings.TrimPrefix(placeholder, prefix)): // The spelling of that key is refused.
		default:
			found = append(found, &problem.Problem{
				Summary: "Undefined Placeholder", Attribute: argument,
				Cause: fmt.Sprintf("The expression uses %s, which %s does not define.", placeholder, argument),
				Next:  fmt.Sprintf("Add %q to %s, or correct the expression.", placeholder, argument),
			})
		}
	}
	for _, placeholder := range defined {
		if used[placeholder] || checkPlaceholder(argument, prefix, placeholder) != nil {
			continue
		}
		found = append(found, &problem.Problem{
			Summary: "Unused Placeholder", Attribute: argument,
			Cause: fmt.Sprintf("The expression does not use %s. DynamoDB refuses placeholders that are defined and not "+
				"used.", placeholder),
			Next: fmt.Sprintf("Remove %q from %s, or correct the expression.", placeholder, argument),
		})
	}
	return found
}
