// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// MethodExport copies with an export of AWS's to S3, from where the items go to the destination unless that is where they are wanted.
const MethodExport = "export_import"

// Export says how MethodExport exports.
type Export struct {
	// To is where the export is made on its way to the destination. It has no bucket if the destination is where it is made.
	To store.S3Place
	// At is the point in time; zero is now.
	At time.Time
}

// exports says whether AWS exports the source.
func (job CopyJob) exports() bool { return job.Method == MethodExport }

// exportsDirectly says whether the export is what the job is to make: it is not changed, and nothing has to look at it.
func (job CopyJob) exportsDirectly() bool {
	return job.exports() && job.Destination.S3 != nil && !job.transforms() && !job.verifies()
}

// place is where the export is made, of which the argument is told too.
func (job CopyJob) exportPlace() (_ store.S3Place, argument string) {
	if job.exportsDirectly() {
		return *job.Destination.S3, "destination.s3"
	}
	return job.Export.To, "export.s3_bucket"
}

// checkExport finds what keeps AWS from exporting the source.
func (r *readyCopy) checkExport(ctx context.Context, e *Engine, job CopyJob) []*problem.Problem {
	var found problem.List
	if !job.exports() {
		if job.Export != (Export{}) {
			found.Add(&problem.Problem{
				Summary: "Export Without Its Method", Attribute: "export", Cause: "export says how method = \"export_import\" works, and the method is another one.",
				Next: "Set method = \"export_import\", or leave export out.",
			})
		}
		return found
	}
	found.Add(job.cannotExport()...)
	if r.source != nil {
		found.Add(r.source.recoverable(ctx, recoveryUse{does: "exports", attribute: "export.point_in_time"}, job.Export.At, e.Now()))
	}
	if job.Export.To.Bucket != "" && !job.exportsDirectly() {
		client, err := s3Client(ctx, e, job.Destination.Side)
		if err == nil {
			err = noBucket(ctx, client, job.Export.To.Bucket)
		}
		if err != nil {
			found.Add(exportPlaceProblem(placedS3Problem(ctx, "destination.", job.Export.To.String(), err)))
		}
	}
	return found
}

// cannotExport is what the job asks for that an export does not have.
func (job CopyJob) cannotExport() []*problem.Problem {
	const byScan = " or use method = \"scan\", which can do this"
	var found problem.List
	refuse := func(attribute, cause, next string) {
		found.Add(&problem.Problem{Summary: "An Export Cannot Do This", Attribute: attribute, Cause: cause, Next: next + byScan + "."})
	}
	if job.Source.File != "" || job.Source.S3 != nil {
		refuse(job.Source.input(), "method = \"export_import\" has AWS export a table, and the source is none.", "Give a table as the source,")
	}
	if job.Source.Index != "" {
		refuse("source.index", "AWS exports tables, not their indexes.", "Leave index out,")
	}
	if job.samples() {
		refuse("sample_percent", "AWS exports what a filter lets pass, and cannot take a sample.", "Leave sample_percent out,")
	}
	switch bucket := job.Export.To.Bucket; {
	case job.exportsDirectly() && bucket != "":
		found.Add(&problem.Problem{
			Summary: "Two Places For One Export", Attribute: "export.s3_bucket",
			Cause: "The export is made where destination.s3 says, and export.s3_bucket names another place.", Next: "Leave s3_bucket and s3_prefix out of export.",
		})
	case !job.exportsDirectly() && bucket == "" && job.Destination != (CopyDestination{}):
		found.Add(&problem.Problem{
			Summary: "No Place For The Export", Attribute: "export.s3_bucket",
			Cause: "AWS exports to S3, from where the items go to the destination, and no bucket is named.",
			Next:  "Name a bucket in export.s3_bucket, or use method = \"scan\", which needs none.",
		})
	}
	return found
}

// exportPlaceProblem is the problem with the arguments that say where the export is, where the engine calls that a side in S3.
func exportPlaceProblem(p *problem.Problem) *problem.Problem {
	if p.Attribute == "source.s3" || p.Attribute == "destination.s3" {
		p.Attribute = "export.s3_bucket"
	}
	return p
}

// needsReading says what the job asks for that a bulk operation does not do, empty for nothing.
func (job CopyJob) needsReading() string {
	switch {
	case job.Destination.Table == "":
		return "the destination is no table"
	case job.transforms():
		return "transform changes the items"
	case job.conditional():
		return "on_conflict keeps items that are there"
	case job.SkipRefused:
		return "on_item_error skips items"
	case job.verifies():
		return "verify compares the destination with the export"
	}
	return ""
}

// loading is how the items of an export come to the destination.
type loading string

// By ImportTable, which makes the table too; by StartBulkPutItems; by this provider, which reads the export; or not at all.
const (
	loadImport  loading = "ImportTable"
	loadBulkPut loading = "StartBulkPutItems"
	loadRead    loading = "read"
	loadNothing loading = "nothing"
)

// loader is how the items of the export come to the destination, and why not in the way before it.
func (r *readyCopy) loader(job CopyJob) (how loading, why string) {
	switch {
	case job.exportsDirectly():
		return loadNothing, ""
	case r.creation != nil && r.creation.state.Import:
		return loadImport, ""
	case job.needsReading() != "":
		return loadRead, job.needsReading()
	case r.limits.write > 0 && r.limits.write < managed.LeastBulkRate:
		return loadRead, fmt.Sprintf("throughput allows less than the %d write units a second of a bulk operation", managed.LeastBulkRate)
	case len(r.destination.Description.Replicas) > 0:
		return loadRead, "the destination is a global table"
	case r.creation == nil && r.destination.IndexInCreation() != "":
		return loadRead, fmt.Sprintf("the destination's index %q is being created", r.destination.IndexInCreation())
	case r.meet(job):
		return loadRead, "two items may have one key at the destination, of which DynamoDB would count both"
	case r.creation != nil:
		return loadBulkPut, r.cannotImport(job)
	}
	return loadBulkPut, ""
}

// cannotImport says why a table that the job makes is not made by ImportTable, empty if it is.
func (r *readyCopy) cannotImport(job CopyJob) string {
	if why := job.needsReading(); why != "" {
		return why
	}
	if r.limits.write > 0 {
		return "throughput limits the writes, which an import does not"
	}
	_, lacking, err := r.creation.state.Wanted.ImportTable(r.creation.state.Wanted.Table.Name)
	switch {
	case err != nil:
		return "its settings cannot be read"
	case len(lacking) > 0:
		return "ImportTable makes no table with " + strings.Join(lacking, " and ")
	case r.creation.state.TableID != "":
		return "the table exists already"
	}
	return ""
}
