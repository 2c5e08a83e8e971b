// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/estimate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/exporting"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tablecopy/ends"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// exportImport has AWS export the source to S3. From there the items go to the destination.
type exportImport struct{}

func (exportImport) scans() bool { return false }

// puts reports false if AWS creates the table with its items: that takes no write units.
func (exportImport) puts(r *plan) bool { return r.Destination != nil && !r.willImport() }

func (exportImport) seconds(r *plan) float64 {
	if r.willImport() {
		return 2 * estimate.AWSSeconds
	}
	return estimate.AWSSeconds
}

func (exportImport) record(ctx context.Context, r *plan) (string, error) {
	if r.Source == nil {
		return "", nil
	}
	return r.ExportName(ctx)
}

func (exportImport) run(ctx context.Context, e *tables.Env, r *plan, observer attempt.Observer) (*run.Result, error) {
	return r.fill(ctx, e, func() (*run.Result, error) { return r.export(ctx, e, observer) })
}

func (exportImport) check(ctx context.Context, e *tables.Env, r *plan) problem.List {
	var found problem.List
	if r.Source != nil {
		found.Add(
			r.Source.Recoverable(
				ctx,
				tables.RecoveryUse{Does: "exports", Attribute: "export.point_in_time"},
				r.Job.Export.At,
				e.Now(),
			),
		)
	}
	if r.Job.Export.To.Bucket != "" && !r.Job.ExportsDirectly() {
		client, err := tables.S3Client(ctx, e, r.Job.Destination.Connection)
		if err == nil {
			err = tables.NoBucket(ctx, client, r.Job.Export.To.Bucket)
		}
		if err != nil {
			found.Add(exporting.ExplainPlace(explain.S3In(ctx, "destination.", r.Job.Export.To.String(), err)))
		}
	}
	return found
}

// export has AWS export the source, and brings the items to the destination.
func (r *plan) export(ctx context.Context, e *tables.Env, observer attempt.Observer) (*run.Result, error) {
	j := r.Job
	name, err := r.ExportName(ctx)
	if err != nil {
		return nil, explain.Error(ctx, err)
	}
	return exporting.Do(ctx, e, &exporting.Plan{
		Job:         j,
		Choice:      r.choice,
		Name:        name,
		Own:         r.own,
		Source:      r.Source,
		Destination: r.Destination,
		Creation:    r.creation,
		Limits:      r.Limits,
		Estimate:    r.ItemCount(),
		SameKeys:    r.Meet(),
		Read: func(ctx context.Context, export *exporting.Plan, from *job.S3Source) (*run.Result, error) {
			reading := j
			reading.Source = job.Source{S3: from, Connection: j.Destination.Connection}
			reading.Method, reading.Filter, reading.Export = job.MethodScan, nil, job.Export{}
			reading.Destination.Create, reading.Destination.KMSKeyARN = "", "" // The table is there.
			again, problems := prepare(ctx, e, reading, plan{Ends: ends.Ends{Exported: r.Source.Key}})
			if err := problems.FirstError(); err != nil {
				return nil, err
			}
			again.finish, again.own = export.Finish, export.Own
			return again.move(ctx, e, observer, run.Do)
		},
		Finish: r.finish,
	}, observer)
}

// willImport reports whether ImportTable will create the destination.
func (r *plan) willImport() bool {
	return r.Job.Exports() && r.creation != nil && exporting.CannotImport(r.Job, r.Limits, r.creation) == ""
}
