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
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// itemProblem says which item a run cannot write, why, and what to do about it; nil if the error is not about an item.
func (m Movement) itemProblem(err error) *problem.Problem {
	if all, ok := errors.AsType[*flow.RefusesAllError](err); ok {
		return refusesAll(all)
	}
	if _, ok := errors.AsType[*store.UnfitError](err); ok {
		return ExplainUnfit(m.Inputs, m.Advice, err)
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

// ExplainUnfit says which item of a source no table takes.
func ExplainUnfit(attribute, advice string, err error) *problem.Problem {
	if line, ok := errors.AsType[*store.LineError](err); ok {
		p := explain.File(attribute, line.File, line)
		p.Next = advice
		return p
	}
	return &problem.Problem{
		Summary:   "Item Cannot Be Copied",
		Attribute: attribute,
		Cause:     fmt.Sprintf("DynamoDB does not take an item of the source: %v.", err),
		Next:      advice,
	}
}

// ExplainTransform says which step cannot be applied to which item. Skips says that on_item_error may set it aside.
func ExplainTransform(unfit *transform.Error, err error, skips bool) *problem.Problem {
	p := &problem.Problem{
		Summary:   "Transform Failed",
		Attribute: unfit.Attribute,
		Cause:     "At " + unfit.Error(),
		Next:      unfit.Next,
	}
	if at, ok := errors.AsType[*store.ItemError](err); ok {
		p.Cause += " It is " + at.Where + "."
	}
	if skips {
		p.Next += " A copy with on_item_error = \"skip\" writes such items to a file, as they are in the source, and " +
			"continues."
	}
	return p
}

// which names the item that the error is about. Its key would be a value.
func (m Movement) which(err error) string {
	if at, ok := errors.AsType[*store.ItemError](err); ok {
		return "the item in " + at.Where
	}
	if m.Kind == attempt.KindPurge {
		return "a key that was read from the table"
	}
	return "an item of the source"
}

// refusesAll says that the destination takes nothing.
func refusesAll(all *flow.RefusesAllError) *problem.Problem {
	p := &problem.Problem{Summary: "Every Item Is Refused", Err: all.Err}
	if refused, ok := errors.AsType[*store.RefusedError](all); ok {
		p.Err = refused.Err
	}
	p.Cause = fmt.Sprintf("The destination refused %d items, one after the other, and took none in between. Nothing is "+
		"found wrong with the items, "+
		"so that the reason is not theirs. None of them was set aside: the next attempt writes them.", all.Items)
	p.Next = "See the original error. Check that the endpoint is DynamoDB's and nothing in between answers in its " +
		"place, and that the table has still the keys and indexes that it had when the run began; then apply again."
	return p
}
