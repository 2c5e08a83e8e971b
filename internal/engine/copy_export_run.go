// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

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
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// exportRun is a copy by way of an export that is under way.
type exportRun struct {
	env    *tables.Env
	job    job.Copy
	ready  *readyCopy
	log    *exportLog
	locks  *lock.Locks
	items  atomic.Int64 // Loaded so far.
	phase  attempt.Phase
	result *run.Result
}

// copyByExport has AWS export the source, and brings the items from there to the destination.
func copyByExport(ctx context.Context, e *tables.Env, j job.Copy, ready *readyCopy, observer attempt.Observer) (_ *run.Result, err error) {
	log, p := openExportLog(ctx, e, j, ready)
	if p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, log.close()) }()
	r := &exportRun{env: e, job: j, ready: ready, log: log}
	load, why := ready.loader(j)
	ready.own = append(ready.own, log.name)
	var written records.Use
	if load == loadBulkPut {
		written = records.UseOf(ready.destination, job.DestinationTable)
		written.Loading = log.Load.Begun()
	}
	if r.locks, p = records.Lock(ctx, e, records.UseOf(ready.source, job.SourceTable), written, ready.own...); p != nil {
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
	case load == loadRead:
		err = r.read(ctx, exported, observer)
	case ready.finish != nil:
		err = ready.finish(ctx)
	}
	if err != nil {
		return nil, errors.Join(r.failure(ctx, err), log.keep(ctx, err))
	}
	if err := log.journal.Remove(ctx); err != nil {
		return nil, attempt.Explain(ctx, err)
	}
	return r.complete(ctx, exported, load.describe(why), e.Now().Sub(start)), nil
}

// at says what AWS does from now on.
func (r *exportRun) at(phase string) {
	r.log.Phase = phase
	r.phase.Set(phase)
}

// loaded says how many items have been loaded.
func (r *exportRun) loaded(items int64) {
	r.items.Store(items)
	r.log.Ledger = flow.Ledger{Scanned: items, Written: items}
}

// status is what an observer hears: there are counts only when items are loaded.
func (r *exportRun) status() attempt.Status {
	items := r.items.Load()
	s := attempt.Status{Phase: r.phase.String(), Ledger: flow.Ledger{Scanned: items, Written: items}}
	if items > 0 {
		s.EstimatedItems = r.ready.estimate()
	}
	return s
}

// load has AWS bring the items to the destination if it can, and returns how they come there in the end.
func (r *exportRun) load(ctx context.Context, exported *managed.Exported, how loading, why string) (loading, string, error) {
	if (how == loadImport || how == loadBulkPut) && r.log.Load.Token == "" {
		r.log.Load.Token = journal.NewID(r.log.name)
	}
	var err error
	switch how {
	case loadNothing:
		r.result = &run.Result{Ledger: flow.Ledger{Scanned: exported.Items, Written: exported.Items}, DestinationS3Prefix: exported.Folder.Prefix}
	case loadImport:
		r.at("importing the export")
		err = r.importTable(ctx, exported)
	case loadBulkPut:
		r.at("loading the export")
		if err = r.bulkPut(ctx, exported); errors.Is(err, managed.ErrNoBulk) {
			r.log.Load = records.Operation{}
			return loadRead, "StartBulkPutItems is not available there", nil
		}
	}
	return how, why, err
}

// describe says how the items came to the destination, and why so.
func (l loading) describe(why string) string {
	switch l {
	case loadNothing:
		return "the destination is where AWS has exported to"
	case loadImport:
		return "DynamoDB made the table of the export with ImportTable"
	case loadRead:
		return "this provider read the export, since " + why
	}
	if why != "" {
		why = ", since " + why
	}
	return "DynamoDB loaded the export with StartBulkPutItems" + why
}

// export has AWS make the export, or waits for the one that an earlier attempt has started.
func (r *exportRun) export(ctx context.Context) (*managed.Exported, error) {
	place, _ := r.job.ExportPlace()
	owner, err := r.bucketOwner(ctx, place)
	if err != nil {
		return nil, err
	}
	account, _ := r.ready.source.Where()
	export := managed.Export{
		Client: r.ready.source.Client, TableARN: r.ready.source.ARN(), To: managed.Place{S3Place: place, Owner: unless(owner, account)},
		At: r.job.Export.At, Filter: r.job.Filter, Token: r.log.Export.Token, Ours: r.log.ours, Sleep: wire.Sleep,
	}
	r.at("exporting")
	if err := r.log.begin(ctx, &r.log.Export, export.Start); err != nil {
		return nil, err
	}
	return export.Await(ctx, r.log.Export.ARN, func() error { return r.log.progress(ctx) })
}

// read copies the export as a source in S3.
func (r *exportRun) read(ctx context.Context, exported *managed.Exported, observer attempt.Observer) (err error) {
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
	j := r.job
	from := &job.S3Source{S3Place: exported.Folder, Format: store.S3FormatExport, Owner: owner}
	j.Source = job.Source{S3: from, Side: j.Destination.Side}
	j.Method, j.Filter, j.Export = job.MethodScan, nil, job.Export{}
	j.Destination.Create, j.Destination.KMSKeyARN = "", "" // The table is there.
	ready, problems := prepareCopy(ctx, r.env, j, readyCopy{exported: r.ready.source.Key})
	if err := problems.FirstError(); err != nil {
		return err
	}
	ready.finish, ready.own = r.ready.finish, r.ready.own
	r.result, err = copyItems(ctx, r.env, j, ready, observer)
	return err
}

// complete is the result of the run.
func (r *exportRun) complete(ctx context.Context, exported *managed.Exported, how string, took time.Duration) *run.Result {
	result := r.result
	result.ID, result.StartedAt, result.CompletedAt = r.log.ID, r.log.StartedAt, r.env.Now()
	result.Duration, result.Resumed = r.log.before+took, r.log.resumed
	result.SourceARN, result.DestinationARN = r.ready.source.ARN(), r.ready.destination.ARN()
	result.Remarks = append(result.Remarks, r.log.last.Warnings(ctx)...)
	result.ExportARN, result.ImportARN = exported.ARN, r.log.Load.ARN
	result.Method, result.MethodReason = r.ready.choice.Method, r.ready.choice.Reason+"; "+how
	return result
}
