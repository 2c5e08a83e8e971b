// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"errors"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// unfitFound says that the source has items that cannot be written: an error, or a warning where they are set aside. Skips reports whether
// on_item_error may set them aside: method = "emr" has no file for such items.
func unfitFound(j job.Copy, unfit store.UnfitItems, skips bool) *problem.Problem {
	if unfit.First == nil {
		return nil
	}
	var p *problem.Problem
	if step, ok := errors.AsType[*transform.Error](unfit.First); ok {
		p = run.ExplainTransform(step, unfit.First, skips)
	} else {
		p = run.ExplainUnfit(j.Source.Input(), j.ItemAdvice(skips), unfit.First)
	}
	if j.SkipRefused {
		p.Warning, p.Summary = true, "Items Of The Source Are Set Aside"
		p.Cause = fmt.Sprintf("Of the items that were looked at for the plan, %d cannot be written. The first: %s", unfit.Count, p.Cause)
		p.Next = "The run writes them to a file, with the reason, and continues. To have them at the destination, correct them first."
	}
	return p
}
