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
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/estimate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/exporting"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// exportImport has AWS export the source to S3, from where the items go to the destination.
type exportImport struct{}

func (exportImport) scans() bool { return false }

// puts is false where AWS makes the table with its items, which it does for nothing.
func (exportImport) puts(r *plan) bool { return r.destination != nil && !r.willImport() }

func (exportImport) seconds(r *plan) float64 {
	if r.willImport() {
		return 2 * estimate.AWSSeconds
	}
	return estimate.AWSSeconds
}

func (exportImport) record(ctx context.Context, r *plan) (string, error) {
	if r.source == nil {
		return "", nil
	}
	return r.exportName(ctx)
}

func (exportImport) run(ctx context.Context, e *tables.Env, r *plan, observer attempt.Observer) (*run.Result, error) {
	if r.creation != nil {
		return r.copyToNew(ctx, e, observer, r.export)
	}
	return r.export(ctx, e, observer)
}

func (exportImport) check(ctx context.Context, e *tables.Env, r *plan) problem.List {
	var found problem.List
	if r.source != nil {
		found.Add(r.source.Recoverable(ctx, tables.RecoveryUse{Does: "exports", Attribute: "export.point_in_time"}, r.job.Export.At, e.Now()))
	}
	if r.job.Export.To.Bucket != "" && !r.job.ExportsDirectly() {
		client, err := tables.S3Client(ctx, e, r.job.Destination.Connection)
		if err == nil {
			err = tables.NoBucket(ctx, client, r.job.Export.To.Bucket)
		}
		if err != nil {
			found.Add(exporting.ExplainPlace(tables.ExplainS3In(ctx, "destination.", r.job.Export.To.String(), err)))
		}
	}
	return found
}

// export has AWS export the source, and brings the items from there to the destination.
func (r *plan) export(ctx context.Context, e *tables.Env, observer attempt.Observer) (*run.Result, error) {
	j := r.job
	name, err := r.exportName(ctx)
	if err != nil {
		return nil, tables.Explain(ctx, err)
	}
	return exporting.Do(ctx, e, &exporting.Plan{
		Job:         j,
		Choice:      r.choice,
		Name:        name,
		Own:         r.own,
		Source:      r.source,
		Destination: r.destination,
		Creation:    r.creation,
		Limits:      r.limits,
		Estimate:    r.itemCount(),
		Loader:      func(*exporting.Plan) (exporting.Loading, string) { return r.loader() },
		Read: func(ctx context.Context, export *exporting.Plan, from *job.S3Source) (*run.Result, error) {
			reading := j
			reading.Source = job.Source{S3: from, Connection: j.Destination.Connection}
			reading.Method, reading.Filter, reading.Export = job.MethodScan, nil, job.Export{}
			reading.Destination.Create, reading.Destination.KMSKeyARN = "", "" // The table is there.
			again, problems := prepare(ctx, e, reading, plan{ends: ends{exported: r.source.Key}})
			if err := problems.FirstError(); err != nil {
				return nil, err
			}
			again.finish, again.own = export.Finish, export.Own
			return again.move(ctx, e, observer, run.Do)
		},
		Finish: r.finish,
	}, observer)
}

// exportName is the same for the same run.
func (r *plan) exportName(ctx context.Context) (string, error) {
	j := r.job
	source, err := r.openSource(ctx) // Only for its definition, which the filter and the transform are part of.
	if err != nil {
		return "", err
	}
	if transformed := r.transformed(source); transformed != nil {
		source = transformed
	}
	place, _ := j.ExportPlace()
	definition, err := json.Marshal([]any{
		r.source.ARN(), string(source.Definition()), r.destination.ARN(), j.Destination.String(), place, j.Export.At, j.Conflict(), j.Verify, j.Triggers,
	})
	return journal.ExportName(definition), errors.Join(err, source.Close())
}

// loader is how the items of the export come to the destination, and why not in the way before it.
func (r *plan) loader() (how exporting.Loading, why string) {
	switch {
	case r.job.ExportsDirectly():
		return exporting.LoadNothing, ""
	case r.creation != nil && r.creation.State.Import:
		return exporting.LoadImport, ""
	case r.job.NeedsReading() != "":
		return exporting.LoadRead, r.job.NeedsReading()
	case r.limits.Write > 0 && r.limits.Write < managed.LeastBulkRate:
		return exporting.LoadRead, fmt.Sprintf("throughput allows less than the %d write units a second of a bulk operation", managed.LeastBulkRate)
	case len(r.destination.Description.Replicas) > 0:
		return exporting.LoadRead, "the destination is a global table"
	case r.creation == nil && r.destination.IndexInCreation() != "":
		return exporting.LoadRead, fmt.Sprintf("the destination's index %q is being created", r.destination.IndexInCreation())
	case r.meet():
		return exporting.LoadRead, "two items may have one key at the destination, of which DynamoDB would count both"
	case r.creation != nil:
		return exporting.LoadBulkPut, r.cannotImport()
	}
	return exporting.LoadBulkPut, ""
}

// cannotImport says why a table that the job makes is not made by ImportTable, empty if it is.
func (r *plan) cannotImport() string {
	if why := r.job.NeedsReading(); why != "" {
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
func (r *plan) willImport() bool {
	return r.job.Exports() && r.creation != nil && r.cannotImport() == ""
}
