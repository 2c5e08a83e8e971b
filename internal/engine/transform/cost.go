// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types/ref"
)

const (
	// maxCost is what one expression may cost for one item, in CEL's units: an operation is 1, ten characters read are 1.
	// It is more than any one function needs for the largest item, and most often less than a second.
	maxCost = 1_000_000
	// maxItemBytes is the largest size of an item, and so of anything in it ("Quotas in Amazon DynamoDB").
	maxItemBytes = 400 << 10
	// smallBytes is the size of the parts of a small item. What is too dear for that one is so for all. With no size at all, CEL
	// takes the rest of a text behind a place in it for endless.
	smallBytes = 10_000
)

// ours are the functions whose cost goes with the size of what they read.
var ours = map[string]bool{"sha256": true, "hmac": true, "uuid5": true, "mask": true}

// estimator says what the functions of ours cost, for items whose parts have at most that size.
type estimator struct{ size uint64 }

// EstimateSize bounds what comes out of an item.
func (e estimator) EstimateSize(checker.AstNode) *checker.SizeEstimate {
	return &checker.SizeEstimate{Max: e.size}
}

// EstimateCallCost is the cost of a call of a function of ours before any item is seen.
func (e estimator) EstimateCallCost(function, _ string, _ *checker.AstNode, args []checker.AstNode) *checker.CallEstimate {
	if !ours[function] {
		return nil
	}
	sum := checker.CostEstimate{Min: 1, Max: 1}
	for _, arg := range args {
		size := arg.ComputedSize()
		if size == nil {
			size = e.EstimateSize(arg)
		}
		sum = sum.Add(size.MultiplyByCostFactor(0.1))
	}
	return &checker.CallEstimate{CostEstimate: sum, ResultSize: &checker.SizeEstimate{Max: e.size}}
}

// CallCost is the cost of a call of a function of ours as it happens, and that of a sum or a format: CEL takes a sum of which the types
// are only known then for one of numbers, and looks at the format alone.
func (estimator) CallCost(function, _ string, args []ref.Val, result ref.Val) *uint64 {
	if function == operators.Add || function == "format" {
		return lengthCost(result)
	}
	if !ours[function] {
		return nil
	}
	cost := uint64(1)
	for _, arg := range args {
		if of := lengthCost(arg); of != nil {
			cost += *of
		}
	}
	return &cost
}
