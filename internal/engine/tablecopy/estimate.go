// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/estimate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Estimate estimates the job. What CheckCopy finds is an error here too.
func Estimate(ctx context.Context, e *tables.Env, j job.Copy) (*estimate.Estimate, error) {
	ready, problems := prepare(ctx, e, j, plan{})
	if err := problems.FirstError(); err != nil {
		return nil, err
	}
	cost := estimate.Estimate{Method: ready.choice.Method, MethodReason: ready.choice.Reason}
	var err error
	if ready.source != nil {
		cost.Items, cost.Bytes = ready.source.Holds(j.Source.Index)
		if ready.method.scans() {
			cost.Read(ready.source, j.Source.Index, j.Source.ConsistentRead, ready.limits.Read)
		}
	} else if cost.Items, cost.Bytes, err = ready.measure(ctx); err != nil {
		return nil, err
	}
	if ready.method.puts(ready) {
		puts := estimate.Demand{Table: estimate.UnitsFor(cost.Items, cost.Bytes), Indexes: map[string]float64{}}
		for name, projection := range ready.destination.Indexes() {
			// As if every item were in the index.
			puts.Indexes[name] = puts.Table
			if projection == types.ProjectionTypeKeysOnly {
				puts.Indexes[name] = float64(cost.Items)
			}
		}
		cost.Write(ready.destination, puts, ready.limits.Write)
	}
	cost.Seconds += ready.method.seconds(ready)
	return &cost, nil
}

// measure counts the items of a source that is no table, and their bytes as DynamoDB JSON; of an export made by AWS the manifest tells.
func (r *plan) measure(ctx context.Context) (items, bytes int64, err error) {
	if r.objects != nil {
		if items, bytes := r.objects.Size(); bytes > 0 {
			return items, bytes, nil
		}
	}
	source, err := r.openSource(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	parts := r.sourceSegments()
	var page store.Page
	for number := range parts {
		for more, after := true, []byte(nil); more; more, after = page.Next != nil, page.Next {
			if err := source.Read(ctx, store.Segment{Number: number, Total: parts}, after, &page); err != nil {
				if r.objects != nil {
					return 0, 0, tables.ExplainS3In(ctx, "source.", r.job.Source.S3.String(), err)
				}
				return 0, 0, tables.ExplainFile("source.file", r.job.Source.File, err)
			}
			items += int64(len(page.Items))
			for _, item := range page.Items {
				bytes += int64(len(item))
			}
		}
	}
	return items, bytes, nil
}
