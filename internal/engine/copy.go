// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// MethodScan copies with Scan and BatchWriteItem.
const MethodScan = "scan"

// What becomes of an item of the destination table that has the key of one that is copied: it is replaced, it stays and the
// other is skipped, or it ends the run.
const (
	ConflictOverwrite = "overwrite"
	ConflictSkip      = "skip"
	ConflictFail      = "fail"
)

// CopyJob is a copy of a table, an index, a file or objects in S3 to a table, a file or S3.
type CopyJob struct {
	Source      CopySource
	Destination CopyDestination
	// Method is MethodAuto, also when empty, MethodScan, MethodEMR, MethodExport, which Export belongs to, or MethodRestore, with Restore.
	Method  string
	Export  Export
	Restore Restore
	// EMR says how MethodEMR runs. Nil is not known yet, which CheckCopy lets pass.
	EMR *spark.Config `json:"-"`
	// Filter lets items pass, evaluated by DynamoDB; nil lets all pass. A file has no filter.
	Filter *filter.Filter
	// Transform are the steps that change the items, in order, with what they need to know besides: a secret, which goes nowhere.
	Transform        []transform.Step
	TransformOptions transform.Options `json:"-"`
	// TransformLater says that the steps are not known yet. CheckCopy lets that pass; such a job must not be run.
	TransformLater bool
	// SamplePercent is the share of the partition keys to copy, up to 100; 0 means all of them.
	SamplePercent float64
	// OnConflict is ConflictOverwrite, also when empty, ConflictSkip or ConflictFail.
	OnConflict string
	// Verify is VerifyNone, also when empty, VerifyCount or VerifyFull.
	Verify string
	// SkipRefused writes items that DynamoDB refuses for good to a file and goes on; without it they end the run.
	SkipRefused bool
	Throughput  Throughput
	// Triggers tell a run apart from another one of the same definition.
	Triggers map[string]string

	segment *segment
}

// CopySource is a table, a file or a folder in S3. With none of them it is not known yet, which CheckCopy lets pass.
type CopySource struct {
	// Table is a name or an ARN, Index one of its secondary indexes, to be read in its stead.
	Table, Index   string
	ConsistentRead bool
	Side           awsconn.Side
	// File is the path of a file with one item a line.
	File string
	// S3 is a folder in a bucket, which Side reaches; nil for none.
	S3 *S3Source
}

// CopyDestination is a table, a file or a folder in S3. With none of them it is not known yet, which CheckCopy lets pass.
type CopyDestination struct {
	// Table is a name or an ARN.
	Table string
	Side  awsconn.Side
	// Create is how much of the source table a table that is missing gets; empty for none, which is an error then. KMSKeyARN is the
	// key to encrypt it with, empty for the source's.
	Create    settings.Level
	KMSKeyARN string
	// File is the path of the file that is made or replaced.
	File string
	// S3 is where an export is made, in a bucket which Side reaches; nil for none.
	S3 *store.S3Place
}

// CheckCopy finds what is wrong with the job, and remarks on it, without changing anything.
func (e *Engine) CheckCopy(ctx context.Context, job CopyJob) []*problem.Problem {
	_, problems := e.prepareCopy(ctx, job)
	return problems
}

// Copy runs the job. What CheckCopy finds is an error here too. If ctx ends, or the run fails, what was written stays and the progress
// stays in the journal, except that of a copy to a file or to S3 by a Scan. The next call with the same job resumes there within
// GoOnWithin, if the tables are still the same ones.
func (e *Engine) Copy(ctx context.Context, job CopyJob, observer Observer) (*Result, error) {
	ready, problems := e.prepareCopy(ctx, job)
	if err := firstError(problems); err != nil {
		return nil, err
	}
	if err := job.segment.check(ready.objects); err != nil {
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
	source = job.segment.of(source)
	result, err := e.run(ctx, movement{
		kind: kindCopy, conflict: job.conflict(), verify: ready.verification(job, sink), from: job.Source.String(), to: job.Destination.String(),
		inputs: job.Source.input(), outputs: job.Destination.output(),
		source: source, transformed: transformed, sink: sink, parts: ready.partsOf(job), writers: job.Throughput.crew(ready.writers(job)),
		limits: ready.limits, estimate: ready.estimate(),
		reads: ready.source, writes: ready.destination, attribute: "destination.table", skipRefused: job.SkipRefused, triggers: job.Triggers,
		segment: job.segment, spread: ready.spread(job),
		finish: ready.finish,
	}, observer)
	if err != nil {
		return nil, err
	}
	if export, ok := sink.(*store.S3Sink); ok {
		result.DestinationS3Prefix = export.Root()
	}
	result.Method, result.MethodReason = ready.choice.method, ready.choice.reason
	return result, nil
}

// openSource opens what the job copies: all that is read, less what is not in the sample.
func (r *readyCopy) openSource(ctx context.Context, job CopyJob) (store.Source, error) {
	source, err := r.openItems(ctx, job)
	if err != nil || !job.samples() {
		return source, err
	}
	return store.NewSample(source, r.sampleKey()[0], job.SamplePercent), nil
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
	return &distribution{config: sparkConfig(job.EMR, job.Throughput), concurrency: job.Throughput.Concurrency, task: func(share Throughput) Task {
		job.Method, job.Verify, job.Throughput, job.Triggers = MethodScan, VerifyNone, share, nil
		job.Destination.Create, job.Destination.KMSKeyARN = "", "" // The table is there when the job is started.
		return Task{Copy: &job, Objects: objectsHash(r.objects)}
	}}
}

// partsOf is how many parts the job reads its source in, or spreads over machines.
func (r *readyCopy) partsOf(job CopyJob) int {
	switch {
	case job.segment != nil:
		return job.segment.size
	case job.Method == MethodEMR:
		return or(job.Throughput.Segments, r.taskSegments(sparkConfig(job.EMR, job.Throughput).Tasks()))
	}
	return or(job.Throughput.Segments, r.parts())
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

// conflict is what becomes of items that are there, empty if they are replaced.
func (job CopyJob) conflict() string {
	if !job.conditional() {
		return ""
	}
	return job.OnConflict
}

// conditional says whether the destination is looked at before an item is written.
func (job CopyJob) conditional() bool {
	return job.OnConflict == ConflictSkip || job.OnConflict == ConflictFail
}

// verifies says whether the destination is looked at when the copy is complete.
func (job CopyJob) verifies() bool { return job.Verify == VerifyCount || job.Verify == VerifyFull }

// samples says whether only a share of the items is copied.
func (job CopyJob) samples() bool { return job.SamplePercent > 0 && job.SamplePercent < 100 }

// sampleKey is the key whose partition key decides about an item: the source table's, also when one of its indexes is read,
// so that the same items are chosen; for a file, the destination's.
func (r *readyCopy) sampleKey() []item.KeyAttribute {
	if r.source == nil {
		return r.destinationKey()
	}
	return r.source.Key
}

// transforms says whether the items are changed, also by steps that are not known yet or cannot be compiled.
func (job CopyJob) transforms() bool { return job.TransformLater || len(job.Transform) > 0 }

// scan is what the job reads of its source table.
func (job CopyJob) scan() store.Scan {
	return store.Scan{Index: job.Source.Index, ConsistentRead: job.Source.ConsistentRead, Filter: job.Filter}
}

// value returns what p points to, or zero.
func value[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
