// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package exporting

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/lock"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Loading is how the items of an export get to the destination.
type Loading string

// ImportTable creates the table with its items. StartBulkPutItems puts them into an existing table. Otherwise this
// provider reads the export, or the export itself is all that is wanted.
const (
	LoadImport  Loading = "ImportTable"
	LoadBulkPut Loading = "StartBulkPutItems"
	LoadRead    Loading = "read"
	LoadNothing Loading = "nothing"
)

// Plan is a copy by export that is ready to run.
type Plan struct {
	Job job.Copy
	// Choice is the method and the reason for it.
	Choice job.Choice
	// Name is the name of the run's record, Own are those of its other records.
	Name string
	Own  []string
	// Source is exported. Destination is nil if it is not a table, and planned if Creation creates it.
	Source, Destination *tables.Table
	// Creation creates the destination; nil for a table that exists.
	Creation *newtable.Creation
	Limits   tables.Limits
	// Estimate is about how many items the source holds.
	Estimate int64
	// SameKeys reports whether two items may get one key at the destination.
	SameKeys bool
	// Read copies the items of the export to the destination, if AWS does not load them.
	Read func(context.Context, *Plan, *job.S3Source) (*run.Result, error)
	// Finish does the rest once the items are there; nil if there is nothing to do.
	Finish func(context.Context) error
}

// exportRun is one attempt at a copy by export.
type exportRun struct {
	*Plan
	env    *tables.Env
	log    *exportLog
	locks  *lock.Locks
	items  atomic.Int64 // Loaded so far.
	phase  attempt.Phase
	result *run.Result
}

// Do has AWS export the source, and brings the items to the destination.
func Do(ctx context.Context, e *tables.Env, plan *Plan, observer attempt.Observer) (_ *run.Result, err error) {
	log, p := openExportLog(ctx, e, plan)
	if p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, log.close()) }()
	r := &exportRun{Plan: plan, env: e, log: log}
	load, why := plan.loading()
	plan.Own = append(plan.Own, log.name)
	var written records.Use
	if load == LoadBulkPut {
		written = records.UseOf(plan.Destination, job.DestinationTable)
		written.Loading = log.Load.Begun()
	}
	if r.locks, p = records.Lock(ctx, e, records.UseOf(plan.Source, job.SourceTable), written, plan.Own...); p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, r.locks.Release()) }()
	start := e.Now()
	stop := observer.Observe(ctx, r.status)
	exported, err := r.export(ctx)
	if err == nil {
		load, why, err = r.load(ctx, exported, load, why)
	}
	stop() // What reads the export reports for itself.
	switch {
	case err != nil:
	case load == LoadRead:
		err = r.readExport(ctx, exported)
	case plan.Finish != nil:
		err = plan.Finish(ctx)
	}
	if err != nil {
		return nil, errors.Join(r.failure(ctx, err), log.keep(ctx, err))
	}
	if err := log.journal.Remove(ctx); err != nil {
		return nil, attempt.Explain(ctx, err)
	}
	return r.complete(ctx, exported, load.describe(why), e.Now().Sub(start)), nil
}

// at records and reports what AWS does from now on.
func (r *exportRun) at(phase string) {
	r.log.Phase = phase
	r.phase.Set(phase)
}

// loaded records how many items have been loaded.
func (r *exportRun) loaded(items int64) {
	r.items.Store(items)
	r.log.Ledger = flow.Ledger{Scanned: items, Written: items}
}

// status returns what an observer is told. It has counts only while items are loaded.
func (r *exportRun) status() attempt.Status {
	items := r.items.Load()
	s := attempt.Status{Phase: r.phase.String(), Ledger: flow.Ledger{Scanned: items, Written: items}}
	if items > 0 {
		s.EstimatedItems = r.Estimate
	}
	return s
}

// load has AWS load the items if it can, and returns how they get to the destination in the end.
func (r *exportRun) load(
	ctx context.Context,
	exported *managed.Exported,
	how Loading,
	why string,
) (Loading, string, error) {
	if (how == LoadImport || how == LoadBulkPut) && r.log.Load.Token == "" {
		r.log.Load.Token = journal.NewID(r.log.name)
	}
	var err error
	switch how {
	case LoadNothing:
		r.result = &run.Result{
			Ledger:              flow.Ledger{Scanned: exported.Items, Written: exported.Items},
			DestinationS3Prefix: exported.Folder.Prefix,
		}
	case LoadImport:
		r.at("importing the export")
		err = r.importTable(ctx, exported)
	case LoadBulkPut:
		r.at("loading the export")
		if err = r.bulkPut(ctx, exported); errors.Is(err, managed.ErrNoBulk) {
			r.log.Load = records.Operation{}
			return LoadRead, "StartBulkPutItems is not available there", nil
		}
	}
	return how, why, err
}

// describe says how the items got to the destination, and why in that way.
func (l Loading) describe(why string) string {
	switch l {
	case LoadNothing:
		return "the destination is where AWS has exported to"
	case LoadImport:
		return "DynamoDB made the table of the export with ImportTable"
	case LoadRead:
		return "this provider read the export, since " + why
	}
	if why != "" {
		why = ", since " + why
	}
	return "DynamoDB loaded the export with StartBulkPutItems" + why
}

// export has AWS make the export, or waits for the export of an earlier attempt.
func (r *exportRun) export(ctx context.Context) (*managed.Exported, error) {
	place, _ := r.Job.ExportPlace()
	owner, err := r.bucketOwner(ctx, place)
	if err != nil {
		return nil, err
	}
	account, _ := r.Source.Where()
	export := managed.Export{
		Client: r.Source.Client, TableARN: r.Source.ARN(), To: managed.Place{S3Place: place, Owner: unless(owner, account)},
		At: r.Job.Export.At, Filter: r.Job.Filter, Token: r.log.Export.Token, Ours: r.log.ours, Sleep: pause.Sleep,
	}
	r.at("exporting")
	if err := r.log.begin(ctx, &r.log.Export, export.Start); err != nil {
		return nil, err
	}
	return export.Await(ctx, r.log.Export.ARN, func() error { return r.log.progress(ctx) })
}

// readExport copies the export as a source in S3.
func (r *exportRun) readExport(ctx context.Context, exported *managed.Exported) (err error) {
	if err := r.locks.Release(); err != nil { // The copy takes the destination for itself.
		return err
	}
	if err := r.log.hide(ctx); err != nil {
		return err
	}
	owner, err := r.bucketOwner(ctx, exported.Folder)
	if err != nil {
		return err
	}
	r.result, err = r.Read(
		ctx,
		r.Plan,
		&job.S3Source{S3Place: exported.Folder, Format: store.S3FormatExport, Owner: owner},
	)
	return err
}

// complete returns the result of the run.
func (r *exportRun) complete(
	ctx context.Context,
	exported *managed.Exported,
	how string,
	took time.Duration,
) *run.Result {
	result := r.result
	result.ID, result.StartedAt, result.CompletedAt = r.log.ID, r.log.StartedAt, r.env.Now()
	result.Duration, result.Resumed = r.log.before+took, r.log.resumed
	result.SourceARN, result.DestinationARN = r.Source.ARN(), r.Destination.ARN()
	result.Warnings = append(result.Warnings, r.log.last.Warnings(ctx)...)
	result.ExportARN, result.ImportARN = exported.ARN, r.log.Load.ARN
	result.Method, result.MethodReason = r.Choice.Method, r.Choice.Reason+"; "+how
	return result
}
