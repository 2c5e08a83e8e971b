// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

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
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// restores has AWS make the table of the creation, and goes on with what was begun if that is the same, and its table is there or it is
// not too old.
func (c *creation) restores(ctx context.Context, j job.Copy, begun *records.Creation, now time.Time) *problem.Problem {
	definition, err := j.RestoreDefinition(c.state.Source)
	if err != nil {
		return attempt.Explain(ctx, err)
	}
	c.state.ID, c.state.Restore = journal.NewID(creationName(c.clients, j.DestinationRef())), &records.Restore{Definition: definition, Older: j.Restore.Older()}
	if begun == nil || begun.Restore == nil {
		return nil
	}
	begun.Source = c.state.Source
	is, err := settings.Describe(ctx, c.clients.DynamoDB, c.state.Wanted.Table.Name)
	if err != nil {
		p := tables.Explain(ctx, err)
		p.Attribute, p.Table = "destination.table", c.state.Wanted.Table.Name
		return p
	}
	made := is != nil && begun.Made(is)
	switch {
	case begun.Restore.Definition == definition && (made || now.Sub(begun.StartedAt) < attempt.ResumeWindow):
		c.resume(j, begun)
		if c.state.TableID = ""; made {
			c.state.TableID = settings.IdentityOf(is).ID
		}
	case begun.Restore.Own() && begun.Restore.BackupARN != j.Restore.BackupARN:
		return leftBackup(&problem.Problem{Table: c.state.Source.Name}, begun.Restore.BackupARN)
	}
	return nil
}

// leftBackup makes the problem one that names the backup of an attempt which is not gone on with.
func leftBackup(p *problem.Problem, backupARN string) *problem.Problem {
	p.Summary, p.Warning = "Backup Of An Earlier Attempt", true
	p.Cause = "An attempt that failed has made the backup " + backupARN + ". It is older than a day, or was for another run: this run makes its own."
	p.Next = "Delete that backup if it is not needed."
	return p
}

// restored is what the new table is to be like, when AWS has restored it: keys, indexes, billing and encryption are those of the time
// that was restored. The names of those that the source has not any more as they were are returned too.
func (c *creation) restored(ctx context.Context) (wanted *settings.Snapshot, different []string, err error) {
	is, err := c.read(ctx)
	if err != nil {
		return nil, nil, err
	}
	wanted, different = c.state.Wanted.AsRestored(is)
	return wanted, different, nil
}

// restoreRun is a copy by way of a restore that is under way.
type restoreRun struct {
	env    *tables.Env
	job    job.Copy
	ready  *readyCopy
	made   *creation
	record journal.Record
	writer *settings.Writer
	wait   *attempt.Waiting
}

// do has AWS make the table with its items, and gives it the rest of its settings.
func (r *restoreRun) do(ctx context.Context, observer attempt.Observer) (_ *run.Result, err error) {
	locks, p := records.Lock(ctx, r.env, records.UseOf(r.ready.source, job.SourceTable), records.Use{}, r.ready.own...)
	if p != nil {
		return nil, p
	}
	defer func() { err = errors.Join(err, locks.Release()) }()
	state, resumed := r.made.state, !r.made.state.StartedAt.IsZero()
	r.begin()
	stop := observer.Observe(ctx, r.wait.Status)
	defer stop()
	if !resumed {
		state.StartedAt = r.env.Now()
	}
	if r.ownBackup() {
		if err := attempt.OwnBackup(ctx, r.env, r.backup(), creationName(r.made.clients, r.job.DestinationRef()), state.Restore.BackupARN); err != nil {
			return nil, err
		}
	}
	if err := r.restore(ctx); err != nil {
		return nil, r.failure(ctx, err)
	}
	r.wait.At("putting settings back")
	notKept, err := r.made.finish(ctx, r.writer)
	if err != nil {
		return nil, r.failure(ctx, err)
	}
	kept := state.Restore.BackupARN
	if r.ownBackup() && !r.job.Restore.Keep {
		r.wait.At("deleting the backup")
		if err := r.backup().Delete(ctx, kept); err != nil {
			return nil, r.failure(ctx, err)
		}
		kept = ""
	}
	if err := r.record.Remove(ctx); err != nil {
		return nil, attempt.Explain(ctx, err)
	}
	chosen, now := r.ready.choice, r.env.Now()
	return &run.Result{
		ID: state.ID, Method: chosen.Method, MethodReason: chosen.Reason, StartedAt: state.StartedAt, CompletedAt: now, Resumed: resumed,
		Duration:  now.Sub(state.StartedAt), // AWS goes on while no attempt waits.
		SourceARN: r.ready.source.ARN(), DestinationARN: state.Wanted.Table.ARN, DestinationCreated: true,
		SettingsNotCopied: append(state.NotCopied, notKept...), BackupARN: kept,
		Remarks: slices.Concat(r.wait.Last.Warnings(ctx), recreate.ChangedWarnings("destination.table", state.Wanted.Table, r.made.changed)),
	}, nil
}

// begin says in the record what the run is.
func (r *restoreRun) begin() {
	state := r.made.state
	state.Kind, state.From, state.To = attempt.KindCopy, r.job.Source.String(), r.job.Destination.String()
	r.wait = attempt.NewWaiting(r.env, &state.Header, r.save)
	r.writer.Sleep = r.wait.Sleep
}

// restore has AWS make the table, unless an earlier attempt has, and waits until it is there.
func (r *restoreRun) restore(ctx context.Context) error {
	state := r.made.state
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

// look notes what the restored table has of what only the restore can give it. What is not seen now is seen when all is compared, and what
// is restored as it was once is taken as it is.
func (r *restoreRun) look(ctx context.Context) error {
	if r.made.state.Restore.Older {
		return nil
	}
	_ = r.writer.Look(ctx, r.made.state.Wanted)
	return r.made.progress(ctx)
}

// request is what AWS is asked for. What is restored as it is now gets the indexes' and the billing's maxima along, which AWS does not
// keep.
func (r *restoreRun) request() (managed.Restore, error) {
	state := r.made.state
	restore := managed.Restore{
		Client: r.writer.DynamoDB, Table: r.writer.Table, BackupARN: state.Restore.BackupARN, SourceARN: state.Source.ARN, At: r.job.Restore.At, Sleep: r.wait.Sleep,
	}
	wanted, err := state.Wanted.CreateTable(r.writer.Table)
	if err != nil {
		return restore, err
	}
	_, from := r.ready.source.Where()
	restore.Override = &dynamodb.CreateTableInput{}
	if !r.job.Restore.Older() {
		*restore.Override = *wanted
	}
	switch elsewhere := from != r.writer.DynamoDB.Options().Region; {
	case r.job.Destination.KMSKeyARN == "" && !elsewhere:
		restore.Override.SSESpecification = nil // The source's.
	case wanted.SSESpecification != nil:
		restore.Override.SSESpecification = wanted.SSESpecification
	default: // In another Region it has to be said ("RestoreTableToPointInTime"; a backup is restored there too: "Restoring a DynamoDB table from a backup").
		restore.Override.SSESpecification = ownedByDynamoDB()
	}
	return restore, nil
}

// ownedByDynamoDB is the encryption with a key that DynamoDB owns.
func ownedByDynamoDB() *types.SSESpecification {
	return &types.SSESpecification{Enabled: aws.Bool(false)}
}

func (r *restoreRun) ownBackup() bool {
	return r.job.Restore.MakesBackup()
}

func (r *restoreRun) backup() managed.Backup {
	return managed.Backup{Client: r.ready.source.Client, Table: r.ready.source.Name, Name: attempt.BackupName(r.made.state.ID), Sleep: r.wait.Sleep}
}

// backUp makes the backup that is to be restored, unless there is one or none is needed.
func (r *restoreRun) backUp(ctx context.Context) (string, error) {
	state := r.made.state.Restore
	if !r.ownBackup() {
		state.BackupARN = r.job.Restore.BackupARN
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

// start asks for the restore, and keeps in the journal that it was this run.
func (r *restoreRun) start(ctx context.Context, restore managed.Restore) error {
	state := r.made.state
	first := state.Restore.SentAt.IsZero()
	if first {
		state.Restore.SentAt = r.env.Now()
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
		return restore.Await(ctx) // Which says that it is gone.
	case taken && !state.Made(made):
		return madeByOthers(state.Wanted.Table)
	}
	state.TableID = settings.IdentityOf(made).ID
	return r.wait.Progress(ctx) // What it was restored from tells it too.
}

func (r *restoreRun) save(ctx context.Context) error {
	r.made.state.UpdatedAt = r.env.Now()
	if err := r.record.Save(context.WithoutCancel(ctx), r.made.state); err != nil {
		return attempt.Explain(ctx, err)
	}
	return nil
}
