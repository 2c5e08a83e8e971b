// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
)

// settle adds up what an ended job has done, and removes what was made for it.
func (r *sparkRun) settle(ctx context.Context) error {
	if err := r.read(ctx); err != nil {
		return err
	}
	r.log.Job.Open, r.log.Job.Cancelling = false, false
	r.removeMade(ctx)
	return nil
}

// removeMade removes what was made for the job. A failure does no harm: an application stops by itself when it is idle,
// and costs nothing then.
func (r *sparkRun) removeMade(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWait)
	defer cancel()
	if err := r.site.launcher.Remove(ctx, r.log.Job.Handle); err != nil {
		r.warnings = append(r.warnings, &problem.Problem{
			Summary: "Left Behind By The Spark Job", Attribute: "emr", Warning: true, Err: err,
			Cause: "The job has ended, but what was made for it could not be removed: " + r.logs() + ".",
			Next:  "Delete it yourself. It costs nothing while nothing runs in it.",
		})
	}
}

// logs says where to find the job and its logs.
func (r *sparkRun) logs() string { return r.site.launcher.Logs(r.log.Job.Handle) }

// ended handles a job that has ended, whether it succeeded or not.
func (r *sparkRun) ended(ctx context.Context, status spark.Status) error {
	if err := r.settle(ctx); err != nil {
		return r.failed(ctx, err)
	}
	logs := "The job's logs: " + r.logs() + "."
	if status.State == spark.Succeeded {
		if r.sum.Load().done == r.log.Segments {
			return nil
		}
		return errors.Join(r.failure(&problem.Problem{
			Summary: "Segments Missing",
			Cause: fmt.Sprintf(
				"The Spark job succeeded, but only %d of %d segments are recorded as complete.",
				r.sum.Load().done,
				r.log.Segments,
			),
			Next: "Please report this as a bug of the provider. " + logs,
		}), r.stop(ctx))
	}
	found, err := r.site.worstFailure(ctx)
	if err != nil {
		return errors.Join(r.failed(ctx, err), r.stop(ctx))
	}
	p := &problem.Problem{
		Summary: "Spark Job Failed", Attribute: "emr", Next: "Look into the job's logs, then apply again. " + logs,
		Cause: "No task has said why. A job whose tasks cannot start most often lacks permissions of its role, a network " +
			"route to S3 and DynamoDB, or a binary of its architecture. " + status.Detail,
	}
	switch {
	case status.State == spark.Cancelled:
		p.Summary, p.Cause, p.Next = "Spark Job Cancelled", "Somebody has cancelled the job outside of Terraform, or its "+
			"time was over. "+status.Detail, "Apply again. "+logs
	case found != nil:
		p = found.Problem
		if found.Segment != wholeJob {
			p.Cause = fmt.Sprintf("Segment %d failed for the %d. time: %s", found.Segment, found.Attempt+1, p.Cause)
		}
		p.Next += " " + logs
	}
	return errors.Join(r.failure(p), r.stop(ctx))
}

// cancel ends the job of an apply that was interrupted or has run out of time, and waits until its workers have
// stopped.
func (r *sparkRun) cancel(ctx context.Context) error {
	reason := explain.Error(ctx, context.Cause(ctx))
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), endWait)
	defer done()
	if r.log.Job.Handle.ID == "" {
		// The job may have started. Only its ID allows to end it, and submitting it again returns that.
		handle, err := r.site.launcher.Submit(ctx, r.site.job(r.log.Job.Token(r.log.ID)))
		if r.log.Job.Handle = handle; err != nil {
			return errors.Join(r.failure(reason), err, r.stop(ctx))
		}
	}
	r.log.Job.Cancelling = true
	err := r.save(ctx)
	if err == nil {
		err = r.site.launcher.Cancel(ctx, r.log.Job.Handle)
	}
	if err == nil {
		_, err = r.await(ctx)
	}
	if err != nil {
		reason.Next += fmt.Sprintf(" The job could not be seen to end (%v); it may be running still: %s. The next apply "+
			"waits for its end.", err, r.logs())
		return errors.Join(r.failure(reason), r.stop(ctx))
	}
	err = r.settle(ctx)
	return errors.Join(r.failure(reason), err, r.stop(ctx))
}

// awaitCancelled waits for the end of a job that an interrupted apply cancelled and did not see end.
func (r *sparkRun) awaitCancelled(ctx context.Context) error {
	_, err := r.await(ctx)
	switch {
	case ctx.Err() != nil:
		return r.cancel(ctx)
	case err != nil:
		return r.failure(r.unseen(ctx, err))
	}
	if err := r.settle(ctx); err != nil {
		return r.failed(ctx, err)
	}
	return r.save(ctx)
}

// unseen is the problem that the job continues, and its state cannot be read.
func (r *sparkRun) unseen(ctx context.Context, err error) *problem.Problem {
	p := explainSpark(r.site.config, err)
	if errors.Is(err, journal.ErrTaken) {
		p = attempt.Explain(ctx, err)
	} else {
		p.Summary = "Spark Job Out Of Sight"
	}
	p.Cause += " The job continues nevertheless, and writes: " + r.logs() + "."
	p.Next += " The next apply of the same run finds the job and waits for it. Cancel it yourself if it is to end."
	return p
}

// failed is the problem of a request to S3 or to a service that failed.
func (r *sparkRun) failed(ctx context.Context, err error) *problem.Problem {
	if ctx.Err() != nil {
		return r.failure(explain.Error(ctx, context.Cause(ctx)))
	}
	return r.failure(explainSpark(r.site.config, err))
}

// failure adds to the problem how far the run has come, and what the job has left.
func (r *sparkRun) failure(p *problem.Problem) *problem.Problem {
	r.movement.Describe(p, r.sum.Load().ledger, r.log.Resumable(r.record()))
	for _, remark := range r.warnings {
		p.Next += " " + remark.Cause + " " + remark.Next
	}
	return p
}
