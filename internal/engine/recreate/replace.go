// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package recreate

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// RefuseReplace is the problem that a restore cannot replace the table, for that reason.
func RefuseReplace(t *tables.Table, cause string) *problem.Problem {
	p := t.About("backup_restore.replace_destination", "Destination Cannot Be Replaced")
	p.Cause = cause
	p.Next = "Leave the table as it is: empty it with dynamoops_table_purge and method = \"delete_items\", " +
		"and copy with method = \"scan\"."
	return p
}

// Fits returns why what is restored cannot have the settings of the table that it replaces, nil if it can. It is the
// source, or a backup of it that was given.
func (p *Plan) Fits(
	ctx context.Context,
	e *tables.Env,
	source *tables.Table,
	backup *types.BackupDescription,
	replaced *tables.Table,
) *problem.Problem {
	fits, err := false, error(nil)
	if backup != nil {
		fits, err = p.State.Snapshot.FitsBackup(backup)
	} else {
		clients, wrong := tables.SettingsClients(ctx, e, job.Copy{Source: job.Source{Table: source.Name, Connection: source.Connection}}.SourceRef())
		if wrong != nil {
			return wrong
		}
		var snapshot *settings.Snapshot
		if snapshot, err = settings.Read(ctx, clients, source.Name); err == nil {
			fits, err = p.State.Snapshot.FitsRestore(snapshot)
		}
	}
	switch {
	case err != nil:
		return source.Explain(ctx, job.SourceTable, err)
	case fits:
		return nil
	}
	return RefuseReplace(replaced, "Its key or its secondary indexes are others than those of what is restored, which "+
		"a restore brings along.")
}

// ReplacedWarning announces that the table is dropped.
func ReplacedWarning(t *tables.Table, snapshot *settings.Snapshot) *problem.Problem {
	p := t.About("backup_restore.replace_destination", "Destination Will Be Dropped")
	p.Warning = true
	p.Cause = fmt.Sprintf("The table is dropped with all of its items, about %d, and restored from the source with the "+
		"settings that it has now.",
		optional.Value(t.Description.ItemCount))
	if snapshot.PointInTimeRecovery() {
		p.Cause += " AWS keeps a backup of what it held for 35 days."
	}
	p.Next = "Leave replace_destination out if this is not meant."
	return p
}

// ReplacedStreamWarning warns that the stream will be another one. That concerns only readers of the stream, so it does
// not keep the table from being replaced.
func ReplacedStreamWarning(e *tables.Env, t *tables.Table) *problem.Problem {
	p := StreamWarning(e, t)
	if p != nil {
		p.Attribute, p.Next = "backup_restore.replace_destination", "Give the new ARN to whatever reads the stream."
	}
	return p
}
