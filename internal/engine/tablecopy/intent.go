// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
)

// intent is what the copy is about to do. Its own records are those that it would take as far as it is known.
func (r *plan) intent(ctx context.Context, j job.Copy) (records.Intent, error) {
	i := records.Intent{Reads: records.UseOf(r.source, job.SourceTable)}
	if r.creation != nil {
		i.Own = append(i.Own, newtable.RecordName(r.creation.Clients, j.DestinationRef()))
	}
	if j.Exports() && r.source != nil {
		name, err := exportName(ctx, j, r)
		if err != nil {
			return i, err
		}
		i.Own = append(i.Own, name)
	}
	if r.destination == nil || r.creation != nil && r.creation.State.TableID == "" || r.replaced != nil && r.replaced.State.Dropped() {
		return i, nil // It is still to be made.
	}
	i.Writes, i.Change = records.UseOf(r.destination, job.DestinationTable), &records.Change{Table: r.destination, Adds: true}
	known := r.source != nil || r.objects != nil || j.Source.File != ""
	if j.Exports() || j.Restores() || !known {
		return i, nil
	}
	name, err := r.movementName(ctx, j)
	i.Own = append(i.Own, name)
	return i, err
}

// movementName is the name of the record of the copy's movement of items to a table.
func (r *plan) movementName(ctx context.Context, j job.Copy) (string, error) {
	source, err := r.openSource(ctx, j)
	if err != nil {
		return "", err
	}
	if transformed := r.transformed(source); transformed != nil {
		source = transformed
	}
	m := run.Movement{
		Kind: attempt.KindCopy, Source: source, Reads: r.source, Writes: r.destination, Attribute: job.DestinationTable, Conflict: j.Conflict(), Verify: r.verification(j, nil), Triggers: j.Triggers,
		Spread: j.Method == job.MethodEMR, To: j.Destination.String(),
	}
	return m.Name(), source.Close()
}
