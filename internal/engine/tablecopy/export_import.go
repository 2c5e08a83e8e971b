// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/exporting"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// checkExport finds what keeps AWS from exporting the source.
func (r *plan) checkExport(ctx context.Context, e *tables.Env, j job.Copy) []*problem.Problem {
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
			found.Add(exporting.ExplainPlace(tables.ExplainS3In(ctx, "destination.", j.Export.To.String(), err)))
		}
	}
	return found
}

// copyByExport has AWS export the source, and brings the items from there to the destination.
func copyByExport(ctx context.Context, e *tables.Env, j job.Copy, ready *plan, observer attempt.Observer) (*run.Result, error) {
	name, err := exportName(ctx, j, ready)
	if err != nil {
		return nil, tables.Explain(ctx, err)
	}
	return exporting.Do(ctx, e, &exporting.Plan{
		Job:         j,
		Choice:      ready.choice,
		Name:        name,
		Own:         ready.own,
		Source:      ready.source,
		Destination: ready.destination,
		Creation:    ready.creation,
		Limits:      ready.limits,
		Estimate:    ready.itemCount(),
		Loader:      func(*exporting.Plan) (exporting.Loading, string) { return ready.loader(j) },
		Read: func(ctx context.Context, export *exporting.Plan, from *job.S3Source) (*run.Result, error) {
			reading := j
			reading.Source = job.Source{S3: from, Side: j.Destination.Side}
			reading.Method, reading.Filter, reading.Export = job.MethodScan, nil, job.Export{}
			reading.Destination.Create, reading.Destination.KMSKeyARN = "", "" // The table is there.
			again, problems := prepare(ctx, e, reading, plan{exported: ready.source.Key})
			if err := problems.FirstError(); err != nil {
				return nil, err
			}
			again.finish, again.own = export.Finish, export.Own
			return moveItems(ctx, e, reading, again, observer)
		},
		Finish: ready.finish,
	}, observer)
}

// exportName is the same for the same run.
func exportName(ctx context.Context, j job.Copy, ready *plan) (string, error) {
	source, err := ready.openSource(ctx, j) // Only for its definition, which the filter and the transform are part of.
	if err != nil {
		return "", err
	}
	if transformed := ready.transformed(source); transformed != nil {
		source = transformed
	}
	place, _ := j.ExportPlace()
	definition, err := json.Marshal([]any{
		ready.source.ARN(), string(source.Definition()), ready.destination.ARN(), j.Destination.String(), place, j.Export.At, j.Conflict(), j.Verify, j.Triggers,
	})
	return journal.ExportName(definition), errors.Join(err, source.Close())
}

// loader is how the items of the export come to the destination, and why not in the way before it.
func (r *plan) loader(j job.Copy) (how exporting.Loading, why string) {
	switch {
	case j.ExportsDirectly():
		return exporting.LoadNothing, ""
	case r.creation != nil && r.creation.State.Import:
		return exporting.LoadImport, ""
	case j.NeedsReading() != "":
		return exporting.LoadRead, j.NeedsReading()
	case r.limits.Write > 0 && r.limits.Write < managed.LeastBulkRate:
		return exporting.LoadRead, fmt.Sprintf("throughput allows less than the %d write units a second of a bulk operation", managed.LeastBulkRate)
	case len(r.destination.Description.Replicas) > 0:
		return exporting.LoadRead, "the destination is a global table"
	case r.creation == nil && r.destination.IndexInCreation() != "":
		return exporting.LoadRead, fmt.Sprintf("the destination's index %q is being created", r.destination.IndexInCreation())
	case r.meet(j):
		return exporting.LoadRead, "two items may have one key at the destination, of which DynamoDB would count both"
	case r.creation != nil:
		return exporting.LoadBulkPut, r.cannotImport(j)
	}
	return exporting.LoadBulkPut, ""
}

// cannotImport says why a table that the job makes is not made by ImportTable, empty if it is.
func (r *plan) cannotImport(j job.Copy) string {
	if why := j.NeedsReading(); why != "" {
		return why
	}
	if r.limits.Write > 0 {
		return "throughput limits the writes, which an import does not"
	}
	_, lacking, err := r.creation.State.Wanted.ImportTable(r.creation.State.Wanted.Table.Name)
	switch {
	case err != nil:
		return "its settings cannot be read"
	case len(lacking) > 0:
		return "ImportTable makes no table with " + strings.Join(lacking, " and ")
	case r.creation.State.TableID != "":
		return "the table exists already"
	}
	return ""
}

// willImport says whether DynamoDB is to make the destination of an export.
func (r *plan) willImport(j job.Copy) bool {
	return j.Exports() && r.creation != nil && r.cannotImport(j) == ""
}
