// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package explain

import (
	"errors"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// Unfit explains which item of a source no table accepts.
func Unfit(attribute, advice string, err error) *problem.Problem {
	if line, ok := errors.AsType[*store.LineError](err); ok {
		p := File(attribute, line.File, line)
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

// Transform explains which step failed for which item. Skips reports whether on_item_error may set the item aside.
func Transform(unfit *transform.Error, err error, skips bool) *problem.Problem {
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

// RefusesAll explains that the destination accepts no item.
func RefusesAll(all *flow.RefusesAllError) *problem.Problem {
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
