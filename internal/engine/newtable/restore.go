// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package newtable

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// RestorableBackup returns the backup, or why it is not a backup of the table that can be restored.
func RestorableBackup(
	ctx context.Context,
	t *tables.Table,
	backupARN string,
) (*types.BackupDescription, *problem.Problem) {
	answer, err := t.Client.DescribeBackup(ctx, &dynamodb.DescribeBackupInput{BackupArn: &backupARN})
	if err != nil {
		return nil, t.Explain(ctx, "backup_restore.backup_arn", err)
	}
	description := optional.Value(answer.BackupDescription)
	p := t.About("backup_restore.backup_arn", "Backup Cannot Be Restored")
	p.Next = "Give a backup of the source that is AVAILABLE, or leave backup_arn out, and the run makes one."
	if of := optional.Value(optional.Value(description.SourceTableDetails).TableArn); of != t.ARN() {
		p.Cause = fmt.Sprintf("It is a backup of %s, and the source is another table.", of)
		return nil, p
	}
	if status := optional.Value(description.BackupDetails).BackupStatus; status != types.BackupStatusAvailable {
		p.Cause = fmt.Sprintf("The backup's status is %s.", status)
		return nil, p
	}
	return &description, nil
}

// PlanRestore plans to have AWS create the table. It resumes an earlier attempt at the same restore, if its table
// exists or it is not too old.
func (c *Creation) PlanRestore(
	ctx context.Context,
	j job.Copy,
	begun *records.Creation,
	now time.Time,
) *problem.Problem {
	definition, err := j.RestoreDefinition(c.State.Source)
	if err != nil {
		return attempt.Explain(ctx, err)
	}
	c.State.ID = journal.NewID(RecordName(c.Clients, j.DestinationRef()))
	c.State.Restore = &records.Restore{Definition: definition, Older: j.Restore.Older()}
	if begun == nil || begun.Restore == nil {
		return nil
	}
	begun.Source = c.State.Source
	is, err := settings.Describe(ctx, c.Clients.DynamoDB, c.State.Wanted.Table.Name)
	if err != nil {
		p := explain.Error(ctx, err)
		p.Attribute, p.Table = "destination.table", c.State.Wanted.Table.Name
		return p
	}
	made := is != nil && begun.Made(is)
	switch {
	case begun.Restore.Definition == definition && (made || now.Sub(begun.StartedAt) < attempt.ResumeWindow):
		c.Resume(j, begun)
		if c.State.TableID = ""; made {
			c.State.TableID = settings.IdentityOf(is).ID
		}
	case begun.Restore.Own() && begun.Restore.BackupARN != j.Restore.BackupARN:
		return LeftBackup(&problem.Problem{Table: c.State.Source.Name}, begun.Restore.BackupARN)
	}
	return nil
}

// LeftBackup makes the problem a warning of the backup of an attempt that is not resumed.
func LeftBackup(p *problem.Problem, backupARN string) *problem.Problem {
	p.Summary, p.Warning = "Backup Of An Earlier Attempt", true
	p.Cause = "An attempt that failed has made the backup " + backupARN + ". It is older than a day, or was for " +
		"another run: this run makes its own."
	p.Next = "Delete that backup if it is not needed."
	return p
}

// restored returns what the restored table should be like: its keys, indexes, billing and encryption are those of the
// restored time. It also returns the names of the settings that the source has changed since then.
func (c *Creation) restored(ctx context.Context) (wanted *settings.Snapshot, different []string, err error) {
	is, err := c.read(ctx)
	if err != nil {
		return nil, nil, err
	}
	wanted, different = c.State.Wanted.AsRestored(is)
	return wanted, different, nil
}
