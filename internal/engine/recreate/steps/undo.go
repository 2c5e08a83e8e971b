// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package steps

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
)

// grace is for how long a run goes on after its end was asked for, where stopping at once would leave no table, or one
// that is not as it was. Dropping a table and making one takes AWS some seconds each, more with indexes.
const grace = 2 * time.Minute

// outlive returns a context that ends the grace after the other one.
func (r *Run) outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	lasting, end := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		if r.Grace(lasting, grace) == nil {
			end(context.Cause(ctx))
		}
	})
	return lasting, func() { stop(); end(nil) }
}

// stopped is the error of a step. A run that ends before the table was dropped first puts back what it has changed.
func (r *Run) stopped(ctx context.Context, step Step, err error) error {
	stopped := &StepError{Step: step, Err: err, Unsaved: r.unsaved}
	changed := step == stepSuspend || step == stepUnlock || step == stepDrop && !r.deleting
	if !changed || errors.Is(err, journal.ErrTaken) { // It is not this run's any more.
		return stopped
	}
	stopped.Undone, stopped.Left = r.undo(ctx)
	return stopped
}

// GiveUp puts back what a recreate that has not come to the drop has changed of the table, and forgets it. A backup
// that it has made stays. Undone says that the table is as it was; the error may then be that of forgetting it.
func (r *Run) GiveUp(ctx context.Context) (undone bool, err error) {
	if !r.State.Changed() {
		return true, r.Record.Remove(ctx)
	}
	r.writer = r.newWriter()
	return r.undo(ctx)
}

// errGone says that there is nothing to put back: somebody has deleted the table, or an answer of AWS was lost.
var errGone = errors.New("the table is gone, or going")

// undo puts back what the steps before the drop have changed, and forgets the run. One that dies in the middle of this
// is still in the journal, as one that has not come to the drop. Undone says that the table is as it was; the error may
// then be that of forgetting the run.
func (r *Run) undo(ctx context.Context) (undone bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	table, err := r.original(ctx)
	other := errors.Is(err, ErrOtherTable) // Its protection is its own affair; auto scaling is bound to the name.
	if err != nil && !other {
		return false, err
	}
	if table == nil || table.TableStatus == types.TableStatusDeleting {
		return false, errGone
	}
	r.State.Step = stepSuspend
	// What the journal holds is of a table that is still there, which the next run finds out by its id.
	if err := r.Record.Save(ctx, r.State); errors.Is(err, journal.ErrTaken) {
		return false, err
	}
	if !other && r.State.Snapshot.DeletionProtected() && !aws.ToBool(table.DeletionProtectionEnabled) {
		err = r.writer.SetDeletionProtection(ctx, true)
	} else {
		err = nil
	}
	if err = errors.Join(err, r.writer.ResumeAutoScaling(ctx, r.State.Snapshot)); err != nil {
		return false, err
	}
	if r.Finish != nil {
		if err := r.Finish(ctx); err != nil {
			return true, err
		}
		r.State.BackupARN = ""
	}
	return true, r.Record.Remove(ctx)
}
