// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"math"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Estimate is about what a run would do. It is computed from DescribeTable, whose counts and sizes are up to six hours old
// ("DescribeTable" in the Amazon DynamoDB API Reference), as if every item passed the filter and were in the sample, and
// without a verification.
type Estimate struct {
	// Items and Bytes are what is read: as DynamoDB counts it, or of a file or objects as DynamoDB JSON.
	Items, Bytes int64
	// ReadUnits and WriteUnits are capacity units, those of the destination's indexes among them.
	ReadUnits, WriteUnits float64
	// Seconds is how long that takes at the rate that the tables and the job's limits allow.
	Seconds float64
	// Method and MethodReason are those that the run would have.
	Method, MethodReason string
}

// Sizes in which capacity units are counted ("DynamoDB read and write operations" in the Developer Guide): a strongly
// consistent read unit is 4 KB, one that is not 8 KB, and a write unit is 1 KB, begun anew for each item.
const (
	strongUnit   = 4 << 10
	eventualUnit = 8 << 10
	writeUnit    = 1 << 10
)

// What a new on-demand table takes in a second ("Initial throughput for on-demand capacity mode" in the Developer Guide).
const (

	// recreateSeconds is about how long DynamoDB takes to delete a table and to make one, whatever it holds.
	recreateSeconds = 60
	// awsSeconds is about how long AWS takes at least to restore, to export or to import a table. What more a large one takes is not known.
	awsSeconds = 300
)

// estimateCopy estimates the job. What CheckCopy finds is an error here too.
func estimateCopy(ctx context.Context, e *tables.Env, j job.Copy) (*Estimate, error) {
	ready, problems := prepareCopy(ctx, e, j, readyCopy{})
	if err := problems.FirstError(); err != nil {
		return nil, err
	}
	j.Method = ready.choice.Method
	estimate := Estimate{Method: ready.choice.Method, MethodReason: ready.choice.Reason}
	var err error
	if ready.source != nil {
		estimate.Items, estimate.Bytes = ready.source.Holds(j.Source.Index)
		if !j.Exports() && !j.Restores() {
			estimate.read(ready.source, j.Source.Index, j.Source.ConsistentRead, ready.limits.Read)
		}
	} else if estimate.Items, estimate.Bytes, err = ready.measure(ctx, j); err != nil {
		return nil, err
	}
	if ready.takesWriteUnits(j) {
		puts := demand{table: unitsFor(estimate.Items, estimate.Bytes), indexes: map[string]float64{}}
		for name, projection := range ready.destination.Indexes() {
			// As if every item were in the index.
			puts.indexes[name] = puts.table
			if projection == types.ProjectionTypeKeysOnly {
				puts.indexes[name] = float64(estimate.Items)
			}
		}
		estimate.write(ready.destination, puts, ready.limits.Write)
	}
	if j.Restores() || j.Exports() {
		estimate.Seconds += awsSeconds
	}
	if ready.willImport(j) {
		estimate.Seconds += awsSeconds
	}
	return &estimate, nil
}

// takesWriteUnits says whether items are put into the destination table, which AWS does for nothing when it makes the table with them.
func (r *readyCopy) takesWriteUnits(j job.Copy) bool {
	return r.destination != nil && !j.Restores() && !r.willImport(j)
}

// willImport says whether DynamoDB is to make the destination of an export.
func (r *readyCopy) willImport(j job.Copy) bool {
	return j.Exports() && r.creation != nil && r.cannotImport(j) == ""
}

// estimatePurge estimates the job. What CheckPurge finds is an error here too.
func estimatePurge(ctx context.Context, e *tables.Env, j job.Purge) (*Estimate, error) {
	ready, problems := preparePurge(ctx, e, j, nil)
	if err := problems.FirstError(); err != nil {
		return nil, err
	}
	opened, limits := ready.table, ready.limits
	estimate := Estimate{Method: ready.choice.Method, MethodReason: ready.choice.Reason}
	if opened != nil {
		estimate.Items, estimate.Bytes = opened.Holds("")
	}
	if ready.recreation != nil {
		estimate.Seconds = recreateSeconds
		return &estimate, nil
	}
	estimate.read(opened, "", j.Scan().ConsistentRead, limits.Read)
	deletes := demand{table: unitsFor(estimate.Items, estimate.Bytes), indexes: map[string]float64{}}
	for name := range opened.Indexes() {
		deletes.indexes[name] = unitsFor(opened.Holds(name))
	}
	estimate.write(opened, deletes, limits.Write)
	return &estimate, nil
}

// read adds what reading costs. Reading, writing and the indexes go on at the same time, so the slowest of them counts.
func (e *Estimate) read(t *tables.Table, index string, consistent bool, limit float64) {
	unit := float64(eventualUnit)
	if consistent {
		unit = strongUnit
	}
	e.ReadUnits = math.Ceil(float64(e.Bytes) / unit)
	rate, _ := t.Rates(index)
	e.Seconds = max(e.Seconds, e.ReadUnits/rate, over(e.ReadUnits, limit))
}

// write adds what writing costs.
func (e *Estimate) write(t *tables.Table, d demand, limit float64) {
	e.WriteUnits = d.table
	for name, units := range d.indexes {
		e.WriteUnits += units
		_, rate := t.Rates(name)
		e.Seconds = max(e.Seconds, units/rate)
	}
	_, rate := t.Rates("")
	e.Seconds = max(e.Seconds, d.table/rate, over(e.WriteUnits, limit))
}

// demand is how many write units a table and its indexes are to take.
type demand struct {
	table   float64
	indexes map[string]float64
}

// unitsFor is how many write units so many items cost, all taken as of the same size.
func unitsFor(items, bytes int64) float64 {
	if items == 0 {
		return 0
	}
	return float64(items) * max(1, math.Ceil(float64(bytes)/float64(items)/writeUnit))
}

// over is how long the units take at the limit, which is 0 for none.
func over(units, limit float64) float64 {
	if limit == 0 {
		return 0
	}
	return units / limit
}

// measure counts the items of a source that is no table, and their bytes as DynamoDB JSON; of an export made by AWS the manifest tells.
func (r *readyCopy) measure(ctx context.Context, j job.Copy) (items, bytes int64, err error) {
	if r.objects != nil {
		if items, bytes := r.objects.Size(); bytes > 0 {
			return items, bytes, nil
		}
	}
	source, err := r.openSource(ctx, j)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	parts := r.parts()
	var page store.Page
	for number := range parts {
		for more, after := true, []byte(nil); more; more, after = page.Next != nil, page.Next {
			if err := source.Read(ctx, store.Part{Number: number, Of: parts}, after, &page); err != nil {
				if r.objects != nil {
					return 0, 0, tables.ExplainS3In(ctx, "source.", j.Source.S3.String(), err)
				}
				return 0, 0, tables.ExplainFile("source.file", j.Source.File, err)
			}
			items += int64(len(page.Items))
			for _, item := range page.Items {
				bytes += int64(len(item))
			}
		}
	}
	return items, bytes, nil
}
