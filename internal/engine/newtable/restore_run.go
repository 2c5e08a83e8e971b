// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package newtable

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// RestoreRun is a copy by restore.
type RestoreRun struct {
	Env    *tables.Env
	Job    job.Copy
	Source *tables.Table
	Choice job.Choice
	Own    []string // The names of the run's own records.
	Made   *Creation
	Record journal.Record
	Writer *settings.Writer
	wait   *attempt.Waiting
}

// Do has AWS create the table with its items, and gives it the rest of its settings.
func (r *RestoreRun) Do(ctx context.Context, observer attempt.Observer) (_ *run.Result, err error) {
	locks, p := records.Lock(ctx, r.Env, records.UseOf(r.Source, job.SourceTable), records.Use{}, r.Own...)
	if p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, locks.Release()) }()
	state, resumed := r.Made.State, !r.Made.State.StartedAt.IsZero()
	r.begin()
	stop := observer.Observe(ctx, r.wait.Status)
	defer stop()
	if !resumed {
		state.StartedAt = r.Env.Now()
	}
	if r.ownBackup() {
		if err := attempt.OwnBackup(ctx, r.Env, r.backup(), RecordName(r.Made.Clients, r.Job.DestinationRef()), state.Restore.BackupARN); err != nil {
			return nil, err
		}
	}
	if err := r.restore(ctx); err != nil {
		return nil, r.failure(ctx, err)
	}
	r.wait.At("putting settings back")
	notKept, err := r.Made.Finish(ctx, r.Writer)
	if err != nil {
		return nil, r.failure(ctx, err)
	}
	kept := state.Restore.BackupARN
	if r.ownBackup() && !r.Job.Restore.Keep {
		r.wait.At("deleting the backup")
		if err := r.backup().Delete(ctx, kept); err != nil {
			return nil, r.failure(ctx, err)
		}
		kept = ""
	}
	if err := r.Record.Remove(ctx); err != nil {
		return nil, attempt.Explain(ctx, err)
	}
	chosen, now := r.Choice, r.Env.Now()
	return &run.Result{
		ID: state.ID, Method: chosen.Method, MethodReason: chosen.Reason, StartedAt: state.StartedAt, CompletedAt: now,
		Resumed:   resumed,
		Duration:  now.Sub(state.StartedAt), // AWS continues while no attempt waits.
		SourceARN: r.Source.ARN(), DestinationARN: state.Wanted.Table.ARN, DestinationCreated: true,
		SettingsNotCopied: append(state.NotCopied, notKept...), BackupARN: kept,
		Warnings: slices.Concat(
			r.wait.Last.Warnings(ctx),
			recreate.ChangedWarnings("destination.table", state.Wanted.Table, r.Made.Changed),
		),
	}, nil
}

// begin records what the run is.
func (r *RestoreRun) begin() {
	state := r.Made.State
	state.Kind, state.From, state.To = attempt.KindCopy, r.Job.Source.String(), r.Job.Destination.String()
	r.wait = attempt.NewWaiting(r.Env, &state.Header, r.save)
	r.Writer.Sleep = r.wait.Sleep
}

// restore has AWS create the table, unless an earlier attempt did, and waits for it.
func (r *RestoreRun) restore(ctx context.Context) error {
	state := r.Made.State
	restore, err := r.request()
	if err != nil {
		return err
	}
	if state.TableID == "" {
		if restore.BackupARN, err = r.backUp(ctx); err != nil {
			return err
		}
		if err := r.start(ctx, restore); err != nil {
			return err
		}
	}
	r.wait.At("waiting for the restore")
	if err := restore.Await(ctx); err != nil {
		return err
	}
	return r.look(ctx)
}

// look notes which settings the restored table has that only the restore can give it. A setting that cannot be read now
// is read when all are compared, and settings of an earlier time are taken as they are.
func (r *RestoreRun) look(ctx context.Context) error {
	if r.Made.State.Restore.Older {
		return nil
	}
	_ = r.Writer.Look(ctx, r.Made.State.Wanted)
	return r.Made.Progress(ctx)
}

// request returns what AWS is asked for. A restore of the current state also asks for the maxima of indexes and of
// billing, which AWS does not keep.
func (r *RestoreRun) request() (managed.Restore, error) {
	state := r.Made.State
	restore := managed.Restore{
		Client: r.Writer.DynamoDB, Table: r.Writer.Table, BackupARN: state.Restore.BackupARN, SourceARN: state.Source.ARN,
		At: r.Job.Restore.At, Sleep: r.wait.Sleep,
	}
	wanted, err := state.Wanted.CreateTable(r.Writer.Table)
	if err != nil {
		return restore, err
	}
	_, from := r.Source.Where()
	restore.Override = &dynamodb.CreateTableInput{}
	if !r.Job.Restore.Older() {
		*restore.Override = *wanted
	}
	switch elsewhere := from != r.Writer.DynamoDB.Options().Region; {
	case r.Job.Destination.KMSKeyARN == "" && !elsewhere:
		restore.Override.SSESpecification = nil // The source's.
	case wanted.SSESpecification != nil:
		restore.Override.SSESpecification = wanted.SSESpecification
	default: // In another Region it has to be said ("RestoreTableToPointInTime"; a backup is restored there too: "Restoring a DynamoDB table from a backup").
		restore.Override.SSESpecification = OwnedByDynamoDB()
	}
	return restore, nil
}

// OwnedByDynamoDB returns the encryption with a key that DynamoDB owns.
func OwnedByDynamoDB() *types.SSESpecification {
	return &types.SSESpecification{Enabled: aws.Bool(false)}
}

func (r *RestoreRun) ownBackup() bool {
	return r.Job.Restore.MakesBackup()
}

func (r *RestoreRun) backup() managed.Backup {
	return managed.Backup{
		Client: r.Source.Client,
		Table:  r.Source.Name,
		Name:   attempt.BackupName(r.Made.State.ID),
		Sleep:  r.wait.Sleep,
	}
}

// backUp makes the backup that is restored, unless there is one or none is needed.
func (r *RestoreRun) backUp(ctx context.Context) (string, error) {
	state := r.Made.State.Restore
	if !r.ownBackup() {
		state.BackupARN = r.Job.Restore.BackupARN
		return state.BackupARN, nil
	}
	if state.BackupARN == "" {
		r.wait.At("making a backup")
		if err := r.save(ctx); err != nil {
			return "", err
		}
		arn, err := r.backup().Make(ctx)
		if err != nil {
			return "", err
		}
		state.BackupARN = arn
		if err := r.wait.Progress(ctx); err != nil { // Its name finds it too.
			return "", err
		}
	}
	r.wait.At("waiting for the backup " + state.BackupARN)
	return state.BackupARN, r.backup().Await(ctx, state.BackupARN)
}

// start asks for the restore, and records that this run did so.
func (r *RestoreRun) start(ctx context.Context, restore managed.Restore) error {
	state := r.Made.State
	first := state.Restore.SentAt.IsZero()
	if first {
		state.Restore.SentAt = r.Env.Now()
	}
	r.wait.At("asking for the restore")
	if err := r.save(ctx); err != nil {
		return err
	}
	made, err := restore.Start(ctx)
	taken := errors.Is(err, managed.ErrTaken)
	switch {
	case err == nil || taken:
	case first && awserr.Lasting(err): // It was not carried out.
		state.Restore.SentAt = time.Time{}
		return errors.Join(err, r.save(ctx))
	default:
		return err
	}
	if taken {
		if made, err = settings.Describe(ctx, restore.Client, restore.Table); err != nil {
			return err
		}
	}
	switch {
	case made == nil:
		return restore.Await(ctx) // Its error says that the table is gone.
	case taken && !state.Made(made):
		return MadeByOthers(state.Wanted.Table)
	}
	state.TableID = settings.IdentityOf(made).ID
	return r.wait.Progress(ctx) // What it was restored from tells it too.
}

func (r *RestoreRun) save(ctx context.Context) error {
	r.Made.State.UpdatedAt = r.Env.Now()
	if err := r.Record.Save(context.WithoutCancel(ctx), r.Made.State); err != nil {
		return attempt.Explain(ctx, err)
	}
	return nil
}
