// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

const (
	// A job is polled after a share of the time that it has run, within these bounds.
	pollShare           = 20
	leastPoll, mostPoll = 250 * time.Millisecond, 5 * time.Second
	// sumInterval is the time between two readings of the tasks' records. Each costs a request for every task that is not
	// complete.
	sumInterval = 10 * time.Second
	// maxSilence is how long the job's state may stay unreadable, for example because AWS cannot be reached.
	maxSilence = 5 * time.Minute
	// endWait is how long a cancelled job may take to end, and how long its resources may take to disappear.
	endWait = 2 * time.Minute
)

// sparkRun is a run that a Spark job does.
type sparkRun struct {
	env      *tables.Env
	movement run.Movement
	spread   *Spread
	log      *run.Log
	site     *site
	start    time.Time
	sum      atomic.Pointer[sum] // As last read.
	warnings []*problem.Problem
	last     attempt.Unsaved
}

// do starts a job, or continues with the one of an interrupted apply, waits for its end and adds up what its tasks have
// done.
func (r *sparkRun) do(ctx context.Context) error {
	if err := r.own(ctx); err != nil {
		return err
	}
	if j := r.log.Job; j != nil && j.Open && j.Cancelling {
		if err := r.awaitCancelled(ctx); err != nil {
			return err
		}
	}
	isNew := r.log.Job == nil || !r.log.Job.Open
	if isNew {
		if done, err := r.complete(ctx); done || err != nil {
			return err
		}
		if err := r.prepare(ctx); err != nil {
			return err
		}
	}
	if r.log.Job.Handle.ID == "" {
		if err := r.launch(ctx, isNew); err != nil {
			return err
		}
	}
	status, err := r.await(ctx)
	switch {
	case err == nil:
		return r.ended(ctx, status)
	case ctx.Err() != nil:
		return r.cancel(ctx)
	}
	return r.failure(r.unseen(ctx, err))
}

// own checks that the job that the record names belongs to the run, before it is awaited, cancelled or removed.
func (r *sparkRun) own(ctx context.Context) error {
	j := r.log.Job
	if j == nil || !j.Open || j.Handle.ID == "" {
		return nil
	}
	token := j.Token(r.log.ID)
	owned, err := r.site.launcher.Owns(ctx, token, j.Handle)
	switch {
	case err != nil:
		return r.failure(r.unseen(ctx, err))
	case !owned:
		return attempt.Refused(r.env, r.log.Name, fmt.Sprintf("%s is not the Spark job %s", r.logs(), token))
	}
	return nil
}

// status returns what an observer is told.
func (r *sparkRun) status() attempt.Status {
	sum := r.sum.Load()
	return attempt.Status{
		Phase:          r.movement.Verify.Phase(),
		Ledger:         sum.ledger,
		Throttled:      sum.throttled,
		EstimatedItems: r.movement.Estimate,
	}
}

// complete reports whether earlier jobs have done all shares, so that only the verification and the like remain.
func (r *sparkRun) complete(ctx context.Context) (bool, error) {
	if r.log.Job == nil {
		return false, nil
	}
	if err := r.read(ctx); err != nil {
		return false, r.failed(ctx, err)
	}
	return r.sum.Load().done == r.log.Segments, nil
}

// record returns what the journal should hold at this moment.
func (r *sparkRun) record() records.Run {
	record, sum := r.log.Run, r.sum.Load()
	record.UpdatedAt, record.Phase = r.env.Now(), r.movement.Verify.Phase()
	record.Active += record.UpdatedAt.Sub(r.start)
	record.Ledger, record.Throttled = sum.ledger, sum.throttled
	return record
}

func (r *sparkRun) save(ctx context.Context) error {
	return attempt.InJournal(ctx, r.log.Save(ctx, r.record()))
}

// progress saves how far the job has come. A failed save does not end the run.
func (r *sparkRun) progress(ctx context.Context) error {
	return r.last.Note(r.log.Save(ctx, r.record()))
}

// stop saves how far the run has come for the next attempt.
func (r *sparkRun) stop(ctx context.Context) error {
	return attempt.InJournal(ctx, r.log.Stop(ctx, r.record()))
}

// prepare uploads what a new job needs, and records that it is about to start. If this process is killed, the next one
// submits the job again and gets the same job.
func (r *sparkRun) prepare(ctx context.Context) (err error) {
	spread := r.spread
	atOnce := min(spread.Config.Tasks(), r.log.Segments)
	task := spread.Task(spread.Throughput.Share(atOnce))
	task.Version = r.env.UserAgent
	task.Tasks, task.AtOnce = r.log.Segments, atOnce
	task.ScanSegments = min(partsPerSegment, job.MostSegments/r.log.Segments)
	task.Reads, task.Writes = r.movement.Reads.Identity().String(), r.movement.Writes.Identity().String()
	task.Export = r.log.Export
	task.WriteCapacity = tables.WriteCapacity(ctx, r.env, r.movement.Writes, r.movement.Limits)
	task.Run, task.Repeated = transform.Run{ID: r.log.ID, StartedAt: r.log.StartedAt}, r.log.Repeated
	task.Settings, task.Journal = r.env.Connections.WorkerSettings(), r.site.uri(journalName)
	digest, err := r.site.upload(ctx, task)
	if err != nil {
		return r.failed(ctx, err)
	}
	number := 1
	if r.log.Job != nil {
		number = r.log.Job.Attempt + 1
	}
	r.log.Job = spread.newJob(number, digest)
	return r.save(ctx)
}

// launch starts the job, or finds it. If AWS refuses a new job, what was made for it is removed. If no answer tells
// whether the job has started, the next apply submits it again with the same token.
func (r *sparkRun) launch(ctx context.Context, isNew bool) error {
	if !isNew { // What has been there since the earlier attempt is replaced.
		if _, err := r.site.ship(ctx); err != nil {
			return r.failed(ctx, err)
		}
	}
	handle, err := r.site.launcher.Submit(ctx, r.site.job(r.log.Job.Token(r.log.ID)))
	r.log.Job.Handle = handle
	switch {
	case err == nil:
		if err := r.progress(ctx); err != nil {
			return r.failure(r.unseen(ctx, err))
		}
		return nil // The token finds the job too.
	case ctx.Err() != nil:
		return r.cancel(ctx)
	}
	p := explainSpark(r.site.config, err)
	if isNew && spark.Refused(err) {
		r.log.Job.Open = false
		r.removeMade(ctx)
	} else {
		p.Next += fmt.Sprintf(" The job %s may have been started all the same; the next apply finds out, with the "+
			"arguments that it was started with.", r.log.Job.Token(r.log.ID))
	}
	return errors.Join(r.failure(p), r.stop(ctx))
}

// await waits for the job's end and saves its progress. A temporary failure is tried again: the job itself continues.
func (r *sparkRun) await(ctx context.Context) (spark.Status, error) {
	summed, seen := r.start, r.env.Now()
	for {
		status, err := r.site.launcher.Poll(ctx, r.log.Job.Handle)
		if err == nil && status.State != spark.Running {
			return status, nil
		}
		now := r.env.Now()
		if err == nil && now.Sub(summed) >= sumInterval {
			err, summed = r.read(ctx), now
		}
		if err == nil {
			err = r.progress(ctx)
		}
		switch {
		case err == nil:
			seen = now
		case ctx.Err() != nil, spark.Lasting(err), errors.Is(err, journal.ErrTaken), now.Sub(seen) >= maxSilence:
			return status, err
		}
		if err := pause.Sleep(ctx, min(max(now.Sub(r.start)/pollShare, leastPoll), mostPoll)); err != nil {
			return status, err
		}
	}
}

// read adds up what the tasks have done.
func (r *sparkRun) read(ctx context.Context) error {
	sum, err := r.site.sum(ctx)
	if err == nil {
		r.sum.Store(sum)
	}
	return err
}
