// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// pause is between two looks at something that is changing.
const pause = 2 * time.Second

// ErrOtherTable says that the table is not the one of the snapshot.
var ErrOtherTable = errors.New("another table has the name now")

func (r *Run) table() *string { return aws.String(r.State.Snapshot.Table.Name) }

// original describes the table, and makes sure that it is the one of the snapshot.
func (r *Run) original(ctx context.Context) (*types.TableDescription, error) {
	table, err := settings.Describe(ctx, r.Clients.DynamoDB, r.State.Snapshot.Table.Name)
	if err == nil && table != nil && settings.IdentityOf(table).ID != r.State.Snapshot.Table.ID {
		err = ErrOtherTable
	}
	return table, err
}

// until waits until something is so.
func (r *Run) until(ctx context.Context, so func() (bool, error)) error {
	for {
		if ok, err := so(); ok || err != nil {
			return err
		}
		if err := r.sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// backUp makes the backup that was asked for, once, and waits until it can be restored.
func (r *Run) backUp(ctx context.Context) error {
	if r.Backup == nil {
		return nil
	}
	if _, err := r.original(ctx); err != nil {
		return err
	}
	if r.State.BackupARN == "" {
		var err error
		if r.State.BackupARN, err = r.Backup.Make(ctx); err != nil {
			return err
		}
		if err := r.save(ctx); err != nil {
			return err
		}
	}
	err := r.Backup.Await(ctx, r.State.BackupARN)
	if _, deleted := errors.AsType[*managed.FailedError](err); deleted { // The next attempt makes another one.
		r.State.BackupARN = ""
		return errors.Join(err, r.save(ctx))
	}
	return err
}

// prove sends the request that is to make the table while the table is there, which changes nothing. Any answer but
// that there is such a table, above all that the caller may not make one, is one that would come after the drop too.
func (r *Run) prove(ctx context.Context) error {
	request, err := r.State.Snapshot.CreateTable(aws.ToString(r.table()))
	if err != nil {
		return err
	}
	return r.until(ctx, func() (bool, error) {
		table, err := r.original(ctx)
		if err == nil && table == nil {
			err = errGone
		}
		if err != nil {
			return false, err
		}
		if r.Restore != nil {
			_, err = r.restore().Start(ctx)
		} else {
			_, err = r.Clients.DynamoDB.CreateTable(ctx, request)
		}
		if errors.Is(err, managed.ErrTaken) {
			return true, nil
		}
		switch code := awserr.Code(err); {
		case code == "ValidationException" && request.ResourcePolicy != nil:
			request.ResourcePolicy = nil // It was put when it was valid, or by PutResourcePolicy, which takes more. Make does without it too.
			return false, nil
		case code == "ResourceInUseException":
			return true, nil
		case code == "LimitExceededException":
			return false, nil // Too many tables are being made.
		}
		return err == nil, err // With no error somebody has deleted the table just now; the drop finds another one.
	})
}

// restore is what makes the table.
func (r *Run) restore() managed.Restore {
	restore := *r.Restore
	restore.BackupARN, restore.Sleep = r.State.BackupARN, r.sleep
	return restore
}

// create makes the table, also if the context has ended. One that is there was made by an attempt whose answer was
// lost.
func (r *Run) create(context.Context) error {
	ctx := r.lasting
	if r.Restore == nil {
		made, err := r.writer.Make(ctx, r.State.Snapshot)
		if err == nil && !made && r.deleting {
			err = r.fits(ctx)
		}
		return r.created(ctx, err)
	}
	restore := r.restore()
	err := r.until(ctx, func() (bool, error) {
		restored, err := r.restored(ctx, restore)
		if restored || err != nil && !awserr.Undecided(err) {
			return restored, err
		}
		if err == nil {
			_, err = restore.Start(ctx)
		}
		if errors.Is(err, managed.ErrTaken) || awserr.Undecided(err) {
			return false, nil // As in settings.Writer.Make: there is not a table.
		}
		return err == nil, err
	})
	if err == nil {
		err = restore.Await(ctx)
	}
	return r.created(ctx, err)
}

// created notes what the new table is like, unless it could not be created. What is not seen now is seen when all is
// compared.
func (r *Run) created(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	r.missing = false
	_ = r.writer.Look(ctx, r.State.Snapshot)
	return nil
}

// fits makes sure that a table which is there has the keys and the indexes of the one that was dropped. It was made by
// an attempt that could not say so in the journal, or by others.
func (r *Run) fits(ctx context.Context) error {
	is, err := settings.ReadSchema(ctx, r.Clients, aws.ToString(r.table()))
	if err != nil {
		return err
	}
	fits, err := r.State.Snapshot.FitsRestore(is)
	if err == nil && !fits {
		err = ErrOtherTable
	}
	return err
}

// restored reports whether the table is there, and makes sure that it was restored from what is to be restored: one
// that somebody else has made meanwhile has none of the items.
func (r *Run) restored(ctx context.Context, restore managed.Restore) (bool, error) {
	table, err := settings.Describe(ctx, r.Clients.DynamoDB, restore.Table)
	if err != nil || table == nil || table.TableStatus == types.TableStatusDeleting {
		return false, err
	}
	from := table.RestoreSummary
	switch {
	case from == nil, settings.IdentityOf(table).ID == r.State.Snapshot.Table.ID,
		aws.ToString(from.SourceBackupArn) != restore.BackupARN, restore.BackupARN == "" && aws.ToString(from.SourceTableArn) != restore.SourceARN:
		return false, ErrOtherTable
	}
	return true, nil
}

func (r *Run) unlock(ctx context.Context) error {
	table, err := r.original(ctx)
	if err != nil || table == nil {
		return err
	}
	if aws.ToBool(table.DeletionProtectionEnabled) {
		if err := r.writer.SetDeletionProtection(ctx, false); err != nil {
			return err
		}
	}
	return r.unchanged(ctx)
}

// ErrChanged says that somebody has changed settings of the table since the snapshot was taken. The
// *settings.DifferenceError that is with it says which.
var ErrChanged = errors.New("settings were changed meanwhile")

// unchanged makes sure that the snapshot is still what the table is like, but for what this run has changed itself.
func (r *Run) unchanged(ctx context.Context) error {
	is, err := settings.Read(ctx, r.Clients, r.State.Snapshot.Table.Name)
	if err != nil {
		return err
	}
	if err := is.Resume(r.State.Snapshot); err != nil {
		return err
	}
	if found := settings.DiffByOthers(r.State.Snapshot, is); len(found) > 0 {
		return fmt.Errorf("%w: %w", ErrChanged, &settings.DifferenceError{Differences: found})
	}
	return nil
}

// drop deletes the table of the snapshot, and no other, and waits until it is gone. Once DeleteTable is sent, only the
// end of the lasting context counts: what AWS does not refuse is waited out, since there may be no table.
func (r *Run) drop(ctx context.Context) error {
	lasting := r.lasting
	return r.until(lasting, func() (bool, error) {
		table, err := r.original(lasting)
		switch {
		case r.resumed && errors.Is(err, ErrOtherTable):
			return true, nil // It has been dropped, and the creation finds out what the other table is.
		case r.deleting && awserr.Undecided(err):
			return false, nil
		case err != nil || table == nil:
			return table == nil, err
		case table.TableStatus == types.TableStatusDeleting:
			r.deleting, r.missing = true, true
			return false, nil
		}
		if err := ctx.Err(); err != nil && !r.deleting {
			return false, err
		}
		before := r.deleting
		r.deleting, r.missing = true, true
		_, err = r.Clients.DynamoDB.DeleteTable(lasting, &dynamodb.DeleteTableInput{TableName: r.table()})
		switch code := awserr.Code(err); {
		case code == "ResourceInUseException" || code == "LimitExceededException":
			r.deleting, r.missing = before, before
			return false, nil // It is still changing, or others are.
		case code == "ResourceNotFoundException", awserr.Undecided(err):
			return false, nil // The answer of this attempt, or of a former one, was lost.
		case err != nil:
			r.deleting, r.missing = false, false
		}
		return false, err
	})
}

func (r *Run) putBack(ctx context.Context) error {
	r.writer.Done = func(setting string) error {
		if slices.Contains(r.State.Restored, setting) {
			return nil
		}
		r.State.Restored = append(r.State.Restored, setting)
		return r.saveLater()
	}
	if _, err := r.writer.PutBack(ctx, r.State.Snapshot); err != nil {
		return err
	}
	return r.writer.DeleteOldMappings(ctx, r.State.Snapshot)
}

// compare reads everything again. What the new table never had is an error.
func (r *Run) compare(ctx context.Context, result *Result) error {
	before := r.State.Snapshot
	after, err := r.writer.Read(ctx)
	if err != nil {
		return err
	}
	if after.Table.ID == before.Table.ID {
		return fmt.Errorf("the table was not recreated: its id is still %s", after.Table.ID)
	}
	lacking, changed := r.State.Given.Diff(before, after)
	if len(lacking) > 0 {
		return &settings.DifferenceError{Differences: lacking}
	}
	result.Changed = changed
	result.After, result.BackupARN = after, r.State.BackupARN
	if result.BackupARN == "" && before.PointInTimeRecovery() {
		result.BackupARN, err = r.systemBackup(ctx)
	}
	return err
}

// systemBackup is the backup that AWS has made of the table when it was dropped, empty if AWS does not list it within
// some seconds.
func (r *Run) systemBackup(ctx context.Context) (found string, err error) {
	before := r.State.Snapshot.Table
	ours := func(b types.BackupSummary) bool { return aws.ToString(b.TableId) == before.ID }
	for range 5 {
		found, err = managed.FindBackup(ctx, r.Clients.DynamoDB, before.Name, types.BackupTypeFilterSystem, ours)
		if found != "" || err != nil {
			return found, err
		}
		if err := r.sleep(ctx, pause); err != nil {
			return "", err
		}
	}
	return "", nil
}
