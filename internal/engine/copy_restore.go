// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// MethodRestore copies with a backup or with point-in-time recovery: AWS makes the destination, with the items in it.
const MethodRestore = "backup_restore"

// Restore says how MethodRestore restores.
type Restore struct {
	// BackupARN is the backup that is restored; empty for one that the run makes, and deletes unless Keep says otherwise.
	BackupARN string
	Keep      bool
	// Latest restores the source as late as its point-in-time recovery can, and At as it was then; with neither it is a backup that
	// is restored.
	Latest bool
	At     time.Time
	// Replace drops a destination that is there, and restores it with the settings that it has.
	Replace bool
}

// restores says whether AWS makes the destination from a backup or a recovery.
func (job CopyJob) restores() bool { return job.Method == MethodRestore }

// recovers says whether that is from point-in-time recovery.
func (r Restore) recovers() bool { return r.Latest || !r.At.IsZero() }

// makesBackup reports whether the run makes the backup that it restores.
func (r Restore) makesBackup() bool { return r.BackupARN == "" && !r.recovers() }

// older says that what is restored may have other keys' indexes and another billing than the source has now.
func (r Restore) older() bool { return r.BackupARN != "" || !r.At.IsZero() }

// restoreDefinition is the same for the same run.
func (job CopyJob) restoreDefinition(from settings.Identity) (string, error) {
	definition, err := json.Marshal([]any{from.ID, job.Restore, job.Destination.Create, job.Destination.KMSKeyARN, job.Triggers})
	sum := sha256.Sum256(definition)
	return hex.EncodeToString(sum[:16]), err
}

// checkRestore finds what keeps AWS from restoring the source.
func (r *readyCopy) checkRestore(ctx context.Context, e *Engine, job CopyJob) []*problem.Problem {
	var found problem.List
	if !job.restores() {
		if job.Restore != (Restore{}) {
			found.Add(&problem.Problem{
				Summary: "Restore Without Its Method", Attribute: "backup_restore",
				Cause: "backup_restore says how method = \"backup_restore\" works, and the method is another one.",
				Next:  "Set method = \"backup_restore\", or leave backup_restore out.",
			})
		}
		return found
	}
	found.Add(job.cannotRestore()...)
	if r.destination != nil && r.creation == nil && job.Destination.creates() && !job.Restore.Replace {
		p := r.destination.about("destination.table", "Table Exists")
		p.Cause = "AWS restores to a new table only, and there is one of that name. It is as it was."
		p.Next = "Name a table that does not exist, or use method = \"scan\", which copies to one that does; or set backup_restore.replace_destination, which drops it first."
		found.Add(p)
	}
	if r.source == nil {
		return found
	}
	if r.destination != nil {
		found.Add(r.checkRestoreAccount())
	}
	if job.Restore.recovers() {
		found.Add(r.source.recoverable(ctx, recoveryUse{does: "restores", attribute: "backup_restore.point_in_time", lags: true}, job.Restore.At, e.Now()))
	}
	var backup *types.BackupDescription
	if job.Restore.BackupARN != "" {
		var p *problem.Problem
		backup, p = r.source.restorable(ctx, job.Restore.BackupARN)
		found.Add(p)
	}
	if r.replaced != nil && !r.replaced.state.Dropped() && len(found) == 0 {
		found.Add(e.fitsReplaced(ctx, job, r, backup))
	}
	return found
}

// cannotRestore is what the job asks for that a restore does not have.
func (job CopyJob) cannotRestore() []*problem.Problem {
	var found problem.List
	refuse := func(when bool, attribute, cause, next string) {
		if when {
			found.Add(&problem.Problem{Summary: "A Restore Cannot Do This", Attribute: attribute, Cause: cause, Next: next + ", or use method = \"scan\", which can do this."})
		}
	}
	const whole = "AWS restores a table as a whole, with all of its items as they were."
	refuse(job.Source.File != "" || job.Source.S3 != nil, job.Source.input(), "method = \"backup_restore\" has AWS restore a table, and the source is none.", "Give a table as the source")
	refuse(job.Destination.File != "" || job.Destination.S3 != nil, job.Destination.output(), "AWS restores to a table, and the destination is none.", "Give a table as the destination")
	refuse(job.Source.Index != "", "source.index", "AWS restores tables, not their indexes.", "Leave index out")
	refuse(job.Filter != nil, "filter", whole, "Leave filter out")
	refuse(job.transforms(), "transform", whole, "Leave transform out")
	refuse(job.samples(), "sample_percent", whole, "Leave sample_percent out")
	refuse(job.conditional(), "on_conflict", "The table that is restored is new, and holds nothing that an item could meet.", "Leave on_conflict out")
	refuse(job.verifies(), "verify", "AWS does not say how many items it has restored, and the source may have others by now.", "Leave verify out")
	if !job.Destination.creates() && !job.Restore.Replace && job.Destination.Table != "" {
		found.Add(&problem.Problem{
			Summary: "AWS Makes The Table", Attribute: "destination.create_table",
			Cause: "AWS restores to a new table only, and create_table does not ask for one.",
			Next:  "Set create_table to \"schema\", for what AWS restores, or to \"full\", which puts the other settings back too; or replace an existing table, with backup_restore.replace_destination.",
		})
	}
	if job.Restore.Replace && !job.Restore.At.IsZero() {
		found.Add(&problem.Problem{
			Summary: "Destination Cannot Be Replaced", Attribute: "backup_restore.replace_destination",
			Cause: "What the indexes were at a time in the past is not known before the restore, and the table would be dropped by then.",
			Next:  "Restore that time to a new table, and copy from there with method = \"scan\"; or restore \"latest\" or a backup.",
		})
	}
	if job.Restore.recovers() && job.Restore.BackupARN != "" {
		found.Add(&problem.Problem{
			Summary: "Two Things To Restore", Attribute: "backup_restore.backup_arn",
			Cause: "point_in_time restores from point-in-time recovery and backup_arn from a backup.", Next: "Give one of them.",
		})
	}
	return found
}

// checkRestoreAccount looks at whose the two tables are.
func (r *readyCopy) checkRestoreAccount() *problem.Problem {
	from, _ := r.source.Where()
	if to, _ := r.destination.Where(); from == to {
		return nil
	}
	p := r.destination.about("destination.table", "A Restore Stays In Its Account")
	p.Cause = fmt.Sprintf("The source is in account %s, and AWS restores to the same account only.", from)
	p.Next = "Use method = \"scan\" or \"export_import\", which copy to another account."
	return p
}

// restorable describes the backup, or says why it cannot be restored as one of the table.
func (t *table) restorable(ctx context.Context, backupARN string) (*types.BackupDescription, *problem.Problem) {
	answer, err := t.client.DescribeBackup(ctx, &dynamodb.DescribeBackupInput{BackupArn: &backupARN})
	if err != nil {
		p := requestProblem(ctx, err)
		p.Attribute = "backup_restore.backup_arn"
		p.Table, p.Account, p.Region = t.place()
		return nil, p
	}
	description := value(answer.BackupDescription)
	p := t.about("backup_restore.backup_arn", "Backup Cannot Be Restored")
	p.Next = "Give a backup of the source that is AVAILABLE, or leave backup_arn out, and the run makes one."
	if of := value(value(description.SourceTableDetails).TableArn); of != t.ARN() {
		p.Cause = fmt.Sprintf("It is a backup of %s, and the source is another table.", of)
		return nil, p
	}
	if status := value(description.BackupDetails).BackupStatus; status != types.BackupStatusAvailable {
		p.Cause = fmt.Sprintf("The backup's status is %s.", status)
		return nil, p
	}
	return &description, nil
}
