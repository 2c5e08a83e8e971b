// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"slices"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// digests are the functions that give values which differ another value each, with the argument that is the value. The
// others have to be constant.
var digests = map[string]int{"sha256": 0, hmacFunction: 0, "uuid5": 1}

// distinguishes returns the attribute whose values the expression keeps apart: the expression is the attribute, a
// digest of it, or either of them beside a constant text. It is empty for any other expression.
func distinguishes(ast *cel.Ast) string { return keptApart(ast.NativeRep().Expr()) }

func keptApart(e celast.Expr) string {
	switch e.Kind() {
	case celast.SelectKind:
		if s := e.AsSelect(); isItem(s.Operand()) && !s.IsTestOnly() {
			return s.FieldName()
		}
	case celast.CallKind:
		arguments := e.AsCall().Args()
		switch name := e.AsCall().FunctionName(); name {
		case operators.Index:
			if key, ok := text(arguments[1]); ok && isItem(arguments[0]) {
				return key
			}
		case operators.Add:
			if _, ok := text(arguments[0]); ok {
				return keptApart(arguments[1])
			}
			if _, ok := text(arguments[1]); ok {
				return keptApart(arguments[0])
			}
		default:
			if at, ok := digests[name]; ok && !slices.ContainsFunc(slices.Delete(slices.Clone(arguments), at, at+1), isNotText) {
				return keptApart(arguments[at])
			}
		}
	}
	return ""
}

func isItem(e celast.Expr) bool { return e.Kind() == celast.IdentKind && e.AsIdent() == varItem }

// text is the constant text that the expression is.
func text(e celast.Expr) (string, bool) {
	if e.Kind() != celast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

func isNotText(e celast.Expr) bool {
	_, ok := text(e)
	return !ok
}
