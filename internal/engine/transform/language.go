// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
)

// language is the CEL of expressions: the standard functions, the extensions for texts, numbers, encodings and optional
// values, our own functions, and these variables.
type language struct {
	*cel.Env
	patterns *patterns
}

// The variables of an expression.
const (
	varItem       = "item"
	varRunID      = "run.id"
	varRunStarted = "run.started_at"
)

// maxNesting is how deep comprehensions such as map and filter may stand in one another.
const maxNesting = 3

// estimator tells what calls cost in items whose parts have at most that size.
func (l *language) estimator(size uint64) estimator { return estimator{size, l.patterns} }

func newLanguage(hmacKey []byte) (*language, error) {
	env, err := cel.NewEnv(
		cel.Variable(varItem, cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable(varRunID, cel.StringType),
		cel.Variable(varRunStarted, cel.TimestampType),
		cel.OptionalTypes(),
		ext.Strings(),
		ext.Math(),
		ext.Encoders(),
		cel.CrossTypeNumericComparisons(true),
		cel.ASTValidators(
			cel.ValidateDurationLiterals(),
			cel.ValidateTimestampLiterals(),
			cel.ValidateRegexLiterals(),
			cel.ValidateComprehensionNestingLimit(maxNesting),
		),
		functions(hmacKey),
	)
	if err != nil {
		return nil, err
	}
	return &language{env, &patterns{}}, nil
}
