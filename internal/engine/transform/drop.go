// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import "cel.dev/cel-go/common/types"

// dropping leaves items out for which an expression is true.
type dropping struct{ expression *expression }

func (c *compiler) dropIf(at string, text *string) step {
	return &dropping{c.expression(at, *text, isBool)}
}

func (s *dropping) apply(d *document) (keep bool, err error) {
	value, err := s.expression.evaluate(d)
	if err != nil {
		return false, err
	}
	drop, ok := value.(types.Bool)
	if !ok {
		return false, s.expression.fault("for an item its value is neither true nor false.", "Write a condition, such as "+
			"item.amount == 0.")
	}
	return !bool(drop), nil
}

func (*dropping) reshape(*shape) {}
