// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package ends

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/verify"
)

// ahead limits how much a plan reads of a source, so that it stays fast. The run checks the rest.
type ahead struct {
	text  int // Bytes of text.
	pages int // Each is a request at least where objects are read.
}

var (
	aheadInFile        = ahead{256 << 20, 1 << 20}
	aheadInTransformed = ahead{32 << 20, 1 << 20}
	aheadInObjects     = ahead{16 << 20, 64}
)

// CheckLines reads the items of a file, or of objects with one item a line, as the run will. It returns what keeps the
// first bad one from being copied: a line that is not an item, lacks an attribute of the key, or has the key of an
// earlier one.
func (r *Ends) CheckLines(ctx context.Context, e *tables.Env) *problem.Problem {
	if !r.Job.ReadsLines() || r.Share != nil || r.Job.Source.S3 != nil && r.Objects == nil {
		return nil
	}
	var refused store.UnfitItems
	err := r.readAhead(ctx, e, &refused)
	p, known := errors.AsType[*problem.Problem](err)
	same, isSame := errors.AsType[*compare.SameKeyError](err)
	switch {
	case err == nil:
		return unfitFound(r.Job, refused, true)
	case known:
		return p
	case ctx.Err() != nil:
		return explain.Error(ctx, err)
	case isSame:
		return verify.SameKeyProblem(r.Job.Source.Input(), same)
	case r.Job.Source.S3 != nil:
		return explain.S3In(ctx, "source.", r.Job.Source.S3.String(), err)
	}
	return explain.File("source.file", r.Job.Source.File, err)
}

// readAhead reads the items and collects those that are refused.
func (r *Ends) readAhead(ctx context.Context, e *tables.Env, refused *store.UnfitItems) (err error) {
	source, err := r.OpenSource(ctx)
	if err != nil {
		return err
	}
	limit := aheadInFile
	applies := r.Transform != nil && (!r.Transform.Keyed() || !r.Job.TransformOptions.HMACKeyLater)
	if applies {
		transformed := r.Transformed(source)
		transformed.Begin(
			transform.Run{ID: uuid.NewString(), StartedAt: e.Now()},
			r.Destination.Keys(),
		) // Not the run's, but as good.
		source, limit = transformed, aheadInTransformed
	}
	if r.Job.Source.S3 != nil {
		limit = aheadInObjects
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	var check *compare.Keys
	if r.Meet() && (applies || r.Transform == nil) {
		if check, err = compare.NewKeys(e.Directory, r.Destination.Key); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, check.Close()) }()
	}
	var page store.Page
	after, text := []byte(nil), 0
	for pages := 0; pages < limit.pages && text < limit.text; pages++ {
		if err := source.Read(ctx, store.Segment{Total: 1}, after, &page); err != nil {
			return err
		}
		if refused.Add(page.Refused); refused.Count > 0 && !r.Job.SkipRefused {
			return nil
		}
		if check != nil {
			if err := check.Add(&page); err != nil {
				return err
			}
		}
		if text, after = text+page.Text(), page.Next; after == nil {
			break
		}
	}
	if check == nil {
		return nil
	}
	if err := check.Check(); err != nil {
		return err
	}
	if after == nil {
		r.distinct = source.Definition()
	}
	return nil
}

// unfitFound says that the source has items that cannot be written. It is an error, or a warning if they are set aside.
// Skips reports whether on_item_error may set them aside: method = "emr" has no file for such items.
func unfitFound(j job.Copy, unfit store.UnfitItems, skips bool) *problem.Problem {
	if unfit.First == nil {
		return nil
	}
	var p *problem.Problem
	if step, ok := errors.AsType[*transform.Error](unfit.First); ok {
		p = explain.Transform(step, unfit.First, skips)
	} else {
		p = explain.Unfit(j.Source.Input(), j.ItemAdvice(skips), unfit.First)
	}
	if j.SkipRefused {
		p.Warning, p.Summary = true, "Items Of The Source Are Set Aside"
		p.Cause = fmt.Sprintf(
			"Of the items that were looked at for the plan, %d cannot be written. The first: %s",
			unfit.Count,
			p.Cause,
		)
		p.Next = "The run writes them to a file, with the reason, and continues. To have them at the destination, correct " +
			"them first."
	}
	return p
}
