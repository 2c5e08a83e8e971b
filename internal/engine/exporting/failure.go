// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package exporting

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// ExplainPlace makes the problem of an end in S3 one of the arguments that say where the export is.
func ExplainPlace(p *problem.Problem) *problem.Problem {
	if p.Attribute == "source.s3" || p.Attribute == "destination.s3" {
		p.Attribute = "export.s3_bucket"
	}
	return p
}

// failure explains why the run failed, and what it left in AWS.
func (r *exportRun) failure(ctx context.Context, err error) *problem.Problem {
	if foreign, ok := errors.AsType[*managed.ForeignError](err); ok {
		return attempt.Refused(r.env, r.log.name, foreign.Error())
	}
	if known, ok := errors.AsType[*problem.Problem](err); ok {
		p := ExplainPlace(known)
		p.Next += " The export stays in the journal: within a day, the next apply resumes with it."
		return p
	}
	about, attribute := r.Source, "method"
	if r.log.Load.Token != "" {
		about = r.Destination
	}
	failed, ended := errors.AsType[*managed.FailedError](err)
	if !ended {
		var p *problem.Problem
		place, argument := r.Job.ExportPlace()
		if explain.InS3(err) {
			p = explain.S3(ctx, argument, place.String(), err)
		} else {
			p = explain.Error(ctx, err)
			p.Table = about.Name
			p.Account, p.Region = about.Where()
		}
		p.Counts = r.log.left()
		p.Next += " Within a day, the next apply of the same run resumes there."
		return p
	}
	p := about.About(attribute, "Export Failed")
	imported := r.Creation != nil && failed.Operation == string(LoadImport)
	if r.log.Load.ARN != "" {
		p.Summary = "Bulk Operation Failed"
		if imported {
			p.Summary = "Import Failed"
		}
		p.Counts = fmt.Sprintf("%d items were processed, and %d of them could not be put.", failed.Processed, failed.Failed)
	}
	p.Cause = failed.Error() + "."
	p.Next = "Remove the cause, then apply again, which makes another export. "
	if r.log.leavesExport(failed) {
		p.Next = "Remove the cause, then apply again: within a day of the export, that loads the same export once more. "
	}
	if failed.Failed > 0 {
		p.Next += "DynamoDB's report on the items is in " + failed.Errors + "; it may hold their values. "
	}
	if imported {
		p.Next += "If the table exists, it holds what was imported until then; the next apply loads it in another way and " +
			"applies its settings. "
	}
	p.Next += "The export " + r.log.Export.ARN + " stays in S3, complete or not, in " + r.exportFolder() + ": delete it if it is not needed. method = \"scan\" copies without one."
	return p
}

// exportFolder returns where the export is in S3. The folder has the last part of the export's ARN as its name.
func (r *exportRun) exportFolder() string {
	place, _ := r.Job.ExportPlace()
	return place.Below("AWSDynamoDB/" + path.Base(r.log.Export.ARN)).String()
}
