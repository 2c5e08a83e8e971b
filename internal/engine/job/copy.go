// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package job

import (
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// Creates reports whether a destination that is missing is made.
func (d Destination) Creates() bool { return d.Create != "" }

// What becomes of an item of the destination table that has the key of one that is copied: it is replaced, it stays and
// the other is skipped, or it ends the run.
const (
	ConflictOverwrite = "overwrite"
	ConflictSkip      = "skip"
	ConflictFail      = "fail"
)

// Copy is a copy of a table, an index, a file or objects in S3 to a table, a file or S3.
type Copy struct {
	Source      Source
	Destination Destination
	// Method is MethodAuto, also when empty, MethodScan, MethodEMR, MethodExport, which Export belongs to, or
	// MethodRestore, with Restore.
	Method  string
	Export  Export
	Restore Restore
	// EMR says how MethodEMR runs. Nil is not known yet, which CheckCopy lets pass.
	EMR *spark.Config `json:"-"`
	// Filter lets items pass, evaluated by DynamoDB; nil lets all pass. A file has no filter.
	Filter *filter.Filter
	// Transform are the steps that change the items, in order, with what they need to know besides: a secret, which goes
	// nowhere.
	Transform        []transform.Step
	TransformOptions transform.Options `json:"-"`
	// TransformLater reports whether the steps are not known yet. CheckCopy lets that pass; such a job must not be run.
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

// Source is a table, a file or a folder in S3. With none of them it is not known yet, which CheckCopy lets pass.
type Source struct {
	// Table is a name or an ARN, Index one of its secondary indexes, to be read in its stead.
	Table, Index   string
	ConsistentRead bool
	Connection     awsconn.Connection
	// File is the path of a file with one item a line.
	File string
	// S3 is a folder in a bucket, which Side reaches; nil for none.
	S3 *S3Source
}

// Destination is a table, a file or a folder in S3. With none of them it is not known yet, which CheckCopy lets pass.
type Destination struct {
	// Table is a name or an ARN.
	Table      string
	Connection awsconn.Connection
	// Create is how much of the source table a table that is missing gets; empty for none, which is an error then.
	// KMSKeyARN is the key to encrypt it with, empty for the source's.
	Create    settings.Level
	KMSKeyARN string
	// File is the path of the file that is made or replaced.
	File string
	// S3 is where an export is made, in a bucket which Side reaches; nil for none.
	S3 *store.S3Place
}

// Distributed reports whether a Spark job does the run.
func (j Copy) Distributed() bool { return j.Method == MethodEMR }

// Conflict is what becomes of items that are there, empty if they are replaced.
func (j Copy) Conflict() string {
	if !j.Conditional() {
		return ""
	}
	return j.OnConflict
}

// Conditional reports whether the destination is looked at before an item is written.
func (j Copy) Conditional() bool {
	return j.OnConflict == ConflictSkip || j.OnConflict == ConflictFail
}

// Verifies reports whether the destination is looked at when the copy is complete.
func (j Copy) Verifies() bool { return j.Verify == VerifyCount || j.Verify == VerifyFull }

// Samples reports whether only a share of the items is copied.
func (j Copy) Samples() bool { return j.SamplePercent > 0 && j.SamplePercent < 100 }

// Transforms reports whether the items are changed, also by steps that are not known yet or cannot be compiled.
func (j Copy) Transforms() bool { return j.TransformLater || len(j.Transform) > 0 }

// Scan is what the job reads of its source table.
func (j Copy) Scan() store.Scan {
	return store.Scan{Index: j.Source.Index, ConsistentRead: j.Source.ConsistentRead, Filter: j.Filter}
}

// S3Source is a folder in a bucket that items are read from.
type S3Source struct {
	store.S3Place
	// Format is store.S3FormatExport or store.S3FormatLines.
	Format string
	// Owner is the account of the bucket, empty where it is not known. A bucket of that name in any other account is not
	// read.
	Owner string `json:",omitempty"`
}

// String is the source in words.
func (s Source) String() string {
	if s.S3 != nil {
		return s.S3.String()
	}
	return s.Table + s.File
}

// Input is the argument that says what is read.
func (s Source) Input() string {
	switch {
	case s.S3 != nil:
		return "source.s3"
	case s.Table != "":
		return "source.table"
	}
	return "source.file"
}

// String is the destination in words.
func (d Destination) String() string {
	if d.S3 != nil {
		return d.S3.String()
	}
	return d.Table + d.File
}

// Output is the argument that says what is written where that is not a table.
func (d Destination) Output() string {
	if d.S3 != nil {
		return "destination.s3"
	}
	return "destination.file"
}

// ItemAdvice says what can be done about an item that the copy cannot write. Skips reports whether on_item_error may
// set it aside.
func (j Copy) ItemAdvice(skips bool) string {
	advice := "Correct the line"
	switch {
	case j.Source.Table != "":
		advice = "Correct the item in the source table, or leave it out with filter"
	case j.Source.S3 != nil && j.Source.S3.Format != store.S3FormatLines:
		advice = "Correct the item in the table that was exported and make another export"
	}
	advice += ", or change it or leave it out with transform."
	if skips {
		advice += " With on_item_error = \"skip\" a copy writes such items to a file and continues."
	}
	return advice
}

// ReadsLines reports whether the source is a file, or objects, of one item a line.
func (j Copy) ReadsLines() bool {
	return j.Source.File != "" || j.Source.S3 != nil && j.Source.S3.Format == store.S3FormatLines
}

// How the destination is looked at when a copy is complete: not at all; its items are counted; or every item is
// compared with what the source holds.
const (
	VerifyNone  = "none"
	VerifyCount = "count"
	VerifyFull  = "full"
)
