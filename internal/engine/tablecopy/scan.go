// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// scan reads the source in this process and writes what it has read.
type scan struct{}

func (scan) scans() bool { return true }

func (scan) puts(r *plan) bool { return r.Destination != nil }

func (scan) check(context.Context, *tables.Env, *plan) problem.List { return nil }

func (scan) seconds(*plan) float64 { return 0 }

func (scan) record(ctx context.Context, r *plan) (string, error) {
	known := r.Source != nil || r.Objects != nil || r.Job.Source.File != ""
	if !known || r.Destination == nil || r.creation != nil && r.creation.State.TableID == "" {
		return "", nil // Its tables tell it apart from other runs.
	}
	return r.MovementName(ctx)
}

func (scan) run(ctx context.Context, e *tables.Env, r *plan, observer attempt.Observer) (*run.Result, error) {
	return r.fill(ctx, e, func() (*run.Result, error) { return r.move(ctx, e, observer, run.Do) })
}

// move has the items copied to a destination that exists.
func (r *plan) move(ctx context.Context, e *tables.Env, observer attempt.Observer, do run.Mover) (*run.Result, error) {
	source, err := r.OpenSource(ctx)
	if err != nil {
		return nil, err
	}
	sink, err := r.OpenSink(ctx, e)
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	transformed := r.Transformed(source)
	if transformed != nil {
		source = transformed
	}
	keys, err := r.NewKeyCheck(e, source.Definition())
	if err != nil {
		return nil, errors.Join(err, source.Close(), sink.Close(false))
	}
	result, err := do(ctx, e, run.Movement{
		Kind:        attempt.KindCopy,
		From:        r.Job.Source.String(),
		To:          r.Job.Destination.String(),
		Inputs:      r.Job.Source.Input(),
		Outputs:     r.Job.Destination.Output(),
		Advice:      r.Job.ItemAdvice(r.Share == nil),
		Source:      r.Share.Of(keys.Over(source)),
		Transformed: transformed,
		Sink:        sink,
		Segments:    r.Segments(),
		Writers:     r.Job.Throughput.Pool(r.Writers()),
		Limits:      r.Limits,
		Estimate:    r.ItemCount(),
		Reads:       r.Source,
		Writes:      r.Destination,
		Attribute:   job.DestinationTable,
		SkipRefused: r.Job.SkipRefused,
		Conflict:    r.Job.Conflict(),
		Verify:      r.Verification(sink),
		Finish:      r.finish,
		Own:         r.own,
		Triggers:    r.Job.Triggers,
		Share:       r.Share,
		Keys:        keys,
	}, observer)
	if err != nil {
		return nil, err
	}
	if export, ok := sink.(*store.S3Sink); ok {
		result.DestinationS3Prefix = export.Root()
	}
	if result.Ledger.Failed > 0 {
		result.Warnings = append(result.Warnings, failedWarning(result))
	}
	result.Method, result.MethodReason = r.choice.Method, r.choice.Reason
	return result, nil
}

// failedWarning warns that the run is complete without some of the items.
func failedWarning(result *run.Result) *problem.Problem {
	return &problem.Problem{
		Summary:   fmt.Sprintf("%d Of %d Items Were Set Aside", result.Ledger.Failed, result.Ledger.Scanned),
		Attribute: "on_item_error", Warning: true,
		Cause: "The destination does not have them: a step of transform could not be applied to them, or DynamoDB refused " +
			"them for good. Each is in the file " + result.DeadLetterPath + ", with the reason.",
		Next: "To copy them too, correct them in the file, and copy it as the source.file of another run: the lines with " +
			"Step with the same transform, the others without.",
	}
}
