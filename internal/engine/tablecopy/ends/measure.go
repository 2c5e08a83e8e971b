// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package ends

import (
	"context"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// Measure counts the items of a source that is not a table, and their bytes as DynamoDB JSON. The manifest of an export
// that AWS made has both.
func (r *Ends) Measure(ctx context.Context) (items, bytes int64, err error) {
	if r.Objects != nil {
		if items, bytes := r.Objects.Size(); bytes > 0 {
			return items, bytes, nil
		}
	}
	source, err := r.OpenSource(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	parts := r.SourceSegments()
	var page store.Page
	for number := range parts {
		for more, after := true, []byte(nil); more; more, after = page.Next != nil, page.Next {
			if err := source.Read(ctx, store.Segment{Number: number, Total: parts}, after, &page); err != nil {
				if r.Objects != nil {
					return 0, 0, explain.S3In(ctx, "source.", r.Job.Source.S3.String(), err)
				}
				return 0, 0, explain.File("source.file", r.Job.Source.File, err)
			}
			items += int64(len(page.Items))
			for _, item := range page.Items {
				bytes += int64(len(item))
			}
		}
	}
	return items, bytes, nil
}
