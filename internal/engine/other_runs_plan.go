// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
)

// intent is what the copy is about to do. Its own records are those that it would take as far as it is known.
func (r *readyCopy) intent(ctx context.Context, j job.Copy) (records.Intent, error) {
	i := records.Intent{Reads: records.UseOf(r.source, job.SourceTable)}
	if r.creation != nil {
		i.Own = append(i.Own, creationName(r.creation.clients, j.DestinationRef()))
	}
	if j.Exports() && r.source != nil {
		name, err := exportName(ctx, j, r)
		if err != nil {
			return i, err
		}
		i.Own = append(i.Own, name)
	}
	if r.destination == nil || r.creation != nil && r.creation.state.TableID == "" || r.replaced != nil && r.replaced.state.Dropped() {
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
func (r *readyCopy) movementName(ctx context.Context, j job.Copy) (string, error) {
	source, err := r.openSource(ctx, j)
	if err != nil {
		return "", err
	}
	if transformed := r.transformed(source); transformed != nil {
		source = transformed
	}
	m := movement{
		kind: attempt.KindCopy, source: source, reads: r.source, writes: r.destination, attribute: job.DestinationTable, conflict: j.Conflict(), verify: r.verification(j, nil), triggers: j.Triggers,
		spread: j.Method == job.MethodEMR, to: j.Destination.String(),
	}
	return m.name(), source.Close()
}

// intent is what the purge is about to do.
func (r *readyPurge) intent(ctx context.Context, j job.Purge) (records.Intent, error) {
	if r.table == nil {
		return records.Intent{}, nil
	}
	// A table that is recreated is another one, in which no run resumes.
	i := records.Intent{Writes: records.UseOf(r.table, "table"), Change: &records.Change{Table: r.table, Adds: r.recreation != nil}}
	source, err := r.table.NewScan(ctx, j.Scan())
	if err != nil {
		return i, err
	}
	m := movement{kind: attempt.KindPurge, source: source, writes: r.table, attribute: "table", triggers: j.Triggers, spread: j.Method == job.MethodEMR, to: j.Table}
	i.Own = []string{m.name()}
	if r.recreation != nil {
		i.Own = []string{records.RecreateName(r.table.Identity())}
	}
	return i, source.Close()
}
