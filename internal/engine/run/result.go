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
	// Method is the method used, MethodReason why.
	Method, MethodReason   string
	StartedAt, CompletedAt time.Time
	// Duration is the time spent running, without the pause between an interruption and the next attempt.
	Duration time.Duration
	// Resumed reports whether the run went on where it had been interrupted.
	Resumed bool
	Ledger  flow.Ledger
	// Throttled is the number of requests that DynamoDB refused because they came too fast; Ledger.SentBack those of which
	// it refused a part.
	Throttled int64
	// SourceARN and DestinationARN are the tables' ARNs, empty for a file. A purge has only the second.
	SourceARN, DestinationARN string
	// DestinationCreated reports whether the run made the destination table, SettingsNotCopied names the settings that the
	// source uses and it does not have.
	DestinationCreated bool
	SettingsNotCopied  []string
	// DestinationS3Prefix is the prefix of the objects of the export that was written, empty for another destination.
	DestinationS3Prefix string
	// ExportARN is the export that AWS made of the source, ImportARN the operation that loaded it into the destination;
	// empty if there was none.
	ExportARN, ImportARN string
	// DeadLetterPath is the file of the items that DynamoDB refused for good, empty if there were none.
	DeadLetterPath string
	// EMRJobID is AWS's id of the job run, the cluster or the pipeline; empty for other methods.
	EMRJobID string
	// Warnings are what a user should know of a run that is complete.
	Warnings []*problem.Problem
	// Verified reports whether the destination has been looked at, and holds what it should.
	Verified bool
	// TableID and StreamARN are the purged table's before the run, NewTableID and NewStreamARN those after it: the same
	// unless the table was made anew.
	TableID, NewTableID, StreamARN, NewStreamARN string
	// BackupARN is the backup that was made of a table before it was dropped.
	BackupARN string
	// SettingsRestored are the names of the settings that were put back, SettingsJSON all that the table had before.
	SettingsRestored []string
	SettingsJSON     string
}
