// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/private"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// failure says why the run failed and how far it came.
func (m movement) failure(ctx context.Context, ledger flow.Ledger, err error, resumable bool) *problem.Problem {
	var p *problem.Problem
	var line *store.LineError
	side, place := m.inputs, m.from
	if m.ofDestination(err) {
		side, place = m.outputs, m.to
	}
	var unfit *transform.Error
	same, isSame := errors.AsType[*compare.SameKeyError](err)
	ofItem := m.itemProblem(err)
	switch {
	case errors.Is(err, journal.ErrTaken):
		p = journalProblem(ctx, err)
	case isSame:
		p = m.sameKeyProblem(same)
	case ofItem != nil:
		p = ofItem
	case errors.As(err, &unfit):
		p = transformProblem(unfit, err, m.segment == nil)
	case m.aboutS3(err):
		p = tables.ExplainS3(ctx, side, place, err)
	case errors.As(err, &line):
		p = tables.ExplainFile(side, line.File, err)
	default:
		p = tables.Explain(ctx, err)
		if at, ok := errors.AsType[*store.ItemError](err); ok && errors.Is(err, store.ErrExists) {
			p.Cause += " It is the one in " + at.Where + "."
		}
	}
	if about := m.concerned(err); about != nil && p.Table == "" && !m.aboutS3(err) {
		account, region := about.Where()
		p.Table, p.Account, p.Region = about.Name, account, region
	}
	m.describe(p, ledger, resumable)
	return p
}

// describe adds to the problem how far the run has come. Of a segment the whole run says whether it can go on. Progress is good for the
// tables that it was made with, and for no others of their names.
func (m movement) describe(p *problem.Problem, ledger flow.Ledger, resumable bool) {
	done := "written"
	if m.kind == kindPurge {
		done = "deleted"
	}
	counts := Counts(ledger, done)
	if ledger.Unknown > 0 {
		counts += fmt.Sprintf("; no answer came to requests for %d more items, which may be %s too", ledger.Unknown, done)
	}
	switch {
	case m.spread != nil: // A task that was lost has done more than it kept.
		p.Counts = "So far, by the progress that tasks have kept, at least: " + counts + "."
	case m.writes == nil:
		p.Counts = "So far: " + counts + ". The destination is there only when it is complete."
	default:
		p.Counts = "So far: " + counts + "."
	}
	if resumable && m.segment == nil && !tables.IsReplaced(p) && !tables.IsGone(p) {
		p.Next += " The progress is in the journal: within a day, the next apply of the same run resumes there."
	}
}

// aboutS3 says whether the error is that of a side in S3.
func (m movement) aboutS3(err error) bool {
	_, content := errors.AsType[*store.S3Error](err)
	return content || tables.InS3(err)
}

// ofDestination says whether the error is that of writing a destination that is no table, or of reading it back.
func (m movement) ofDestination(err error) bool {
	if _, back := errors.AsType[*readBackError](err); back {
		return true
	}
	operation, ok := errors.AsType[*smithy.OperationError](err)
	return ok && (operation.OperationName == "PutObject" || operation.OperationName == "DeleteObjects")
}

// Counts puts a ledger into words; done is what has been done to the items that count as written.
func Counts(ledger flow.Ledger, done string) string {
	least := ""
	if ledger.Unknown > 0 {
		least = "at least "
	}
	return fmt.Sprintf("%d items read, %d filtered out, %s%d %s, %d skipped; %.0f read units and %.0f write units consumed",
		ledger.Scanned, ledger.Filtered, least, ledger.Written, done, ledger.Skipped, ledger.ReadUnits, ledger.WriteUnits)
}

// concerned is the table that the error is about: the one that was scanned, or the one that was written.
func (m movement) concerned(err error) *tables.Table {
	var operation *smithy.OperationError
	scanned := errors.As(err, &operation) && operation.OperationName == "Scan"
	if _, back := errors.AsType[*readBackError](err); back {
		return m.writes
	}
	if m.writes == nil || scanned && m.reads != nil {
		return m.reads
	}
	return m.writes
}

// inJournal is what an error of saving means to a user, nil for none.
func inJournal(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return journalProblem(ctx, err)
}

// journalProblem says that locks and progress cannot be kept, or that the run ended while it asked for them.
func journalProblem(ctx context.Context, err error) *problem.Problem {
	p := &problem.Problem{Summary: "Journal Cannot Be Used", Err: err}
	unreadable, broken := errors.AsType[*journal.UnreadableError](err)
	shared, isShared := errors.AsType[*private.SharedError](err)
	switch {
	case isShared:
		p.Summary, p.Err = "Journal Folder Is Not Private", nil
		p.Cause = fmt.Sprintf("%v. A run does what the records in it say, so it uses no folder that others can write to.", shared)
		p.Next = fmt.Sprintf("Look whether what is in the folder is yours. Then let nobody else write to %s (chmod go-w, or chown), or set journal.path in the provider block to a folder of this user. "+
			"To share a journal, use journal.s3.", shared.Path)
	case broken:
		return unreadableRecord(unreadable)
	case errors.Is(err, journal.ErrTaken):
		p.Summary = "Run Is No Longer This Process's"
		p.Cause = "The lock on the run's progress in the journal was not renewed in time, because S3 could not be reached or this process was held up. Another process may be doing the same run by now, so this one has stopped."
		p.Next = "Apply again: it resumes where the progress ends, or names the machine that holds the run. If this happens again, check why S3 could not be reached."
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))):
		return tables.Explain(ctx, err)
	case tables.InS3(err):
		p.Cause = tables.S3Cause(err, "the journal")
		p.Next = "Check journal.s3 in the provider block: the bucket exists in that Region (by default the provider's), and the provider's credentials may call s3:ListBucket on it, and s3:GetObject, s3:PutObject and s3:DeleteObject on what is below the prefix."
	case tables.IsDiskFull(err):
		p = tables.ExplainDisk(err)
		p.Cause += " The journal keeps locks and progress there."
		p.Next = "Free some space there, or set journal.path in the provider block to a folder on another disk, then apply again."
	default:
		p.Cause = "The folder in which the provider keeps locks and progress cannot be read or written."
		p.Next = "Set journal.path in the provider block to a folder that this user can write to, on a disk with free space."
	}
	return p
}
