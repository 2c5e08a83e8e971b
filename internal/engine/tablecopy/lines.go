// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/verify"
)

// ahead is how much a plan reads of a source, so that it stays short: what lies behind that is checked by the run.
type ahead struct {
	text  int // Bytes of text.
	pages int // Each is a request at least where objects are read.
}

var (
	aheadInFile        = ahead{256 << 20, 1 << 20}
	aheadInTransformed = ahead{32 << 20, 1 << 20}
	aheadInObjects     = ahead{16 << 20, 64}
)

// checkLines reads the items of a file, or of objects with one item a line, as the run will, and returns what keeps the first of them from being
// copied: a line that is no item, lacks an attribute of the key, or has the key of one before it.
func (r *ends) checkLines(ctx context.Context, e *tables.Env) *problem.Problem {
	if !r.job.ReadsLines() || r.share != nil || r.job.Source.S3 != nil && r.objects == nil {
		return nil
	}
	var refused store.UnfitItems
	err := r.readAhead(ctx, e, &refused)
	p, known := errors.AsType[*problem.Problem](err)
	same, isSame := errors.AsType[*compare.SameKeyError](err)
	switch {
	case err == nil:
		return unfitFound(r.job, refused, true)
	case known:
		return p
	case ctx.Err() != nil:
		return tables.Explain(ctx, err)
	case isSame:
		return verify.SameKeyProblem(r.job.Source.Input(), same)
	case r.job.Source.S3 != nil:
		return tables.ExplainS3In(ctx, "source.", r.job.Source.S3.String(), err)
	}
	return tables.ExplainFile("source.file", r.job.Source.File, err)
}

// readAhead reads the items, and enters those that are refused.
func (r *ends) readAhead(ctx context.Context, e *tables.Env, refused *store.UnfitItems) (err error) {
	source, err := r.openSource(ctx)
	if err != nil {
		return err
	}
	limit := aheadInFile
	applies := r.transform != nil && (!r.transform.Keyed() || !r.job.TransformOptions.HMACKeyLater)
	if applies {
		transformed := r.transformed(source)
		transformed.Begin(transform.Run{ID: uuid.NewString(), StartedAt: e.Now()}, r.destination.Keys()) // Not the run's, but as good.
		source, limit = transformed, aheadInTransformed
	}
	if r.job.Source.S3 != nil {
		limit = aheadInObjects
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	var check *compare.Keys
	if r.meet() && (applies || r.transform == nil) {
		if check, err = compare.NewKeys(e.Directory, r.destination.Key); err != nil {
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
		if refused.Add(page.Refused); refused.Count > 0 && !r.job.SkipRefused {
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
