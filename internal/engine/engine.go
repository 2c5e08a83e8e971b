// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package engine copies and empties DynamoDB tables.
//
// A job goes in, a result comes out: [Engine.Copy] runs a [CopyJob], [Engine.Purge] a [PurgeJob]. [Engine.CheckCopy] and
// [Engine.CheckPurge] find what is wrong with a job before anything is done. [problem.All] returns the problems of an error, which may
// be several joined.
//
// The engine knows nothing of Terraform. Connections, the clock and the observer come from outside.
package engine

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/datapipeline"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/emr"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// Engine runs jobs. It is safe for concurrent use.
type Engine struct {
	Connections Connections
	// ProtectedTables are patterns of names, with * as wildcard, of tables that no run may change.
	ProtectedTables []string
	// Journal is where the progress of runs is kept.
	Journal journal.Journal
	// Directory holds what stays on this machine: locks, the files of refused items, and the digests of a verification.
	Directory string
	// UserAgent is what requests carry as User-Agent.
	UserAgent string
	// Now is the clock of started_at and completed_at.
	Now func() time.Time

	quotas quotas
}

// Connections makes the clients for one side of a run.
type Connections interface {
	DynamoDB(ctx context.Context, side awsconn.Side) (*dynamodb.Client, error)
	AutoScaling(ctx context.Context, side awsconn.Side) (*applicationautoscaling.Client, error)
	Lambda(ctx context.Context, side awsconn.Side) (*lambda.Client, error)
	KMS(ctx context.Context, side awsconn.Side) (*kms.Client, error)
	S3(ctx context.Context, side awsconn.Side) (*s3.Client, error)
	// AccountOf is the account of the side's credentials, empty if that is not to be found out.
	AccountOf(ctx context.Context, side awsconn.Side) (string, error)
	EMR(ctx context.Context, side awsconn.Side) (*emr.Client, error)
	EMRServerless(ctx context.Context, side awsconn.Side) (*emrserverless.Client, error)
	DataPipeline(ctx context.Context, side awsconn.Side) (*datapipeline.Client, error)
	// Elsewhere are the settings with which another machine connects, with credentials of its own.
	Elsewhere() awsconn.Settings
	// EndsForGood says whether, and if it is known when, the side's credentials expire without others to be had.
	EndsForGood(ctx context.Context, side awsconn.Side) (until time.Time, ends bool, err error)
}

// Result is what a run did.
type Result struct {
	// ID is a new UUID for each run. A resumed run keeps its ID.
	ID string
	// Method is the method used, MethodReason why.
	Method, MethodReason   string
	StartedAt, CompletedAt time.Time
	// Duration is the time spent running, without the pause between an interruption and the next attempt.
	Duration time.Duration
	// Resumed says that the run went on where it had been interrupted.
	Resumed bool
	Ledger  flow.Ledger
	// Throttled is the number of requests that DynamoDB refused because they came too fast; Ledger.SentBack those of which
	// it refused a part.
	Throttled int64
	// SourceARN and DestinationARN are the tables' ARNs, empty for a file. A purge has only the second.
	SourceARN, DestinationARN string
	// DestinationCreated says that the run made the destination table, SettingsNotCopied names the settings that the source uses
	// and it does not have.
	DestinationCreated bool
	SettingsNotCopied  []string
	// DestinationS3Prefix is the prefix of the objects of the export that was written, empty for another destination.
	DestinationS3Prefix string
	// ExportARN is the export that AWS made of the source, ImportARN the operation that loaded it into the destination; empty if there
	// was none.
	ExportARN, ImportARN string
	// DeadLetterPath is the file of the items that DynamoDB refused for good, empty if there were none.
	DeadLetterPath string
	// EMRJobID is AWS's id of the job run, the cluster or the pipeline; empty for other methods.
	EMRJobID string
	// Remarks are what a user should know of a run that is complete.
	Remarks []*problem.Problem
	// Verified says that the destination has been looked at, and holds what it should.
	Verified bool
	// TableID and StreamARN are the purged table's before the run, NewTableID and NewStreamARN those after it: the same unless
	// the table was made anew.
	TableID, NewTableID, StreamARN, NewStreamARN string
	// BackupARN is the backup that was made of a table before it was dropped.
	BackupARN string
	// SettingsRestored are the names of the settings that were put back, SettingsJSON all that the table had before.
	SettingsRestored []string
	SettingsJSON     string
}

// How many requests read at once and how many pages are held. A page is a quarter of a megabyte of items, as JSON about
// twice that, so the pages bound the memory of a run, and what is done again after a kill; and batches are mixed from as
// many segments.
const (
	readers = 8
	pages   = 32
)

// How many requests write: batches, and single deletes with a condition.
var (
	writers            = job.Pool{First: 16, Most: 128}
	conditionalWriters = job.Pool{First: 64, Most: 256}
)

// segments returns how many parts the table is scanned in. Many segments spread the writes over the destination's
// partitions; the size is up to six hours old, which does no harm here.
func (t *table) segments() int {
	const segmentBytes = 64 << 20
	return int(min(max(value(t.Description.TableSizeBytes)/segmentBytes, 16), 4096))
}
