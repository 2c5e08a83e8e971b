// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"errors"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// itemProblem explains which item a run cannot write, and why. It returns nil if the error is not about an item.
func (m Movement) itemProblem(err error) *problem.Problem {
	if all, ok := errors.AsType[*flow.RefusesAllError](err); ok {
		return explain.RefusesAll(all)
	}
	if _, ok := errors.AsType[*store.UnfitError](err); ok {
		return explain.Unfit(m.Inputs, m.Advice, err)
	}
	refused, ok := errors.AsType[*store.RefusedError](err)
	if !ok {
		return nil
	}
	p := &problem.Problem{Summary: "Request Refused By DynamoDB", Attribute: m.Attribute, Err: refused.Err, Next: m.Advice}
	if m.Kind == attempt.KindCopy {
		p.Attribute = m.Inputs
	}
	if refused.Fault != nil {
		p.Cause = fmt.Sprintf("DynamoDB does not take %s: %v.", m.which(err), refused.Fault)
		return p
	}
	p.Cause = fmt.Sprintf("DynamoDB does not take %s, and nothing is found wrong with it.", m.which(err))
	if m.Kind == attempt.KindCopy {
		p.Next = "See the original error, and check that the endpoint is DynamoDB's and nothing in between answers in its " +
			"place. If the item is at fault: " + m.Advice
	}
	return p
}

// which says which item the error is about, without its key, which is a value.
func (m Movement) which(err error) string {
	if at, ok := errors.AsType[*store.ItemError](err); ok {
		return "the item in " + at.Where
	}
	if m.Kind == attempt.KindPurge {
		return "a key that was read from the table"
	}
	return "an item of the source"
}
