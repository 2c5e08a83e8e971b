// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package ends

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/verify"
)

// Verification returns the verification that the job asks for, nil for none.
func (r *Ends) Verification(sink store.Sink) *verify.Verification {
	if !r.Job.Verifies() {
		return nil
	}
	v := &verify.Verification{
		How:            r.Job.Verify,
		Source:         func(ctx context.Context) (store.Source, error) { return r.OpenSource(ctx) },
		SourceSegments: r.SourceSegments(), DestinationSegments: 1, Key: r.destinationKey(), ReadUnits: r.Limits.Read,
	}
	if r.Destination == nil {
		v.Items = func(context.Context) (store.Source, error) { return store.OpenJSONLines(r.Job.Destination.File, nil) }
		if export, ok := sink.(*store.S3Sink); ok {
			v.Items = func(ctx context.Context) (store.Source, error) { return export.Reopen(ctx) }
			v.DestinationSegments = store.S3Queues
		}
		v.Keys = v.Items
		v.Empty = func(context.Context) (bool, error) { return true, nil } // It is made anew.
		return v
	}
	v.DestinationSegments = r.Destination.Segments()
	scan := func(keysOnly bool) verify.Opener {
		return func(ctx context.Context) (store.Source, error) {
			// Only a strongly consistent read is sure to find what was just written.
			return r.Destination.NewScan(ctx, store.Scan{ConsistentRead: true, KeysOnly: keysOnly, PageUnits: r.Limits.Read})
		}
	}
	v.Items, v.Keys = scan(false), scan(true)
	v.Empty = r.Destination.Empty
	return v
}
