// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// CheckCopy finds what is wrong with the job, and remarks on it, without changing anything.
func (e *Engine) CheckCopy(ctx context.Context, job CopyJob) []*problem.Problem {
	if _, err := e.Journal.Names(ctx); err != nil {
		return []*problem.Problem{journalProblem(ctx, err)}
	}
	ready, problems := e.prepareCopy(ctx, job, readyCopy{})
	if problems.FirstError() != nil {
		return announcePassing(problems)
	}
	job.Method = ready.choice.method
	intent, err := ready.intent(ctx, job)
	if err != nil {
		return append(problems, requestProblem(ctx, err))
	}
	return append(problems, e.remarkOnOthers(ctx, intent)...)
}

// Copy runs the job. What CheckCopy finds is an error here too. If ctx ends, or the run fails, what was written stays and the progress
// stays in the journal, except that of a copy to a file or to S3 by a Scan. The next call with the same job resumes there within
// GoOnWithin, if the tables are still the same ones.
func (e *Engine) Copy(ctx context.Context, job CopyJob, observer Observer) (*Result, error) {
	return e.copyShare(ctx, job, nil, observer)
}

// copyShare runs the job, or its share of a source that is spread over machines.
func (e *Engine) copyShare(ctx context.Context, job CopyJob, share *segment, observer Observer) (*Result, error) {
	ready, err := prepared(ctx, e, observer, func() (*readyCopy, problem.List) { return e.prepareCopy(ctx, job, readyCopy{share: share}) })
	if err != nil {
		return nil, err
	}
	if err := ready.refuseUnfinished(); err != nil {
		return nil, err
	}
	if err := share.check(ready.objects); err != nil {
		return nil, err
	}
	job.Method = ready.choice.method
	switch {
	case ready.replaced != nil:
		return e.copyByReplacing(ctx, job, ready, observer)
	case ready.creation != nil:
		return e.copyToNew(ctx, job, ready, observer)
	}
	return e.copyItems(ctx, job, ready, observer)
}

// copyItems copies to what is there.
func (e *Engine) copyItems(ctx context.Context, job CopyJob, ready *readyCopy, observer Observer) (*Result, error) {
	if job.exports() {
		return e.copyByExport(ctx, job, ready, observer)
	}
	source, err := ready.openSource(ctx, job)
	if err != nil {
		return nil, err
	}
	sink, err := ready.openSink(ctx, e, job)
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	transformed := ready.transformed(source)
	if transformed != nil {
		source = transformed
	}
	keys, err := ready.newKeyCheck(e, job, source.Definition())
	if err != nil {
		return nil, errors.Join(err, source.Close(), sink.Close(false))
	}
	source = ready.share.of(keys.over(source))
	result, err := e.run(ctx, movement{
		kind: kindCopy, conflict: job.conflict(), verify: ready.verification(job, sink), from: job.Source.String(), to: job.Destination.String(),
		inputs: job.Source.input(), outputs: job.Destination.output(), advice: job.itemAdvice(ready.share == nil),
		source: source, transformed: transformed, sink: sink, parts: ready.partsOf(job), writers: job.Throughput.crew(ready.writers(job)),
		limits: ready.limits, estimate: ready.estimate(),
		reads: ready.source, writes: ready.destination, attribute: "destination.table", skipRefused: job.SkipRefused, triggers: job.Triggers,
		segment: ready.share, spread: ready.spread(job), keys: keys,
		finish: ready.finish, own: ready.own,
	}, observer)
	if err != nil {
		return nil, err
	}
	if export, ok := sink.(*store.S3Sink); ok {
		result.DestinationS3Prefix = export.Root()
	}
	if result.Ledger.Failed > 0 {
		result.Remarks = append(result.Remarks, failedRemark(result))
	}
	result.Method, result.MethodReason = ready.choice.method, ready.choice.reason
	return result, nil
}

// failedRemark says that the run is complete without some of the items.
func failedRemark(result *Result) *problem.Problem {
	return &problem.Problem{
		Summary:   fmt.Sprintf("%d Of %d Items Were Set Aside", result.Ledger.Failed, result.Ledger.Scanned),
		Attribute: "on_item_error", Warning: true,
		Cause: "The destination does not have them: a step of transform could not be applied to them, or DynamoDB refused them for good. Each is in the file " + result.DeadLetterPath + ", with the reason.",
		Next:  "To copy them too, correct them in the file, and copy it as the source.file of another run: the lines with Step with the same transform, the others without.",
	}
}

// openSource opens what the job copies: all that is read, less what is not in the sample.
func (r *readyCopy) openSource(ctx context.Context, job CopyJob) (store.Source, error) {
	source, err := r.openItems(ctx, job)
	if err != nil {
		return nil, err
	}
	return r.chosen(source, job), nil
}

// chosen is the source less what is not in the sample, and less what no table would take; what comes from a table needs no such look.
func (r *readyCopy) chosen(source store.Source, job CopyJob) store.Source {
	if job.samples() {
		source = store.NewSample(source, r.sampleKey()[0], job.SamplePercent)
	}
	if r.source == nil {
		source = store.Judge(source, r.fits(job))
	}
	return source
}

// fits looks for what keeps an item of the source from being written. What becomes of keys and sizes in a transform is only known behind it.
func (r *readyCopy) fits(job CopyJob) func(raw []byte) error {
	if r.destination == nil || job.transforms() {
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

func (r *readyCopy) openItems(ctx context.Context, job CopyJob) (store.Source, error) {
	if r.source != nil {
		scan := job.scan()
		scan.PageUnits = r.limits.read // A second's worth.
		return r.source.NewScan(ctx, scan)
	}
	if r.objects != nil {
		return r.objects, nil
	}
	source, err := store.OpenJSONLines(job.Source.File, r.sourceKey(job))
	if err != nil {
		return nil, fileProblem("source.file", job.Source.File, err)
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
func (r *readyCopy) spread(job CopyJob) *distribution {
	if job.Method != MethodEMR {
		return nil
	}
	return &distribution{config: sparkConfig(job.EMR, job.Throughput), throughput: job.Throughput, task: func(share Throughput) Task {
		job.Method, job.Verify, job.Throughput, job.Triggers = MethodScan, VerifyNone, share, nil
		job.Destination.Create, job.Destination.KMSKeyARN = "", "" // The table is there when the job is started.
		return Task{Copy: &job, Objects: objectsHash(r.objects)}
	}}
}

// partsOf is how many parts the job reads its source in, or spreads over machines.
func (r *readyCopy) partsOf(job CopyJob) int {
	switch {
	case r.share != nil:
		return r.share.size
	case job.Method == MethodEMR:
		return cmp.Or(job.Throughput.Segments, r.taskSegments(sparkConfig(job.EMR, job.Throughput).Tasks()))
	}
	return cmp.Or(job.Throughput.Segments, r.parts())
}

// parts is how many parts the source is best read in on one machine.
func (r *readyCopy) parts() int {
	switch {
	case r.source != nil:
		return r.source.segments()
	case r.objects != nil:
		return r.objects.Parts()
	}
	return 1
}

// writers is how many requests write at once. A file is written by one at a time, whatever the number.
func (r *readyCopy) writers(job CopyJob) crew {
	if job.Destination.S3 != nil {
		return s3Writers
	}
	if r.destination == nil {
		return crew{1, 1}
	}
	if job.conditional() {
		return conditionalWriters
	}
	return writers
}

// estimate is about how many items the source holds, 0 if that is not known.
func (r *readyCopy) estimate() int64 {
	switch {
	case r.source != nil:
		return value(r.source.Description.ItemCount)
	case r.objects != nil:
		items, _ := r.objects.Size()
		return items
	}
	return 0
}

func (r *readyCopy) openSink(ctx context.Context, e *Engine, job CopyJob) (store.Sink, error) {
	if r.destination != nil && job.conditional() {
		return r.destination.NewConditionalPuts(ctx, job.OnConflict == ConflictFail)
	}
	if r.destination != nil {
		return r.destination.NewPuts()
	}
	if job.Destination.S3 != nil {
		return r.createS3(ctx, e, job), nil
	}
	sink, err := store.CreateJSONLines(job.Destination.File)
	if err != nil {
		return nil, fileProblem("destination.file", job.Destination.File, err)
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

// value returns what p points to, or zero.
func value[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
