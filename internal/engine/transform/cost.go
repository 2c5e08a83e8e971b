// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"math"

	"cel.dev/cel-go/checker"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

const (
	// maxCost is what one expression may cost for one item, in CEL's units: an operation is 1, ten characters read are 1.
	// It is more than any one function needs for the largest item, and most often less than a second.
	maxCost = 1_000_000
	// maxItemBytes is the largest size of an item, and so of anything in it ("Quotas in Amazon DynamoDB").
	maxItemBytes = 400 << 10
	// smallBytes is the size of the parts of a small item. What is too dear for that one is so for all. With no size at
	// all, CEL takes the rest of a text behind a place in it for endless.
	smallBytes = 10_000
)

// ours are the functions whose cost goes with the size of what they read, and is not known to CEL.
var ours = map[string]bool{
	"sha256":        true,
	"hmac":          true,
	"uuid5":         true,
	"mask":          true,
	"base64.encode": true,
	"base64.decode": true,
}

// estimator says what calls cost that CEL does not know, or takes for cheaper than they are, for items whose parts have
// at most that size.
type estimator struct {
	size     uint64
	patterns *patterns
}

// EstimateSize bounds what comes out of an item.
func (e estimator) EstimateSize(checker.AstNode) *checker.SizeEstimate {
	return &checker.SizeEstimate{Max: e.size}
}

// EstimateCallCost is the cost of a call before any item is seen.
func (e estimator) EstimateCallCost(
	function, _ string, target *checker.AstNode, args []checker.AstNode,
) *checker.CallEstimate {
	if target != nil {
		args = append([]checker.AstNode{*target}, args...)
	}
	switch {
	case function == overloads.Matches && len(args) == 2:
		return &checker.CallEstimate{CostEstimate: e.match(args[0], args[1])}
	case function == operators.Add && len(args) == 2 && ofUnknownType(args[0], args[1]): // They may be texts.
		one, other := e.sizeOf(args[0]), e.sizeOf(args[1])
		made := one.Add(other)
		cost := checker.CostEstimate{Min: 1, Max: 1}.Add(made.MultiplyByCostFactor(0.1))
		return &checker.CallEstimate{CostEstimate: checker.CostEstimate{Min: 1, Max: cost.Max}, ResultSize: &made}
	case ours[function]:
		sum := checker.CostEstimate{Min: 1, Max: 1}
		for _, arg := range args {
			sum = sum.Add(e.sizeOf(arg).MultiplyByCostFactor(0.1))
		}
		return &checker.CallEstimate{CostEstimate: sum, ResultSize: &checker.SizeEstimate{Max: e.size}}
	}
	return nil
}

// match is the cost of matching the text, which only a constant pattern tells.
func (e estimator) match(text, by checker.AstNode) checker.CostEstimate {
	if by.Expr().Kind() == celast.LiteralKind {
		if constant, ok := by.Expr().AsLiteral().(types.String); ok {
			if known, err := e.patterns.get(string(constant), math.MaxInt); err == nil {
				size := e.sizeOf(text)
				return checker.CostEstimate{Min: known.cost(size.Min), Max: known.cost(size.Max)}
			}
		}
	}
	return checker.CostEstimate{Min: 1, Max: maxCost + 1}
}

func (e estimator) sizeOf(node checker.AstNode) checker.SizeEstimate {
	if size := node.ComputedSize(); size != nil {
		return *size
	}
	return *e.EstimateSize(node)
}

func ofUnknownType(nodes ...checker.AstNode) bool {
	for _, node := range nodes {
		if node.Type().Kind() == types.DynKind {
			return true
		}
	}
	return false
}

// CallCost returns the cost of a call when it happens: of our functions, of matches(), and of a sum or a format. CEL
// estimates a sum of values of unknown type as one of numbers, and looks at a format's text alone.
func (e estimator) CallCost(function, _ string, args []ref.Val, result ref.Val) *uint64 {
	switch {
	case function == operators.Add || function == "format":
		return lengthCost(result)
	case function == boundedMatches && len(args) == 2:
		text, _ := args[0].(types.String)
		by, _ := args[1].(types.String)
		known, err := e.patterns.get(string(by), math.MaxInt) // It has been compiled for the call.
		if err != nil {
			return nil
		}
		cost := known.cost(uint64(len(text)))
		return &cost
	case ours[function]:
		cost := uint64(1)
		for _, arg := range args {
			if of := lengthCost(arg); of != nil {
				cost += *of
			}
		}
		return &cost
	}
	return nil
}
