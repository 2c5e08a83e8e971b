// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// moveItems copies to what is there.
func moveItems(ctx context.Context, e *tables.Env, j job.Copy, ready *plan, observer attempt.Observer) (*run.Result, error) {
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
		Limits: ready.limits, Estimate: ready.itemCount(),
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
		result.Remarks = append(result.Remarks, failedWarning(result))
	}
	result.Method, result.MethodReason = ready.choice.Method, ready.choice.Reason
	return result, nil
}

// failedWarning says that the run is complete without some of the items.
func failedWarning(result *run.Result) *problem.Problem {
	return &problem.Problem{
		Summary:   fmt.Sprintf("%d Of %d Items Were Set Aside", result.Ledger.Failed, result.Ledger.Scanned),
		Attribute: "on_item_error", Warning: true,
		Cause: "The destination does not have them: a step of transform could not be applied to them, or DynamoDB refused them for good. Each is in the file " + result.DeadLetterPath + ", with the reason.",
		Next:  "To copy them too, correct them in the file, and copy it as the source.file of another run: the lines with Step with the same transform, the others without.",
	}
}
