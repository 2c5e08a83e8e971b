// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package exporting

import (
	"fmt"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// loading returns how the items get to the destination, and why not in the faster way before that.
func (p *Plan) loading() (how Loading, why string) {
	switch {
	case p.Job.ExportsDirectly():
		return LoadNothing, ""
	case p.Creation != nil && p.Creation.State.Import:
		return LoadImport, ""
	case p.Job.NeedsReading() != "":
		return LoadRead, p.Job.NeedsReading()
	case p.Limits.Write > 0 && p.Limits.Write < managed.LeastBulkRate:
		return LoadRead, fmt.Sprintf(
			"throughput allows less than the %d write units a second of a bulk operation",
			managed.LeastBulkRate,
		)
	case len(p.Destination.Description.Replicas) > 0:
		return LoadRead, "the destination is a global table"
	case p.Creation == nil && p.Destination.IndexInCreation() != "":
		return LoadRead, fmt.Sprintf("the destination's index %q is being created", p.Destination.IndexInCreation())
	case p.SameKeys:
		return LoadRead, "two items may have one key at the destination, of which DynamoDB would count both"
	case p.Creation != nil:
		return LoadBulkPut, CannotImport(p.Job, p.Limits, p.Creation)
	}
	return LoadBulkPut, ""
}

// CannotImport returns why ImportTable does not create the job's new table, empty if it does.
func CannotImport(j job.Copy, limits tables.Limits, creation *newtable.Creation) string {
	if why := j.NeedsReading(); why != "" {
		return why
	}
	if limits.Write > 0 {
		return "throughput limits the writes, which an import does not"
	}
	_, lacking, err := creation.State.Wanted.ImportTable(creation.State.Wanted.Table.Name)
	switch {
	case err != nil:
		return "its settings cannot be read"
	case len(lacking) > 0:
		return "ImportTable makes no table with " + strings.Join(lacking, " and ")
	case creation.State.TableID != "":
		return "the table exists already"
	}
	return ""
}
