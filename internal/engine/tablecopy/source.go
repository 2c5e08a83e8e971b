// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// openSource opens what the job copies: all that is read, less what is not in the sample.
func (r *ends) openSource(ctx context.Context) (store.Source, error) {
	source, err := r.openItems(ctx)
	if err != nil {
		return nil, err
	}
	return r.chosen(source), nil
}

// chosen is the source less what is not in the sample, and less what no table would take; what comes from a table needs no such look.
func (r *ends) chosen(source store.Source) store.Source {
	if r.job.Samples() {
		source = store.NewSample(source, r.sampleKey()[0], r.job.SamplePercent)
	}
	if r.source == nil {
		source = store.Judge(source, r.fits())
	}
	return source
}

// fits looks for what keeps an item of the source from being written. What becomes of keys and sizes in a transform is only known behind it.
func (r *ends) fits() func(raw []byte) error {
	if r.destination == nil || r.job.Transforms() {
		return item.Check
	}
	keys := r.destination.Keys()
	return func(raw []byte) error {
		if err := item.Check(raw); err != nil {
			return err
		}
		return keys.Fit(raw)
	}
}

func (r *ends) openItems(ctx context.Context) (store.Source, error) {
	if r.source != nil {
		scan := r.job.Scan()
		scan.PageUnits = r.limits.Read // A second's worth.
		return r.source.NewScan(ctx, scan)
	}
	if r.objects != nil {
		return r.objects, nil
	}
	source, err := store.OpenJSONLines(r.job.Source.File, r.sourceKey())
	if err != nil {
		return nil, tables.ExplainFile("source.file", r.job.Source.File, err)
	}
	return source, nil
}

// transformed is the source with the job's transform behind it, nil without one.
func (r *ends) transformed(source store.Source) *store.Transformed {
	if r.transform == nil {
		return nil
	}
	return store.Transform(source, r.transform)
}

// sourceSegments is how many parts the source is best read in on one machine.
func (r *ends) sourceSegments() int {
	switch {
	case r.source != nil:
		return r.source.Segments()
	case r.objects != nil:
		return r.objects.Segments()
	}
	return 1
}

// itemCount is about how many items the source holds, 0 if that is not known.
func (r *ends) itemCount() int64 {
	switch {
	case r.source != nil:
		return optional.Value(r.source.Description.ItemCount)
	case r.objects != nil:
		items, _ := r.objects.Size()
		return items
	}
	return 0
}

// sampleKey is the key whose partition key decides about an item: the source table's, also when one of its indexes is read,
// so that the same items are chosen; for a file, the destination's.
func (r *ends) sampleKey() []item.KeyAttribute {
	if r.source == nil {
		return r.destinationKey()
	}
	return r.source.Key
}

// sourceKey is what every item of a source file has to have: the destination's key, unless a transform may make it. A sample is
// taken before that, and needs the partition key.
func (r *ends) sourceKey() []item.KeyAttribute {
	key := r.destinationKey()
	switch {
	case !r.job.Transforms():
		return key
	case r.job.Samples() && len(key) > 0:
		return key[:1]
	}
	return nil
}
