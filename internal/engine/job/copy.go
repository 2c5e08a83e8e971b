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

// Creates reports whether a missing destination is created.
func (d Destination) Creates() bool { return d.Create != "" }

// What happens to an item of the destination that has the key of a copied one: it is replaced; it stays and the copied
// one is skipped; or it ends the run.
const (
	ConflictOverwrite = "overwrite"
	ConflictSkip      = "skip"
	ConflictFail      = "fail"
)

// Copy is a copy of a table, an index, a file or objects in S3 to a table, a file or S3.
type Copy struct {
	Source      Source
	Destination Destination
	// Method is one of the constants of a copy's methods. Empty means MethodAuto. Export belongs to MethodExport, Restore
	// to MethodRestore.
	Method  string
	Export  Export
	Restore Restore
	// EMR is how MethodEMR runs; nil if it is not known yet, which a check accepts.
	EMR *spark.Config `json:"-"`
	// Filter chooses the items, evaluated by DynamoDB; nil chooses all. A file has no filter.
	Filter *filter.Filter
	// Transform are the steps that change the items, in order. TransformOptions are what else the steps need, such as a
	// secret, which is never stored.
	Transform        []transform.Step
	TransformOptions transform.Options `json:"-"`
	// TransformLater reports whether the steps are not known yet. A check accepts that; such a job must not be run.
	TransformLater bool
	// SamplePercent is the share of the partition keys to copy, up to 100; 0 means all of them.
	SamplePercent float64
	// OnConflict is one of the Conflict constants. Empty means ConflictOverwrite.
	OnConflict string
	// Verify is one of the Verify constants. Empty means VerifyNone.
	Verify string
	// SkipRefused sets items aside that DynamoDB refuses for good. Without it, such an item ends the run.
	SkipRefused bool
	Throughput  Throughput
	// Triggers distinguish two runs that are otherwise the same.
	Triggers map[string]string
}

// Source is a table, a file or a folder in S3. If it is none of them, it is not known yet, which a check accepts.
type Source struct {
	// Table is a name or an ARN. Index is a secondary index that is read in place of the table.
	Table, Index   string
	ConsistentRead bool
	Connection     awsconn.Connection
	// File is the path of a file with one item a line.
	File string
	// S3 is a folder in a bucket, reached through Connection; nil for another source.
	S3 *S3Source
}

// Destination is a table, a file or a folder in S3. If it is none of them, it is not known yet, which a check accepts.
type Destination struct {
	// Table is a name or an ARN.
	Table      string
	Connection awsconn.Connection
	// Create is how much of the source a missing table gets. If it is empty, a missing table is an error. KMSKeyARN is the
	// key that encrypts the new table; if it is empty, the source's.
	Create    settings.Level
	KMSKeyARN string
	// File is the path of the file that is created or replaced.
	File string
	// S3 is where an export is written, reached through Connection; nil for another destination.
	S3 *store.S3Place
}

// Distributed reports whether a Spark job does the run.
func (j Copy) Distributed() bool { return j.Method == MethodEMR }

// Conflict returns OnConflict, empty if existing items are replaced.
func (j Copy) Conflict() string {
	if !j.Conditional() {
		return ""
	}
	return j.OnConflict
}

// Conditional reports whether the destination is read before an item is written.
func (j Copy) Conditional() bool {
	return j.OnConflict == ConflictSkip || j.OnConflict == ConflictFail
}

// Verifies reports whether the destination is compared when the copy is complete.
func (j Copy) Verifies() bool { return j.Verify == VerifyCount || j.Verify == VerifyFull }

// Samples reports whether only a share of the items is copied.
func (j Copy) Samples() bool { return j.SamplePercent > 0 && j.SamplePercent < 100 }

// Transforms reports whether the items are changed, also if the steps are not known yet or do not compile.
func (j Copy) Transforms() bool { return j.TransformLater || len(j.Transform) > 0 }

// Scan returns what the job reads of its source table.
func (j Copy) Scan() store.Scan {
	return store.Scan{Index: j.Source.Index, ConsistentRead: j.Source.ConsistentRead, Filter: j.Filter}
}

// S3Source is a folder in a bucket that is read.
type S3Source struct {
	store.S3Place
	// Format is store.S3FormatExport or store.S3FormatLines.
	Format string
	// Owner is the account of the bucket, empty if it is not known. A bucket of that name in another account is not read.
	Owner string `json:",omitempty"`
}

// String names the source in words.
func (s Source) String() string {
	if s.S3 != nil {
		return s.S3.String()
	}
	return s.Table + s.File
}

// Input returns the argument that names the source.
func (s Source) Input() string {
	switch {
	case s.S3 != nil:
		return "source.s3"
	case s.Table != "":
		return "source.table"
	}
	return "source.file"
}

// String names the destination in words.
func (d Destination) String() string {
	if d.S3 != nil {
		return d.S3.String()
	}
	return d.Table + d.File
}

// Output returns the argument that names a destination that is not a table.
func (d Destination) Output() string {
	if d.S3 != nil {
		return "destination.s3"
	}
	return "destination.file"
}

// ItemAdvice says what to do about an item that the copy cannot write. Skips reports whether on_item_error may set it
// aside.
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

// ReadsLines reports whether the source is a file, or objects in S3, with one item a line.
func (j Copy) ReadsLines() bool {
	return j.Source.File != "" || j.Source.S3 != nil && j.Source.S3.Format == store.S3FormatLines
}

// How the destination is compared when a copy is complete: not at all; its items are counted; or every item is compared
// with the source.
const (
	VerifyNone  = "none"
	VerifyCount = "count"
	VerifyFull  = "full"
)
