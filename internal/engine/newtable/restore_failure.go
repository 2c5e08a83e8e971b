// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package newtable

import (
	"context"
	"errors"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
)

// failure explains why the run failed, and what it left in AWS.
func (r *RestoreRun) failure(ctx context.Context, err error) *problem.Problem {
	p := r.Made.Problem(ctx, "", err)
	state := r.Made.State
	failed, ended := errors.AsType[*managed.FailedError](err)
	if ended {
		recreate.ExplainEnded(p, failed)
		p.Err = r.forget(ctx, failed)
	}
	switch {
	case ended && failed.Table != "":
		p.Counts = "So far: the table " + failed.Table + " exists, in the status " + failed.Status + "."
	case state.TableID != "":
		p.Counts = "So far: the table was restored, or is being restored; its other settings may not be put back yet."
	case !state.Restore.SentAt.IsZero():
		p.Counts = "So far: the restore was asked for."
	default:
		p.Counts = "So far: no table was made."
	}
	if r.ownBackup() && state.Restore.BackupARN != "" {
		p.Counts += " The backup " + state.Restore.BackupARN + " was made, and is kept until the run is complete."
	}
	return p
}

// forget removes from the record what AWS has ended without a result, so that the next attempt asks for it again.
func (r *RestoreRun) forget(ctx context.Context, failed *managed.FailedError) error {
	state := r.Made.State
	switch {
	case failed.Operation == "CreateBackup":
		state.Restore.BackupARN = ""
	case failed.Table == "":
		state.TableID, state.Restore.SentAt = "", time.Time{}
	}
	return r.save(ctx)
}
