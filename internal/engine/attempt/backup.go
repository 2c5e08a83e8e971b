// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package attempt

import (
	"context"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// BackupName returns the name of the backup that the run with that ID makes.
func BackupName(id string) string { return "dynamoops-" + id }

// OwnBackup refuses the record if the backup that it names exists and was not made by the run.
func OwnBackup(ctx context.Context, e *tables.Env, backup managed.Backup, record, arn string) error {
	if arn == "" {
		return nil
	}
	owned, err := backup.Owns(ctx, arn)
	switch {
	case err != nil:
		return explain.Error(ctx, err)
	case !owned:
		return Refused(e, record, fmt.Sprintf("%q is not a backup that this run has made", arn))
	}
	return nil
}
