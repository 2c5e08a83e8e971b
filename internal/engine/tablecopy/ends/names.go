// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package ends

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
)

// ExportName returns the name of the record of a copy by export. The next apply of the same run finds the record by it.
func (r *Ends) ExportName(ctx context.Context) (string, error) {
	j := r.Job
	source, err := r.OpenSource(ctx) // Only for its definition, which the filter and the transform are part of.
	if err != nil {
		return "", err
	}
	if transformed := r.Transformed(source); transformed != nil {
		source = transformed
	}
	place, _ := j.ExportPlace()
	definition, err := json.Marshal([]any{
		r.Source.ARN(), string(source.Definition()), r.Destination.ARN(), j.Destination.String(), place, j.Export.At,
		j.Conflict(), j.Verify, j.Triggers,
	})
	return journal.ExportName(definition), errors.Join(err, source.Close())
}

// MovementName returns the name of the record of a copy that moves items to a table.
func (r *Ends) MovementName(ctx context.Context) (string, error) {
	source, err := r.OpenSource(ctx)
	if err != nil {
		return "", err
	}
	if transformed := r.Transformed(source); transformed != nil {
		source = transformed
	}
	m := run.Movement{
		Kind: attempt.KindCopy, Source: source, Reads: r.Source, Writes: r.Destination, Attribute: job.DestinationTable,
		Conflict: r.Job.Conflict(), Verify: r.Verification(nil), Triggers: r.Job.Triggers,
		Spread: r.Job.Distributed(), To: r.Job.Destination.String(),
	}
	return m.Name(), source.Close()
}
