// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
)

// intent returns what the copy is about to do. Its own records are those that it would take, as far as they are known.
func (r *plan) intent(ctx context.Context) (records.Intent, error) {
	i := records.Intent{Reads: records.UseOf(r.Source, job.SourceTable)}
	if r.creation != nil {
		i.Own = append(i.Own, newtable.RecordName(r.creation.Clients, r.Job.DestinationRef()))
	}
	name, err := r.method.record(ctx, r)
	if name != "" {
		i.Own = append(i.Own, name)
	}
	if err != nil || r.Destination == nil || r.creation != nil && r.creation.State.TableID == "" ||
		r.replaced != nil && r.replaced.State.Dropped() {
		return i, err // The table is not there yet.
	}
	i.Writes = records.UseOf(r.Destination, job.DestinationTable)
	i.Change = &records.Change{Table: r.Destination, Adds: true}
	return i, nil
}
