// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// Result is what a run did.
type Result struct {
	// ID is a new UUID for each run. A resumed run keeps its ID.
	ID string
	// Method is the method that was used. MethodReason says why it was chosen.
	Method, MethodReason   string
	StartedAt, CompletedAt time.Time
	// Duration is the time spent running, without the pauses between attempts.
	Duration time.Duration
	// Resumed reports whether the run resumed an earlier attempt.
	Resumed bool
	Ledger  flow.Ledger
	// Throttled is the number of requests that DynamoDB refused because they came too fast. Ledger.Unprocessed counts
	// those of which it refused a part.
	Throttled int64
	// SourceARN and DestinationARN are the ARNs of the tables, empty for an end that is not a table. A purge has only the
	// second.
	SourceARN, DestinationARN string
	// DestinationCreated reports whether the run created the destination table. SettingsNotCopied names the settings of
	// the source that the new table does not have.
	DestinationCreated bool
	SettingsNotCopied  []string
	// DestinationS3Prefix is the prefix of the objects of the export that the run wrote, empty for another destination.
	DestinationS3Prefix string
	// ExportARN is the export that AWS made of the source, ImportARN the operation that loaded it. Both are empty for
	// other methods.
	ExportARN, ImportARN string
	// DeadLetterPath is the file of the items that were set aside, empty if there were none.
	DeadLetterPath string
	// EMRJobID is the ID of the job run, the cluster or the pipeline, empty for other methods.
	EMRJobID string
	// Warnings are what a user should know about a run that is complete.
	Warnings []*problem.Problem
	// Verified reports whether the destination was compared, and holds what it should.
	Verified bool
	// TableID and StreamARN belong to the purged table before the run, NewTableID and NewStreamARN after it. They are the
	// same unless the table was recreated.
	TableID, NewTableID, StreamARN, NewStreamARN string
	// BackupARN is the backup that was made before a table was dropped, or that was restored.
	BackupARN string
	// SettingsRestored are the names of the settings that were put back. SettingsJSON is all settings that the table had.
	SettingsRestored []string
	SettingsJSON     string
}
