// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// A record of the journal is input, not truth: others may be able to write to the journal. Each kind of record has a method here that
// finds what the run which loads it cannot have written. It is called where the record is loaded, before anything of it is used; what it
// finds ends the run. What the configuration says is never taken from a record. Where a record names something that AWS keeps, and the
// run would use or delete that, AWS is asked first whether it is the run's (the packages managed, spark and store).

// foreignRecord returns what the record holds that no attempt at the movement can have written, empty for nothing. The log is that of the attempt
// that loads it.
func foreignRecord(r *records.Run, log *runLog, m movement) (why string) {
	of, export := m.kind, m.export()
	switch {
	case m.segment != nil && r.ID != log.ID, m.segment == nil && !journal.IsID(r.ID, log.name):
		return "its id is not one of this run"
	case r.Kind != of:
		return fmt.Sprintf("it is one of a %q, and the run is a %s", r.Kind, of)
	case r.Done && m.segment == nil:
		return "it says that the run is complete, and the record of a complete run is removed"
	case r.Job != nil && !m.spread:
		return "it names a Spark job, and the run has none"
	case r.Parts < 0 || r.Parts > job.MostSegments || r.Active < 0 || r.Throttled < 0 || !records.Counts(r.Ledger) || !records.Counts(r.Checkpoint.Ledger) || optional.Value(r.MayDiffer) < 0:
		return "its counts are out of range"
	case r.Job != nil && (r.Parts == 0 || r.Parts > job.MostTasks):
		return "the number of its segments is out of range"
	case !records.Within(r.Checkpoint, r.Parts):
		return "it has come further than its parts"
	case export == nil && (r.Export != "" || len(r.Left) > 0):
		return "it names an export, and the run makes none"
	case m.segment == nil && len(r.Files) > 0:
		return "it names files of an export, which only the records of segments do"
	}
	for _, root := range append(r.Left, r.Export) {
		if root != "" && !export.IsOf(root, log.name) {
			return fmt.Sprintf("the export %q is not one that this run has begun", root)
		}
	}
	if m.segment != nil && !records.Below(r.Files, m.segment.Export) {
		return "it names files that are not the export's"
	}
	if r.Job != nil {
		return r.Job.Foreign()
	}
	return ""
}

// isUUID reports whether the text is a UUID in the one spelling that ids have here.
func isUUID(text string) bool {
	id, err := uuid.Parse(text)
	return err == nil && id.String() == text
}

// foreign returns what a task holds that no provider can have written, empty for nothing. The tables, and the objects of a source in S3,
// are looked at where they are opened.
func (t Task) foreign() (why string) {
	if t.Segments < 1 || t.Segments > job.MostTasks || t.Segment < 0 || t.Segment >= t.Segments || t.Attempt < 0 || t.Parts < 1 || t.AtOnce < 1 || t.Parts > job.MostSegments/t.Segments {
		return "its numbers are out of range"
	}
	if !isUUID(t.Run.ID) {
		return "the run's id is not a UUID"
	}
	if t.Copy != nil && t.Copy.Destination.S3 != nil && !store.IsExport(*t.Copy.Destination.S3, t.Export) {
		return "its export is not at the destination"
	}
	return ""
}
