// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// checkCopy finds what is wrong with the job, and remarks on it, without changing anything.
func checkCopy(ctx context.Context, e *tables.Env, j job.Copy) []*problem.Problem {
	if _, err := e.Journal.Names(ctx); err != nil {
		return []*problem.Problem{attempt.Explain(ctx, err)}
	}
	ready, problems := prepareCopy(ctx, e, j, readyCopy{})
	if problems.FirstError() != nil {
		return tables.AnnouncePassing(problems)
	}
	j.Method = ready.choice.Method
	intent, err := ready.intent(ctx, j)
	if err != nil {
		return append(problems, tables.Explain(ctx, err))
	}
	return append(problems, records.WarnOfOthers(ctx, e, intent)...)
}

// runCopy runs the job. What CheckCopy finds is an error here too. If ctx ends, or the run fails, what was written stays and the progress
// stays in the journal, except that of a copy to a file or to S3 by a Scan. The next call with the same job resumes there within
// GoOnWithin, if the tables are still the same ones.
func runCopy(ctx context.Context, e *tables.Env, j job.Copy, observer attempt.Observer) (*run.Result, error) {
	return copyShare(ctx, e, j, nil, observer)
}

// copyShare runs the job, or its share of a source that is spread over machines.
func copyShare(ctx context.Context, e *tables.Env, j job.Copy, share *job.Share, observer attempt.Observer) (*run.Result, error) {
	ready, err := attempt.Prepare(ctx, e, observer, func() (*readyCopy, problem.List) { return prepareCopy(ctx, e, j, readyCopy{share: share}) })
	if err != nil {
		return nil, err
	}
	if err := ready.refuseUnfinished(); err != nil {
		return nil, err
	}
	if err := checkObjects(share, ready.objects); err != nil {
		return nil, err
	}
	j.Method = ready.choice.Method
	switch {
	case ready.replaced != nil:
		return copyByReplacing(ctx, e, j, ready, observer)
	case ready.creation != nil:
		return copyToNew(ctx, e, j, ready, observer)
	}
	return copyItems(ctx, e, j, ready, observer)
}

// copyItems copies to what is there.
func copyItems(ctx context.Context, e *tables.Env, j job.Copy, ready *readyCopy, observer attempt.Observer) (*run.Result, error) {
	if j.Exports() {
		return copyByExport(ctx, e, j, ready, observer)
	}
	source, err := ready.openSource(ctx, j)
	if err != nil {
		return nil, err
	}
	sink, err := ready.openSink(ctx, e, j)
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	transformed := ready.transformed(source)
	if transformed != nil {
		source = transformed
	}
	keys, err := ready.newKeyCheck(e, j, source.Definition())
	if err != nil {
		return nil, errors.Join(err, source.Close(), sink.Close(false))
	}
	source = ready.share.Of(keys.Over(source))
	m := run.Movement{
		Kind: attempt.KindCopy, Conflict: j.Conflict(), Verify: ready.verification(j, sink), From: j.Source.String(), To: j.Destination.String(),
		Inputs: j.Source.Input(), Outputs: j.Destination.Output(), Advice: j.ItemAdvice(ready.share == nil),
		Source: source, Transformed: transformed, Sink: sink, Parts: ready.partsOf(j), Writers: j.Throughput.Pool(ready.writers(j)),
		Limits: ready.limits, Estimate: ready.estimate(),
		Reads: ready.source, Writes: ready.destination, Attribute: "destination.table", SkipRefused: j.SkipRefused, Triggers: j.Triggers,
		Segment: ready.share, Keys: keys,
		Finish: ready.finish, Own: ready.own,
	}
	var result *run.Result
	if spread := ready.spread(j); spread != nil {
		result, err = cluster.Do(ctx, e, m, spread, observer)
	} else {
		result, err = run.Do(ctx, e, m, observer)
	}
	if err != nil {
		return nil, err
	}
	if export, ok := sink.(*store.S3Sink); ok {
		result.DestinationS3Prefix = export.Root()
	}
	if result.Ledger.Failed > 0 {
		result.Remarks = append(result.Remarks, failedRemark(result))
	}
	result.Method, result.MethodReason = ready.choice.Method, ready.choice.Reason
	return result, nil
}

// failedRemark says that the run is complete without some of the items.
func failedRemark(result *run.Result) *problem.Problem {
	return &problem.Problem{
		Summary:   fmt.Sprintf("%d Of %d Items Were Set Aside", result.Ledger.Failed, result.Ledger.Scanned),
		Attribute: "on_item_error", Warning: true,
		Cause: "The destination does not have them: a step of transform could not be applied to them, or DynamoDB refused them for good. Each is in the file " + result.DeadLetterPath + ", with the reason.",
		Next:  "To copy them too, correct them in the file, and copy it as the source.file of another run: the lines with Step with the same transform, the others without.",
	}
}

// openSource opens what the job copies: all that is read, less what is not in the sample.
func (r *readyCopy) openSource(ctx context.Context, j job.Copy) (store.Source, error) {
	source, err := r.openItems(ctx, j)
	if err != nil {
		return nil, err
	}
	return r.chosen(source, j), nil
}

// chosen is the source less what is not in the sample, and less what no table would take; what comes from a table needs no such look.
func (r *readyCopy) chosen(source store.Source, j job.Copy) store.Source {
	if j.Samples() {
		source = store.NewSample(source, r.sampleKey()[0], j.SamplePercent)
	}
	if r.source == nil {
		source = store.Judge(source, r.fits(j))
	}
	return source
}

// fits looks for what keeps an item of the source from being written. What becomes of keys and sizes in a transform is only known behind it.
func (r *readyCopy) fits(j job.Copy) func(raw []byte) error {
	if r.destination == nil || j.Transforms() {
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

func (r *readyCopy) openItems(ctx context.Context, j job.Copy) (store.Source, error) {
	if r.source != nil {
		scan := j.Scan()
		scan.PageUnits = r.limits.Read // A second's worth.
		return r.source.NewScan(ctx, scan)
	}
	if r.objects != nil {
		return r.objects, nil
	}
	source, err := store.OpenJSONLines(j.Source.File, r.sourceKey(j))
	if err != nil {
		return nil, tables.ExplainFile("source.file", j.Source.File, err)
	}
	return source, nil
}

// transformed is the source with the job's transform behind it, nil without one.
func (r *readyCopy) transformed(source store.Source) *store.Transformed {
	if r.transform == nil {
		return nil
	}
	return store.Transform(source, r.transform)
}

// spread says how the job is spread over machines, nil for this one alone. There it is a scan, of each segment; this machine
// verifies.
func (r *readyCopy) spread(j job.Copy) *cluster.Spread {
	if j.Method != job.MethodEMR {
		return nil
	}
	return &cluster.Spread{Config: job.SparkConfig(j.EMR, j.Throughput), Throughput: j.Throughput, Task: func(share job.Throughput) cluster.Task {
		j.Method, j.Verify, j.Throughput, j.Triggers = job.MethodScan, job.VerifyNone, share, nil
		j.Destination.Create, j.Destination.KMSKeyARN = "", "" // The table is there when the job is started.
		return cluster.Task{Copy: &j, Objects: objectsHash(r.objects)}
	}}
}

// partsOf is how many parts the job reads its source in, or spreads over machines.
func (r *readyCopy) partsOf(j job.Copy) int {
	switch {
	case r.share != nil:
		return r.share.Segments
	case j.Method == job.MethodEMR:
		return cmp.Or(j.Throughput.Segments, r.taskSegments(job.SparkConfig(j.EMR, j.Throughput).Tasks()))
	}
	return cmp.Or(j.Throughput.Segments, r.parts())
}

// parts is how many parts the source is best read in on one machine.
func (r *readyCopy) parts() int {
	switch {
	case r.source != nil:
		return r.source.Segments()
	case r.objects != nil:
		return r.objects.Parts()
	}
	return 1
}

// writers is how many requests write at once. A file is written by one at a time, whatever the number.
func (r *readyCopy) writers(j job.Copy) job.Pool {
	if j.Destination.S3 != nil {
		return s3Writers
	}
	if r.destination == nil {
		return job.Pool{First: 1, Most: 1}
	}
	if j.Conditional() {
		return conditionalWriters
	}
	return writers
}

// estimate is about how many items the source holds, 0 if that is not known.
func (r *readyCopy) estimate() int64 {
	switch {
	case r.source != nil:
		return optional.Value(r.source.Description.ItemCount)
	case r.objects != nil:
		items, _ := r.objects.Size()
		return items
	}
	return 0
}

func (r *readyCopy) openSink(ctx context.Context, e *tables.Env, j job.Copy) (store.Sink, error) {
	if r.destination != nil && j.Conditional() {
		return r.destination.NewConditionalPuts(ctx, j.OnConflict == job.ConflictFail)
	}
	if r.destination != nil {
		return r.destination.NewPuts()
	}
	if j.Destination.S3 != nil {
		return r.createS3(ctx, e, j), nil
	}
	sink, err := store.CreateJSONLines(j.Destination.File)
	if err != nil {
		return nil, tables.ExplainFile("destination.file", j.Destination.File, err)
	}
	return sink, nil
}

// sampleKey is the key whose partition key decides about an item: the source table's, also when one of its indexes is read,
// so that the same items are chosen; for a file, the destination's.
func (r *readyCopy) sampleKey() []item.KeyAttribute {
	if r.source == nil {
		return r.destinationKey()
	}
	return r.source.Key
}
