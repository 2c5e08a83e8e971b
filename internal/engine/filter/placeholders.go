// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

const (
	// maxPlaceholderBytes is the length of a placeholder with its # or : ("Constraints in Amazon DynamoDB").
	maxPlaceholderBytes = 255
	// maxNameBytes is the length of an attribute name, which is less than 64 KB ("Constraints in Amazon DynamoDB").
	maxNameBytes = 65535
	// maxDepth is how deep lists and maps may be nested ("Constraints in Amazon DynamoDB", nested attribute depth).
	maxDepth = 32
)

// Reserved begins the placeholders, behind their # or :, that a run adds to a filter.
const Reserved = "__dynamoops_"

func checkNames(names map[string]string) []*problem.Problem {
	var found []*problem.Problem
	for _, placeholder := range slices.Sorted(maps.Keys(names)) {
		if p := checkPlaceholder("names", "#", placeholder); p != nil {
			found = append(found, p)
		}
		size := len(names[placeholder])
		if size > 0 && size <= maxNameBytes {
			continue
		}
		found = append(found, &problem.Problem{
			Summary: "Invalid Attribute Name", Attribute: "names",
			Cause: fmt.Sprintf(
				"The attribute name of %q has %d bytes. DynamoDB takes 1 to %d.",
				placeholder,
				size,
				maxNameBytes,
			),
			Next: "Correct the attribute name.",
		})
	}
	return found
}

func checkValues(values map[string]types.AttributeValue) []*problem.Problem {
	var found []*problem.Problem
	for _, placeholder := range slices.Sorted(maps.Keys(values)) {
		if p := checkPlaceholder("values", ":", placeholder); p != nil {
			found = append(found, p)
		}
		if err := checkValue(values[placeholder], 0); err != nil {
			found = append(found, &problem.Problem{
				Summary: "Invalid Filter Value", Attribute: "values",
				Cause: fmt.Sprintf("The value of %q has %v.", placeholder, err),
				Next:  "Correct the value.",
			})
		}
	}
	return found
}

// isPlaceholder tells whether the text is a placeholder that begins so.
func isPlaceholder(text, prefix string) bool {
	if !strings.HasPrefix(text, prefix) {
		return false
	}
	token := lexOne(text)
	return (token.kind == name || token.kind == value) && token.text == text
}

// checkPlaceholder looks at a key of names or values ("Expression attribute names (aliases) in DynamoDB").
func checkPlaceholder(argument, prefix, key string) *problem.Problem {
	p := &problem.Problem{Summary: "Invalid Placeholder", Attribute: argument}
	switch {
	case len(key) > maxPlaceholderBytes:
		p.Cause = fmt.Sprintf("A key of %s has %d bytes. DynamoDB takes at most %d.", argument, len(key), maxPlaceholderBytes)
		p.Next = "Shorten the placeholder."
	case strings.HasPrefix(key, prefix+Reserved):
		p.Cause = fmt.Sprintf("The key %q of %s begins like the placeholders that the provider adds.", key, argument)
		p.Next = fmt.Sprintf("Choose a placeholder that does not begin with %s.", prefix+Reserved)
	case isPlaceholder(key, prefix):
		return nil
	case isPlaceholder(prefix+key, prefix):
		p.Cause = fmt.Sprintf("The key %q of %s does not begin with %q.", key, argument, prefix)
		p.Next = fmt.Sprintf("Write %q in %s, and %s in the expression.", prefix+key, argument, prefix+key)
	default:
		p.Cause = fmt.Sprintf("The key %q of %s is not a placeholder.", key, argument)
		p.Next = fmt.Sprintf("Write %q and after it letters, digits and underscores only.", prefix)
	}
	return p
}

// Errors of checkValue, worded to follow "has".
var (
	errEmptySet   = errors.New("an empty set, which DynamoDB cannot hold")
	errEqual      = errors.New("a set with equal members, which DynamoDB cannot hold")
	errEmptyName  = errors.New("an attribute with an empty name, which DynamoDB cannot hold")
	errNotANumber = errors.New("a number that is not written as one")
	errDepth      = fmt.Errorf("more than %d levels of lists and maps", maxDepth)
)

// checkValue looks for what no attribute can hold ("Supported data types and naming rules in Amazon DynamoDB").
func checkValue(v types.AttributeValue, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberN:
		return checkNumbers(v.Value)
	case *types.AttributeValueMemberNS:
		if err := checkNumbers(v.Value...); err != nil {
			return err
		}
		return checkSet(v.Value, func(n string) string {
			number, _ := item.Number(n) // It is one, as has been checked.
			return number
		})
	case *types.AttributeValueMemberSS:
		return checkSet(v.Value, func(s string) string { return s })
	case *types.AttributeValueMemberBS:
		return checkSet(v.Value, func(b []byte) string { return string(b) })
	case *types.AttributeValueMemberL:
		for _, element := range v.Value {
			if err := checkValue(element, depth+1); err != nil {
				return err
			}
		}
	case *types.AttributeValueMemberM:
		for key, element := range v.Value {
			if key == "" {
				return errEmptyName
			}
			if err := checkValue(element, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkSet checks that a set has members, and no two with the same value.
func checkSet[E any](members []E, value func(E) string) error {
	seen := map[string]bool{}
	for _, member := range members {
		seen[value(member)] = true
	}
	switch {
	case len(members) == 0:
		return errEmptySet
	case len(seen) < len(members):
		return errEqual
	}
	return nil
}

func checkNumbers(numbers ...string) error {
	for _, n := range numbers {
		_, err := item.Number(n)
		if errors.Is(err, item.ErrNotANumber) {
			return errNotANumber
		}
		if err != nil {
			return err
		}
	}
	return nil
}
