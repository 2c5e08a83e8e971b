// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package ends

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// OpenSource opens what the job copies: the source's items, or a sample of them.
func (r *Ends) OpenSource(ctx context.Context) (store.Source, error) {
	source, err := r.openItems(ctx)
	if err != nil {
		return nil, err
	}
	return r.chosen(source), nil
}

// chosen leaves out items that are not in the sample, and refuses items that no table accepts. Items of a table need no
// such check.
func (r *Ends) chosen(source store.Source) store.Source {
	if r.Job.Samples() {
		source = store.NewSample(source, r.sampleKey()[0], r.Job.SamplePercent)
	}
	if r.Source == nil {
		source = store.Judge(source, r.fits())
	}
	return source
}

// fits returns the check whether an item can be written. With a transform, keys and sizes are known only after it.
func (r *Ends) fits() func(raw []byte) error {
	if r.Destination == nil || r.Job.Transforms() {
		return item.Check
	}
	keys := r.Destination.Keys()
	return func(raw []byte) error {
		if err := item.Check(raw); err != nil {
			return err
		}
		return keys.Fit(raw)
	}
}

func (r *Ends) openItems(ctx context.Context) (store.Source, error) {
	if r.Source != nil {
		scan := r.Job.Scan()
		scan.PageUnits = r.Limits.Read // A second's worth.
		return r.Source.NewScan(ctx, scan)
	}
	if r.Objects != nil {
		return r.Objects, nil
	}
	source, err := store.OpenJSONLines(r.Job.Source.File, r.sourceKey())
	if err != nil {
		return nil, explain.File("source.file", r.Job.Source.File, err)
	}
	return source, nil
}

// Transformed returns the source with the job's transform applied, nil without a transform.
func (r *Ends) Transformed(source store.Source) *store.Transformed {
	if r.Transform == nil {
		return nil
	}
	return store.Transform(source, r.Transform)
}

// SourceSegments returns how many segments the source is best read in on one machine.
func (r *Ends) SourceSegments() int {
	switch {
	case r.Source != nil:
		return r.Source.Segments()
	case r.Objects != nil:
		return r.Objects.Segments()
	}
	return 1
}

// ItemCount returns about how many items the source holds, 0 if that is not known.
func (r *Ends) ItemCount() int64 {
	switch {
	case r.Source != nil:
		return optional.Value(r.Source.Description.ItemCount)
	case r.Objects != nil:
		items, _ := r.Objects.Size()
		return items
	}
	return 0
}

// sampleKey returns the key whose partition key decides whether an item is in the sample. For an index it is the
// table's, so that the same items are chosen; for a file it is the destination's.
func (r *Ends) sampleKey() []item.KeyAttribute {
	if r.Source == nil {
		return r.destinationKey()
	}
	return r.Source.Key
}

// sourceKey returns what every item of a source file must have: the destination's key, unless a transform may set it. A
// sample is taken before the transform and needs the partition key.
func (r *Ends) sourceKey() []item.KeyAttribute {
	key := r.destinationKey()
	switch {
	case !r.Job.Transforms():
		return key
	case r.Job.Samples() && len(key) > 0:
		return key[:1]
	}
	return nil
}
