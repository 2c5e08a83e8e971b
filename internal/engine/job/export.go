// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package job

import (
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// Export is how MethodExport exports.
type Export struct {
	// To is where the export is written on its way to the destination. It has no bucket if the destination is the export.
	To store.S3Place
	// At is the point in time that is exported, zero for now.
	At time.Time
}

// Exports reports whether AWS exports the source.
func (j Copy) Exports() bool { return j.Method == MethodExport }

// ExportsDirectly reports whether the export is the destination: nothing changes it, and nothing reads it back.
func (j Copy) ExportsDirectly() bool {
	return j.Exports() && j.Destination.S3 != nil && !j.Transforms() && !j.Verifies()
}

// ExportPlace returns where the export is written, and the argument that says so.
func (j Copy) ExportPlace() (_ store.S3Place, argument string) {
	if j.ExportsDirectly() {
		return *j.Destination.S3, "destination.s3"
	}
	return j.Export.To, "export.s3_bucket"
}

// CannotExport returns what the job asks for and an export cannot do.
func (j Copy) CannotExport() []*problem.Problem {
	const byScan = " or use method = \"scan\", which can do this"
	var found problem.List
	refuse := func(attribute, cause, next string) {
		found.Add(
			&problem.Problem{Summary: "An Export Cannot Do This", Attribute: attribute, Cause: cause, Next: next + byScan + "."},
		)
	}
	if j.Source.File != "" || j.Source.S3 != nil {
		refuse(
			j.Source.Input(),
			"method = \"export_import\" has AWS export a table, and the source is none.",
			"Give a table as the source,",
		)
	}
	if j.Source.Index != "" {
		refuse("source.index", "AWS exports tables, not their indexes.", "Leave index out,")
	}
	if j.Samples() {
		refuse("sample_percent", "AWS exports what a filter lets pass, and cannot take a sample.", "Leave sample_percent "+
			"out,")
	}
	switch bucket := j.Export.To.Bucket; {
	case j.ExportsDirectly() && bucket != "":
		found.Add(&problem.Problem{
			Summary: "Two Places For One Export", Attribute: "export.s3_bucket",
			Cause: "The export is made where destination.s3 says, and export.s3_bucket names another place.",
			Next:  "Leave s3_bucket and s3_prefix out of export.",
		})
	case !j.ExportsDirectly() && bucket == "" && j.Destination != (Destination{}):
		found.Add(&problem.Problem{
			Summary: "No Place For The Export", Attribute: "export.s3_bucket",
			Cause: "AWS exports to S3, from where the items go to the destination, and no bucket is named.",
			Next:  "Name a bucket in export.s3_bucket, or use method = \"scan\", which needs none.",
		})
	}
	return found
}

// NeedsReading returns what the job asks for and a bulk operation of DynamoDB cannot do, empty if there is nothing.
func (j Copy) NeedsReading() string {
	switch {
	case j.Destination.Table == "":
		return "the destination is no table"
	case j.Transforms():
		return "transform changes the items"
	case j.Conditional():
		return "on_conflict keeps items that are there"
	case j.SkipRefused:
		return "on_item_error skips items"
	case j.Verifies():
		return "verify compares the destination with the export"
	}
	return ""
}
