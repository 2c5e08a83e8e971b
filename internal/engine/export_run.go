// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/lock"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// exportRun is a copy by way of an export that is under way.
type exportRun struct {
	engine *Engine
	job    CopyJob
	ready  *readyCopy
	log    *exportLog
	locks  *lock.Locks
	items  atomic.Int64
	result *Result
}

// copyByExport has AWS export the source, and brings the items from there to the destination.
func (e *Engine) copyByExport(ctx context.Context, job CopyJob, ready *readyCopy, observer Observer) (_ *Result, err error) {
	log, p := e.openExportLog(ctx, job, ready)
	if p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, log.close()) }()
	r := &exportRun{engine: e, job: job, ready: ready, log: log}
	m := movement{reads: ready.source, attribute: "source.table"}
	bulk, why := ready.loader(job)
	if bulk {
		m.writes, m.attribute = ready.destination, "destination.table"
	}
	if r.locks, p = e.lock(m); p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, r.locks.Release()) }()
	start := e.Now()
	stop := observer.observe(ctx, func() Status {
		return Status{Ledger: flow.Ledger{Scanned: r.items.Load(), Written: r.items.Load()}, EstimatedItems: ready.estimate()}
	})
	exported, err := r.export(ctx)
	if err == nil && bulk && log.Load.Token == "" {
		log.Load.Token = uuid.NewString()
	}
	how := "the destination is where AWS has exported to"
	switch {
	case err != nil:
	case job.exportsDirectly():
		r.result = &Result{Ledger: flow.Ledger{Scanned: exported.Items, Written: exported.Items}, DestinationS3Prefix: exported.Folder.Prefix}
	case bulk:
		how = "DynamoDB loaded the export with StartBulkPutItems"
		if err = r.bulkPut(ctx, exported); errors.Is(err, managed.ErrNoBulk) {
			log.Load = operation{}
			bulk, why, err = false, "StartBulkPutItems is not available there", nil
		}
	}
	stop() // What reads the export reports for itself.
	if err == nil && !job.exportsDirectly() && !bulk {
		how = "this provider read the export, since " + why
		err = r.read(ctx, exported, observer)
	}
	if err != nil {
		return nil, errors.Join(r.failure(ctx, err), log.keepUnless(ctx, err))
	}
	if err := log.journal.Remove(ctx); err != nil {
		return nil, journalProblem(err)
	}
	return r.complete(exported, how, e.Now().Sub(start)), nil
}

// export has AWS make the export, or waits for the one that an earlier attempt has started.
func (r *exportRun) export(ctx context.Context) (*managed.Exported, error) {
	place, _ := r.job.exportPlace()
	owner, err := r.bucketOwner(ctx, place)
	if err != nil {
		return nil, err
	}
	account, _ := r.ready.source.Where()
	export := managed.Export{
		Client: r.ready.source.client, TableARN: r.ready.source.ARN(), To: managed.Place{S3Place: place, Owner: unless(owner, account)},
		At: r.job.Export.At, Filter: r.job.Filter, Token: r.log.Export.Token, Sleep: wire.Sleep,
	}
	if err := r.log.begin(ctx, &r.log.Export, export.Start); err != nil {
		return nil, err
	}
	return export.Await(ctx, r.log.Export.ARN, func() error { return r.log.save(ctx) })
}

// bulkPut has DynamoDB put the items of the export into the destination.
func (r *exportRun) bulkPut(ctx context.Context, exported *managed.Exported) error {
	owner, err := r.bucketOwner(ctx, exported.Folder)
	if err != nil {
		return err
	}
	account, _ := r.ready.destination.Where()
	place := func(prefix string) managed.Place {
		return managed.Place{S3Place: store.S3Place{Bucket: exported.Folder.Bucket, Prefix: prefix}, Owner: unless(owner, account)}
	}
	put := managed.BulkPut{
		Client: r.ready.destination.client, TableARN: r.ready.destination.ARN(),
		From: place(exported.Folder.Prefix + "/data/"), Errors: place(path.Join(exported.Folder.Prefix, "errors")),
		MaxUnits: int64(r.ready.limits.write), Token: r.log.Load.Token, Sleep: wire.Sleep,
	}
	if err := r.log.begin(ctx, &r.log.Load, put.Start); err != nil {
		return err
	}
	items, err := put.Await(ctx, r.log.Load.ARN, func(items int64) error {
		r.items.Store(items)
		return r.log.save(ctx)
	})
	if err != nil {
		return err
	}
	if items != exported.Items {
		return &managed.FailedError{
			Operation: "StartBulkPutItems", ARN: r.log.Load.ARN, Status: fmt.Sprintf("COMPLETED with %d of the %d items of the export", items, exported.Items), Processed: items,
		}
	}
	r.result = &Result{Ledger: flow.Ledger{Scanned: items, Written: items}}
	return nil
}

// read copies the export as a source in S3.
func (r *exportRun) read(ctx context.Context, exported *managed.Exported, observer Observer) (err error) {
	if err := r.locks.Release(); err != nil { // The copy takes the destination for itself.
		return err
	}
	job := r.job
	job.Source = CopySource{S3: &S3Source{S3Place: exported.Folder, Format: store.S3FormatExport}, Side: job.Destination.Side}
	job.Method, job.Filter, job.Export = MethodScan, nil, Export{}
	r.result, err = r.engine.Copy(ctx, job, observer)
	return err
}

// bucketOwner is the account of the bucket if the two tables are in different ones: the destination's, or else the source's. It is
// empty where AWS takes the bucket for the caller's own.
func (r *exportRun) bucketOwner(ctx context.Context, place store.S3Place) (string, error) {
	if r.ready.destination == nil {
		return "", nil
	}
	source, _ := r.ready.source.Where()
	destination, _ := r.ready.destination.Where()
	if source == destination {
		return "", nil
	}
	client, err := s3Client(ctx, r.engine, r.job.Destination.Side)
	if err != nil {
		return "", err
	}
	if owned, err := owns(ctx, client, place.Bucket, destination); err != nil || owned {
		return destination, err
	}
	return source, nil
}

// owns says whether the bucket is the account's, as far as the client's principal may know.
func owns(ctx context.Context, client *s3.Client, bucket, account string) (bool, error) {
	_, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket, ExpectedBucketOwner: &account})
	if answer, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err); ok && answer.HTTPStatusCode() == http.StatusForbidden {
		return false, nil
	}
	return err == nil, err
}

// unless is the owner, empty if it is the account.
func unless(owner, account string) string {
	if owner == account {
		return ""
	}
	return owner
}

// complete is the result of the run.
func (r *exportRun) complete(exported *managed.Exported, how string, took time.Duration) *Result {
	result := r.result
	result.ID, result.StartedAt, result.CompletedAt = r.log.ID, r.log.StartedAt, r.engine.Now()
	result.Duration, result.Resumed = r.log.before+took, r.log.resumed
	result.SourceARN, result.DestinationARN = r.ready.source.ARN(), r.ready.destination.arn()
	result.ExportARN, result.ImportARN = exported.ARN, r.log.Load.ARN
	result.Method, result.MethodReason = r.ready.choice.method, r.ready.choice.reason+"; "+how
	return result
}

// failure says why the run failed, and what it has left in AWS.
func (r *exportRun) failure(ctx context.Context, err error) *problem.Problem {
	if known, ok := errors.AsType[*problem.Problem](err); ok {
		p := exportPlaceProblem(known)
		p.Next += " The export stays in the journal: within a day, the next apply goes on with it."
		return p
	}
	about, attribute := r.ready.source, "method"
	if r.log.Load.Token != "" {
		about = r.ready.destination
	}
	failed, ended := errors.AsType[*managed.FailedError](err)
	if !ended {
		var p *problem.Problem
		place, argument := r.job.exportPlace()
		if inS3(err) {
			p = s3Problem(ctx, argument, place.String(), err)
		} else {
			p = requestProblem(ctx, err)
			p.Table, p.Account, p.Region = about.place()
		}
		p.Counts = r.log.left()
		p.Next += " The next apply of the same run goes on from there within a day."
		return p
	}
	p := about.about(attribute, "Export Failed")
	if r.log.Load.ARN != "" {
		p.Summary = "Bulk Operation Failed"
		p.Counts = fmt.Sprintf("%d items were processed, and %d of them could not be put.", failed.Processed, failed.Failed)
	}
	p.Cause = failed.Error() + "."
	p.Next = "Remove the cause, then apply again, which makes another export. "
	if failed.Failed > 0 {
		p.Next += "DynamoDB's report on the items is in " + failed.Errors + "; it may hold their values. "
	}
	p.Next += "The export that is in S3, complete or not, stays there: delete it if it is not needed. method = \"scan\" copies without one."
	return p
}
