// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package job

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// Restore is how MethodRestore restores.
type Restore struct {
	// BackupARN is the backup that is restored. If it is empty, the run makes one, and deletes it unless Keep is set.
	BackupARN string
	Keep      bool
	// Latest restores the latest state of point-in-time recovery, At that of a time. With neither, a backup is restored.
	Latest bool
	At     time.Time
	// Replace drops an existing destination, and restores it with its own settings.
	Replace bool
}

// Restores reports whether AWS creates the destination from a backup or from point-in-time recovery.
func (j Copy) Restores() bool { return j.Method == MethodRestore }

// Recovers reports whether the source is point-in-time recovery.
func (r Restore) Recovers() bool { return r.Latest || !r.At.IsZero() }

// MakesBackup reports whether the run makes the backup that it restores.
func (r Restore) MakesBackup() bool { return r.BackupARN == "" && !r.Recovers() }

// Older reports whether the restored state may have other indexes and another billing mode than the source has now.
func (r Restore) Older() bool { return r.BackupARN != "" || !r.At.IsZero() }

// RestoreDefinition identifies the run among those that restore the source.
func (j Copy) RestoreDefinition(from settings.Identity) (string, error) {
	definition, err := json.Marshal([]any{from.ID, j.Restore, j.Destination.Create, j.Destination.KMSKeyARN, j.Triggers})
	sum := sha256.Sum256(definition)
	return hex.EncodeToString(sum[:16]), err
}

// CannotRestore returns what the job asks for and a restore cannot do.
func (j Copy) CannotRestore() []*problem.Problem {
	var found problem.List
	refuse := func(when bool, attribute, cause, next string) {
		if when {
			found.Add(
				&problem.Problem{
					Summary:   "A Restore Cannot Do This",
					Attribute: attribute,
					Cause:     cause,
					Next:      next + ", or use method = \"scan\", which can do this.",
				},
			)
		}
	}
	const whole = "AWS restores a table as a whole, with all of its items as they were."
	refuse(j.Source.File != "" || j.Source.S3 != nil, j.Source.Input(), "method = \"backup_restore\" has AWS restore a "+
		"table, and the source is none.", "Give a table as the source")
	refuse(j.Destination.File != "" || j.Destination.S3 != nil, j.Destination.Output(), "AWS restores to a table, and "+
		"the destination is none.", "Give a table as the destination")
	refuse(j.Source.Index != "", "source.index", "AWS restores tables, not their indexes.", "Leave index out")
	refuse(j.Filter != nil, "filter", whole, "Leave filter out")
	refuse(j.Transforms(), "transform", whole, "Leave transform out")
	refuse(j.Samples(), "sample_percent", whole, "Leave sample_percent out")
	refuse(j.Conditional(), "on_conflict", "The table that is restored is new, and holds nothing that an item could "+
		"meet.", "Leave on_conflict out")
	refuse(j.Verifies(), "verify", "AWS does not say how many items it has restored, and the source may have others by "+
		"now.", "Leave verify out")
	if !j.Destination.Creates() && !j.Restore.Replace && j.Destination.Table != "" {
		found.Add(&problem.Problem{
			Summary: "AWS Makes The Table", Attribute: "destination.create_table",
			Cause: "AWS restores to a new table only, and create_table does not ask for one.",
			Next: "Set create_table to \"schema\", for what AWS restores, or to \"full\", which puts the other settings " +
				"back too; or replace an existing table, with backup_restore.replace_destination.",
		})
	}
	if j.Restore.Replace && !j.Restore.At.IsZero() {
		found.Add(&problem.Problem{
			Summary: "Destination Cannot Be Replaced", Attribute: "backup_restore.replace_destination",
			Cause: "What the indexes were at a time in the past is not known before the restore, and the table would be " +
				"dropped by then.",
			Next: "Restore that time to a new table, and copy from there with method = \"scan\"; or restore \"latest\" or a " +
				"backup.",
		})
	}
	if j.Restore.Recovers() && j.Restore.BackupARN != "" {
		found.Add(&problem.Problem{
			Summary: "Two Things To Restore", Attribute: "backup_restore.backup_arn",
			Cause: "point_in_time restores from point-in-time recovery and backup_arn from a backup.", Next: "Give one of them.",
		})
	}
	return found
}
