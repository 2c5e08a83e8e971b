// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// MethodScan copies with Scan and BatchWriteItem.
const MethodScan = "scan"

// What becomes of an item of the destination table that has the key of one that is copied: it is replaced, it stays and the
// other is skipped, or it ends the run.
const (
	ConflictOverwrite = "overwrite"
	ConflictSkip      = "skip"
	ConflictFail      = "fail"
)

// CopyJob is a copy of a table, an index, a file or objects in S3 to a table, a file or S3.
type CopyJob struct {
	Source      CopySource
	Destination CopyDestination
	// Method is MethodAuto, also when empty, MethodScan, MethodEMR, MethodExport, which Export belongs to, or MethodRestore, with Restore.
	Method  string
	Export  Export
	Restore Restore
	// EMR says how MethodEMR runs. Nil is not known yet, which CheckCopy lets pass.
	EMR *spark.Config `json:"-"`
	// Filter lets items pass, evaluated by DynamoDB; nil lets all pass. A file has no filter.
	Filter *filter.Filter
	// Transform are the steps that change the items, in order, with what they need to know besides: a secret, which goes nowhere.
	Transform        []transform.Step
	TransformOptions transform.Options `json:"-"`
	// TransformLater says that the steps are not known yet. CheckCopy lets that pass; such a job must not be run.
	TransformLater bool
	// SamplePercent is the share of the partition keys to copy, up to 100; 0 means all of them.
	SamplePercent float64
	// OnConflict is ConflictOverwrite, also when empty, ConflictSkip or ConflictFail.
	OnConflict string
	// Verify is VerifyNone, also when empty, VerifyCount or VerifyFull.
	Verify string
	// SkipRefused writes items that DynamoDB refuses for good to a file and goes on; without it they end the run.
	SkipRefused bool
	Throughput  Throughput
	// Triggers tell a run apart from another one of the same definition.
	Triggers map[string]string
}

// CopySource is a table, a file or a folder in S3. With none of them it is not known yet, which CheckCopy lets pass.
type CopySource struct {
	// Table is a name or an ARN, Index one of its secondary indexes, to be read in its stead.
	Table, Index   string
	ConsistentRead bool
	Side           awsconn.Side
	// File is the path of a file with one item a line.
	File string
	// S3 is a folder in a bucket, which Side reaches; nil for none.
	S3 *S3Source
}

// CopyDestination is a table, a file or a folder in S3. With none of them it is not known yet, which CheckCopy lets pass.
type CopyDestination struct {
	// Table is a name or an ARN.
	Table string
	Side  awsconn.Side
	// Create is how much of the source table a table that is missing gets; empty for none, which is an error then. KMSKeyARN is the
	// key to encrypt it with, empty for the source's.
	Create    settings.Level
	KMSKeyARN string
	// File is the path of the file that is made or replaced.
	File string
	// S3 is where an export is made, in a bucket which Side reaches; nil for none.
	S3 *store.S3Place
}

// conflict is what becomes of items that are there, empty if they are replaced.
func (job CopyJob) conflict() string {
	if !job.conditional() {
		return ""
	}
	return job.OnConflict
}

// conditional says whether the destination is looked at before an item is written.
func (job CopyJob) conditional() bool {
	return job.OnConflict == ConflictSkip || job.OnConflict == ConflictFail
}

// verifies says whether the destination is looked at when the copy is complete.
func (job CopyJob) verifies() bool { return job.Verify == VerifyCount || job.Verify == VerifyFull }

// samples says whether only a share of the items is copied.
func (job CopyJob) samples() bool { return job.SamplePercent > 0 && job.SamplePercent < 100 }

// transforms says whether the items are changed, also by steps that are not known yet or cannot be compiled.
func (job CopyJob) transforms() bool { return job.TransformLater || len(job.Transform) > 0 }

// scan is what the job reads of its source table.
func (job CopyJob) scan() store.Scan {
	return store.Scan{Index: job.Source.Index, ConsistentRead: job.Source.ConsistentRead, Filter: job.Filter}
}
