// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// expression is one compiled CEL expression. It is safe for concurrent use.
type expression struct {
	attribute, text string
	program         cel.Program
	output          *cel.Type
	// of is the attribute whose values the expression's keep apart, empty for none.
	of string
}

// expression compiles the text, whose values have to be of a type that wanted accepts, or reports what is wrong and
// returns nil.
func (c *compiler) expression(attribute, text string, wanted func(*cel.Type) (complaint string)) *expression {
	if c.language == nil {
		var err error
		if c.language, err = newLanguage(c.options.HMACKey); err != nil {
			c.report(attribute, "The expression language cannot be set up: "+err.Error(), "Please report this as a bug of "+
				"the provider.")
			return nil
		}
	}
	ast, issues := c.language.Compile(text)
	if issues.Err() != nil {
		first := issues.Errors()[0]
		message := strings.ReplaceAll(first.Message, " (in container '')", "")
		c.report(
			attribute,
			fmt.Sprintf(
				"Line %d, column %d of the expression: %s.",
				max(1, first.Location.Line()),
				max(1, first.Location.Column()+1),
				strings.TrimSuffix(firstLine(message), "."),
			),
			"Correct the expression. It is CEL over item, such as item.amount > 10 && has(item.email).",
		)
		return nil
	}
	e := &expression{attribute: attribute, text: text, output: ast.OutputType(), of: distinguishes(ast)}
	if complaint := wanted(e.output); complaint != "" {
		c.report(attribute, "The expression "+complaint, "Correct the expression, or convert its value with a function "+
			"such as string() or int().")
		return nil
	}
	if callsHMAC(ast) {
		c.keyed = true
		if len(c.options.HMACKey) == 0 && !c.options.HMACKeyLater {
			c.report(attribute, "The function hmac() has no key.", "Set hmac_key_wo (Terraform 1.11 and later), or the "+
				"environment variable DYNAMOOPS_HMAC_KEY.")
			return nil
		}
	}
	if !c.limit(e, ast) {
		return nil
	}
	return e
}

// limit makes the program. What cannot become too dear is evaluated without counting, which is faster. The estimate
// takes no value for larger than an item, which holds as long as no variable can be used to double a text over and
// over.
func (c *compiler) limit(e *expression, ast *cel.Ast) bool {
	least, err := c.language.EstimateCost(ast, c.language.estimator(smallBytes))
	if err == nil && least.Min > maxCost {
		c.report(e.attribute, fmt.Sprintf("The expression costs at least %d units for each item, and the limit is "+
			"%d.", least.Min, maxCost),
			"Make the expression simpler: comprehensions within comprehensions multiply.")
		return false
	}
	options := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize), cel.CustomDecoratorV2(c.language.patterns.bound)}
	most, err := c.language.EstimateCost(ast, c.language.estimator(maxItemBytes))
	if err != nil || most.Max > maxCost || hasVariables(ast) {
		options = append(options, cel.CostLimit(maxCost), cel.CostTracking(c.language.estimator(0)))
	}
	if e.program, err = c.language.Program(ast, options...); err != nil {
		c.report(e.attribute, "The expression cannot be prepared: "+firstLine(err.Error())+".", "Correct the expression.")
		return false
	}
	return true
}

// hasVariables reports whether a macro, such as map() or optMap(), names a value.
func hasVariables(ast *cel.Ast) bool {
	return len(
		celast.MatchDescendants(celast.NavigateAST(ast.NativeRep()), celast.KindMatcher(celast.ComprehensionKind)),
	) > 0
}

func firstLine(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}

func callsHMAC(ast *cel.Ast) bool {
	for _, reference := range ast.NativeRep().ReferenceMap() {
		for _, overload := range reference.OverloadIDs {
			if strings.HasPrefix(overload, hmacFunction+"_") {
				return true
			}
		}
	}
	return false
}

// isBool accepts what drop_if can use. What is read from an item has a type only when there is one.
func isBool(t *cel.Type) string {
	if t.Kind() == types.BoolKind || t.Kind() == types.DynKind {
		return ""
	}
	return fmt.Sprintf(
		"gives a value of type %s, and a condition is wanted, which is true or false.",
		cel.FormatCELType(t),
	)
}

// isStorable accepts what an attribute can hold.
func isStorable(t *cel.Type) string {
	if _, ok := kinds[t.Kind()]; ok || t.Kind() == types.DynKind {
		return ""
	}
	if isOptional(t) {
		return isStorable(t.Parameters()[0])
	}
	return fmt.Sprintf("gives a value of type %s, which DynamoDB does not have.", cel.FormatCELType(t))
}

func isOptional(t *cel.Type) bool {
	return t.Kind() == types.OpaqueKind && t.TypeName() == types.OptionalType.TypeName()
}

// kinds maps CEL's types to those of attribute values.
var kinds = map[types.Kind]item.Kind{
	types.StringKind: item.S, types.TimestampKind: item.S, types.IntKind: item.N, types.UintKind: item.N,
	types.DoubleKind: item.N,
	types.BytesKind:  item.B, types.BoolKind: item.BOOL, types.NullTypeKind: item.NULL, types.ListKind: item.L,
	types.MapKind: item.M,
}

// kind is the type of the attribute value, empty if that depends on the item; always is false if there may be none.
func (e *expression) kind() (_ item.Kind, always bool) {
	if isOptional(e.output) {
		return kinds[e.output.Parameters()[0].Kind()], false
	}
	// A value of any type may be optional.none().
	return kinds[e.output.Kind()], e.output.Kind() != types.DynKind
}

// value is the expression's value for the item as an attribute value, nil for optional.none().
func (e *expression) value(d *document) ([]byte, error) {
	v, err := e.evaluate(d)
	if err != nil {
		return nil, err
	}
	if optional, ok := v.(*types.Optional); ok {
		if !optional.HasValue() {
			return nil, nil
		}
		v = optional.GetValue()
	}
	start := len(d.made)
	made, err := appendValue(d.made, v, len(d.made)+maxValueBytes)
	if err == nil && len(made) > maxMadeBytes {
		err = errTooLong
	}
	if err != nil {
		return nil, e.fault("for an item its value cannot be stored: "+err.Error()+".", "Convert the value with a "+
			"function such as string() or int().")
	}
	d.made = made
	return d.made[start:len(d.made):len(d.made)], nil
}

func (e *expression) evaluate(d *document) (ref.Val, error) {
	v, _, err := e.program.Eval(activation{&mapValue{fields: d.fields}, d.run})
	if err != nil {
		return nil, e.explain(err)
	}
	return v, nil
}

// betweenNames reports whether the character is in no name that CEL reads after a full stop.
func betweenNames(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

func (e *expression) fault(cause, next string) error {
	return &Error{Attribute: e.attribute, Cause: "The expression cannot be used: " + cause, Next: next}
}

// explain says why an expression has no value. CEL's messages may quote what an item holds: only what is known to hold
// nothing of it is repeated.
func (e *expression) explain(err error) error {
	message := err.Error()
	var cancelled interpreter.EvalCancelledError
	switch {
	case errors.As(err, &cancelled):
		return e.fault(fmt.Sprintf("for an item it costs more than %d units.", maxCost), "Make the expression simpler, or "+
			"leave such items out with drop_if in a step before.")
	case strings.Contains(message, "no such key: "):
		_, key, _ := strings.Cut(message, "no such key: ")
		which := "an attribute that it reads"
		if slices.Contains(strings.FieldsFunc(e.text, betweenNames), key) {
			which = "the attribute " + key
		}
		return e.fault("an item does not have "+which+".", "Ask with has(), or read it as an optional value, such as "+
			"item.?email.orValue('').")
	case strings.Contains(message, "no such overload"), strings.Contains(message, "no matching overload"):
		return e.fault("an item has values of types that an operator or a function does not take.",
			"Convert them, for instance with string() or double(): a whole number is an int, any other a double, and the two "+
				"do not add up.")
	}
	for _, harmless := range []string{"divide by zero", "division by zero", "modulus by zero", "integer overflow", "unsigned integer overflow", "timestamp overflow", "duration overflow", faultNamespace, faultShown, faultLength, faultPattern} {
		if strings.Contains(message, harmless) {
			return e.fault("for an item it ends in: "+harmless+".", "Leave such items as they are with a condition, as in c "+
				"? a : b.")
		}
	}
	return e.fault("it fails for an item, most often because a value has not the form that a function such as int() or "+
		"timestamp() wants.",
		"Test the value before it is used, for instance with matches(), or leave such items out with drop_if.")
}
