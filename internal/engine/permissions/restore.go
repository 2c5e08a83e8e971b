// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package permissions

import "slices"

// Restore says what a run of method "backup_restore" restores.
type Restore struct {
	// Recovers is from point-in-time recovery; else it is from a backup, which GivenBackup says is there already.
	Recovers, GivenBackup bool
	// KeepsBackup reports whether a backup which the run makes is not deleted.
	KeepsBackup bool
	// Replaces reports whether a destination that is there is dropped.
	Replaces bool
}

func (r Restore) makesBackup() bool { return !r.Recovers && !r.GivenBackup }

// restoreSource and restoreDestination are the calls of a restore.
var (
	restoreSource = []call{
		restoring("dynamodb:DescribeContinuousBackups", sourceTable, func(r Restore) bool { return r.Recovers }),
		restoring("dynamodb:CreateBackup", sourceTable, Restore.makesBackup),
		restoring("dynamodb:ListBackups", anything, Restore.makesBackup),
		restoring("dynamodb:DescribeBackup", sourceBackups, func(r Restore) bool { return !r.Recovers }),
		restoring("dynamodb:DeleteBackup", sourceBackups, func(r Restore) bool { return r.makesBackup() && !r.KeepsBackup }),
	}
	restoreDestination = append([]call{
		restoring("dynamodb:DeleteTable", destinationTable, func(r Restore) bool { return r.Replaces }),
		restoring("dynamodb:ListBackups", anything, func(r Restore) bool { return r.Replaces }),
		restoring("dynamodb:RestoreTableFromBackup", sourceBackups, func(r Restore) bool { return !r.Recovers }),
		restoring("dynamodb:RestoreTableFromBackup", destinationTable, func(r Restore) bool { return !r.Recovers }),
		restoring("dynamodb:RestoreTableToPointInTime", sourceTable, func(r Restore) bool { return r.Recovers }),
		restoring("dynamodb:RestoreTableToPointInTime", destinationTable, func(r Restore) bool { return r.Recovers }),
		// AWS fills the table as the principal that asks for it ("Using IAM with DynamoDB backup and restore").
		restoring("dynamodb:BatchWriteItem", destinationTable, nil),
		restoring("dynamodb:DeleteItem", destinationTable, nil),
		restoring("dynamodb:GetItem", destinationTable, nil),
		restoring("dynamodb:PutItem", destinationTable, nil),
		restoring("dynamodb:Query", destinationTable, nil),
		restoring("dynamodb:Scan", destinationTable, nil),
		restoring("dynamodb:UpdateItem", destinationTable, nil),
	}, slices.Concat(settingsRead.of(Copy, "backup_restore", destinationTable, replaces), settingsPut.of(Copy, "backup_restore", destinationTable, replaces))...)
)

func replaces(r Run) bool { return r.Restore.Replaces }

func restoring(action string, on func(Run) string, when func(Restore) bool) call {
	return call{
		operation: Copy,
		method:    "backup_restore",
		action:    action,
		on:        on,
		when:      func(r Run) bool { return when == nil || when(r.Restore) },
	}
}

func anything(Run) string        { return "*" }
func sourceBackups(r Run) string { return r.Source.TableARN + "/backup/*" }
