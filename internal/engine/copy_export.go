// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// checkExport finds what keeps AWS from exporting the source.
func (r *readyCopy) checkExport(ctx context.Context, e *tables.Env, j job.Copy) []*problem.Problem {
	var found problem.List
	if !j.Exports() {
		if j.Export != (job.Export{}) {
			found.Add(&problem.Problem{
				Summary: "Export Without Its Method", Attribute: "export", Cause: "export says how method = \"export_import\" works, and the method is another one.",
				Next: "Set method = \"export_import\", or leave export out.",
			})
		}
		return found
	}
	found.Add(j.CannotExport()...)
	if r.source != nil {
		found.Add(r.source.Recoverable(ctx, tables.RecoveryUse{Does: "exports", Attribute: "export.point_in_time"}, j.Export.At, e.Now()))
	}
	if j.Export.To.Bucket != "" && !j.ExportsDirectly() {
		client, err := tables.S3Client(ctx, e, j.Destination.Side)
		if err == nil {
			err = tables.NoBucket(ctx, client, j.Export.To.Bucket)
		}
		if err != nil {
			found.Add(exportPlaceProblem(tables.ExplainS3In(ctx, "destination.", j.Export.To.String(), err)))
		}
	}
	return found
}

// exportPlaceProblem is the problem with the arguments that say where the export is, where the engine calls that a side in S3.
func exportPlaceProblem(p *problem.Problem) *problem.Problem {
	if p.Attribute == "source.s3" || p.Attribute == "destination.s3" {
		p.Attribute = "export.s3_bucket"
	}
	return p
}

// loading is how the items of an export come to the destination.
type loading string

// By ImportTable, which makes the table too; by StartBulkPutItems; by this provider, which reads the export; or not at all.
const (
	loadImport  loading = "ImportTable"
	loadBulkPut loading = "StartBulkPutItems"
	loadRead    loading = "read"
	loadNothing loading = "nothing"
)

// loader is how the items of the export come to the destination, and why not in the way before it.
func (r *readyCopy) loader(j job.Copy) (how loading, why string) {
	switch {
	case j.ExportsDirectly():
		return loadNothing, ""
	case r.creation != nil && r.creation.state.Import:
		return loadImport, ""
	case j.NeedsReading() != "":
		return loadRead, j.NeedsReading()
	case r.limits.Write > 0 && r.limits.Write < managed.LeastBulkRate:
		return loadRead, fmt.Sprintf("throughput allows less than the %d write units a second of a bulk operation", managed.LeastBulkRate)
	case len(r.destination.Description.Replicas) > 0:
		return loadRead, "the destination is a global table"
	case r.creation == nil && r.destination.IndexInCreation() != "":
		return loadRead, fmt.Sprintf("the destination's index %q is being created", r.destination.IndexInCreation())
	case r.meet(j):
		return loadRead, "two items may have one key at the destination, of which DynamoDB would count both"
	case r.creation != nil:
		return loadBulkPut, r.cannotImport(j)
	}
	return loadBulkPut, ""
}

// cannotImport says why a table that the job makes is not made by ImportTable, empty if it is.
func (r *readyCopy) cannotImport(j job.Copy) string {
	if why := j.NeedsReading(); why != "" {
		return why
	}
	if r.limits.Write > 0 {
		return "throughput limits the writes, which an import does not"
	}
	_, lacking, err := r.creation.state.Wanted.ImportTable(r.creation.state.Wanted.Table.Name)
	switch {
	case err != nil:
		return "its settings cannot be read"
	case len(lacking) > 0:
		return "ImportTable makes no table with " + strings.Join(lacking, " and ")
	case r.creation.state.TableID != "":
		return "the table exists already"
	}
	return ""
}
