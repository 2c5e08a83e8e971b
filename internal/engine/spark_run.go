// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

const (
	// A job is asked about after a share of the time that it has taken, within these bounds.
	pollShare           = 20
	leastPoll, mostPoll = 250 * time.Millisecond, 5 * time.Second
	// sumInterval is the time between two readings of the segments' records, one request for each segment.
	sumInterval = 10 * time.Second
	// endWait is how long a job that has been cancelled may take to end, and what was made for a job to go away.
	endWait = 2 * time.Minute
)

// sparkRun is a run that a Spark job does.
type sparkRun struct {
	engine   *Engine
	movement movement
	log      *runLog
	site     *site
	start    time.Time
	sum      atomic.Pointer[sum] // As last read.
}

// do starts a job, or takes over the one that an interrupted apply has started, waits for its end and adds up what its
// segments have done.
func (r *sparkRun) do(ctx context.Context, observer Observer) error {
	r.sum.Store(&sum{})
	if job := r.log.Job; job == nil || !job.Open {
		if done, err := r.complete(ctx); done || err != nil {
			return err
		}
		if err := r.prepare(ctx); err != nil {
			return err
		}
	}
	if r.log.Job.Handle.ID == "" {
		if err := r.launch(ctx); err != nil {
			return err
		}
	}
	stop := observer.observe(ctx, func() Status {
		sum := r.sum.Load()
		return Status{Ledger: sum.ledger, Throttled: sum.throttled, EstimatedItems: r.movement.estimate}
	})
	status, err := r.await(ctx)
	stop()
	switch {
	case ctx.Err() != nil:
		return r.cancel(ctx)
	case err != nil:
		return r.failure(sparkProblem(r.site.config, err))
	}
	if err := r.ended(ctx, status); err != nil {
		return err
	}
	if r.sum.Load().done != r.log.Parts {
		return r.failure(&problem.Problem{
			Summary: "Segments Missing",
			Cause:   fmt.Sprintf("The Spark job succeeded, but only %d of %d segments are recorded as complete.", r.sum.Load().done, r.log.Parts),
			Next:    "Please report this as a bug of the provider. The job's logs: " + r.site.launcher.Logs(r.log.Job.Handle) + ".",
		})
	}
	return nil
}

// complete says that earlier jobs have done all segments, so that only the rest, such as the verification, is to be done.
func (r *sparkRun) complete(ctx context.Context) (bool, error) {
	if r.log.Job == nil {
		return false, nil
	}
	if err := r.read(ctx); err != nil {
		return false, r.failure(sparkProblem(r.site.config, err))
	}
	return r.sum.Load().done == r.log.Parts, nil
}

// record is what the journal is to hold now.
func (r *sparkRun) record() Record {
	record, sum := r.log.Record, r.sum.Load()
	record.UpdatedAt = r.engine.Now()
	record.Active += record.UpdatedAt.Sub(r.start)
	record.Ledger, record.Throttled = sum.ledger, sum.throttled
	return record
}

func (r *sparkRun) save(ctx context.Context) error {
	if err := r.log.save(ctx, r.record()); err != nil {
		return journalProblem(err)
	}
	return nil
}

// prepare uploads what a new job needs, and writes down that it is about to start: whoever comes after a kill submits it
// once more, and is given the same job.
func (r *sparkRun) prepare(ctx context.Context) error {
	atOnce := min(r.site.config.Tasks(), r.log.Parts)
	task := r.movement.spread.task(r.movement.spread.share(r.movement.limits, atOnce))
	task.Segments, task.Parts, task.AtOnce = r.log.Parts, min(partsPerSegment, mostParts/r.log.Parts), atOnce
	task.Version = r.engine.UserAgent
	task.Reads, task.Writes, task.Export = r.movement.reads.identity().String(), r.movement.writes.identity().String(), r.log.Export
	task.Run, task.Repeated = transform.Run{ID: r.log.ID, StartedAt: r.log.StartedAt}, r.log.repeated
	task.Settings, task.Journal = r.engine.Connections.Elsewhere(), r.site.uri(journalName)
	if err := r.site.upload(ctx, task); err != nil {
		return r.failure(sparkProblem(r.site.config, err))
	}
	attempt := 1
	if r.log.Job != nil {
		attempt = r.log.Job.Attempt + 1
	}
	r.log.Job = &SparkJob{Attempt: attempt, Open: true}
	return r.save(ctx)
}

// launch starts the job, or finds it. What was made for one that AWS refuses is removed; where no answer says whether the
// job has started, the next apply submits it again, with the same token.
func (r *sparkRun) launch(ctx context.Context) error {
	handle, err := r.site.launcher.Submit(ctx, r.site.job(r.log.Job.token(r.log.ID)))
	r.log.Job.Handle = handle
	if err == nil {
		return r.save(ctx)
	}
	if ctx.Err() != nil {
		return r.cancel(ctx)
	}
	if spark.Refused(err) {
		r.log.Job.Open = false
		r.removeMade(ctx)
	}
	return errors.Join(r.failure(sparkProblem(r.site.config, err)), r.save(ctx))
}

// removeMade removes what was made for the job. What cannot be removed does no harm: an application stops by itself when it
// is idle, and costs nothing then.
func (r *sparkRun) removeMade(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWait)
	defer cancel()
	_ = r.site.launcher.Remove(ctx, r.log.Job.Handle)
}

// await waits for the job's end, and writes down how far it has come.
func (r *sparkRun) await(ctx context.Context) (spark.Status, error) {
	summed := r.start
	for {
		status, err := r.site.launcher.Poll(ctx, r.log.Job.Handle)
		if err != nil || status.State != spark.Running {
			return status, err
		}
		now := r.engine.Now()
		if now.Sub(summed) >= sumInterval {
			if err := r.read(ctx); err != nil {
				return status, err
			}
			summed = now
		}
		if err := r.save(ctx); err != nil {
			return status, err
		}
		if err := wire.Sleep(ctx, min(max(now.Sub(r.start)/pollShare, leastPoll), mostPoll)); err != nil {
			return status, err
		}
	}
}

// read adds up what the segments have done.
func (r *sparkRun) read(ctx context.Context) error {
	sum, err := r.site.sum(ctx)
	if err == nil {
		r.sum.Store(sum)
	}
	return err
}

// ended closes the books of a job that has ended, in whatever way.
func (r *sparkRun) ended(ctx context.Context, status spark.Status) error {
	if err := r.read(ctx); err != nil {
		return r.failure(sparkProblem(r.site.config, err))
	}
	r.log.Job.Open = false
	r.removeMade(ctx)
	if status.State == spark.Succeeded {
		return nil
	}
	found, err := r.site.worstFailure(ctx)
	if err != nil {
		return r.failure(sparkProblem(r.site.config, err))
	}
	logs := "The job's logs: " + r.site.launcher.Logs(r.log.Job.Handle) + "."
	p := &problem.Problem{
		Summary: "Spark Job Failed", Attribute: "emr", Next: "Look into the job's logs, then apply again. " + logs,
		Cause: "No task has said why. A job whose tasks cannot start most often lacks permissions of its role, a network route to S3 and DynamoDB, or a binary of its architecture. " + status.Detail,
	}
	if status.State == spark.Cancelled {
		p.Summary, p.Cause, p.Next = "Spark Job Cancelled", "Somebody has cancelled the job outside of Terraform, or its time was over. "+status.Detail, "Apply again. "+logs
	}
	if found != nil && status.State == spark.Failed {
		p = found.Problem
		if found.Segment != wholeJob {
			p.Cause = fmt.Sprintf("Segment %d failed for the %d. time: %s", found.Segment, found.Attempt+1, p.Cause)
		}
		p.Next += " " + logs
	}
	return errors.Join(r.failure(p), r.save(ctx))
}

// cancel ends the job of an apply that was interrupted or has run out of time, and waits until no worker writes any more.
func (r *sparkRun) cancel(ctx context.Context) error {
	reason := requestProblem(ctx, context.Cause(ctx))
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), endWait)
	defer done()
	if r.log.Job.Handle.ID == "" {
		// It may or may not have started. Finding it is the only way to end it.
		handle, err := r.site.launcher.Submit(ctx, r.site.job(r.log.Job.token(r.log.ID)))
		if r.log.Job.Handle = handle; err != nil {
			return errors.Join(r.failure(reason), err, r.save(ctx))
		}
	}
	err := r.site.launcher.Cancel(ctx, r.log.Job.Handle)
	if err == nil {
		_, err = r.await(ctx)
	}
	if err != nil {
		reason.Next += fmt.Sprintf(" The job could not be seen to end (%v); it may be running still: %s.", err, r.site.launcher.Logs(r.log.Job.Handle))
		return errors.Join(r.failure(reason), r.save(ctx))
	}
	err = r.read(ctx)
	r.log.Job.Open = false
	r.removeMade(ctx)
	return errors.Join(r.failure(reason), err, r.save(ctx))
}

// failure adds to the problem how far the run has come.
func (r *sparkRun) failure(p *problem.Problem) *problem.Problem {
	r.movement.describe(p, r.sum.Load().ledger, r.log.worthwhile(r.record()))
	return p
}
