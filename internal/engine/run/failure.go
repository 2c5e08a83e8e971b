// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/verify"
)

// sameKeyProblem says which items have one key.
func (m Movement) sameKeyProblem(same *compare.SameKeyError) *problem.Problem {
	p := verify.SameKeyProblem(m.Inputs, same)
	if p.Attribute == "" {
		p.Attribute = m.Attribute
	}
	return p
}

// Failure explains why the run failed, and says how far it came.
func (m Movement) Failure(ctx context.Context, ledger flow.Ledger, err error, resumable bool) *problem.Problem {
	var p *problem.Problem
	var line *store.LineError
	side, place := m.Inputs, m.From
	if m.ofDestination(err) {
		side, place = m.Outputs, m.To
	}
	var unfit *transform.Error
	same, isSame := errors.AsType[*compare.SameKeyError](err)
	ofItem := m.itemProblem(err)
	switch {
	case errors.Is(err, journal.ErrTaken):
		p = attempt.Explain(ctx, err)
	case isSame:
		p = m.sameKeyProblem(same)
	case ofItem != nil:
		p = ofItem
	case errors.As(err, &unfit):
		p = explain.Transform(unfit, err, m.Share == nil)
	case m.aboutS3(err):
		p = explain.S3(ctx, side, place, err)
	case errors.As(err, &line):
		p = explain.File(side, line.File, err)
	default:
		p = explain.Error(ctx, err)
		if at, ok := errors.AsType[*store.ItemError](err); ok && errors.Is(err, store.ErrExists) {
			p.Cause += " It is the one in " + at.Where + "."
		}
	}
	if about := m.concerned(err); about != nil && p.Table == "" && !m.aboutS3(err) {
		account, region := about.Where()
		p.Table, p.Account, p.Region = about.Name, account, region
	}
	m.Describe(p, ledger, resumable)
	return p
}

// Describe adds to the problem how far the run has come. Whether the run can be resumed is said of the whole run, not
// by a task. Progress counts for the tables that it was made with, and not for others of the same names.
func (m Movement) Describe(p *problem.Problem, ledger flow.Ledger, resumable bool) {
	done := "written"
	if m.Kind == attempt.KindPurge {
		done = "deleted"
	}
	counts := attempt.Counts(ledger, done)
	if ledger.Unknown > 0 {
		counts += fmt.Sprintf("; no answer came to requests for %d more items, which may be %s too", ledger.Unknown, done)
	}
	switch {
	case m.Spread: // A task that was lost has done more than it kept.
		p.Counts = "So far, by the progress that tasks have kept, at least: " + counts + "."
	case m.Writes == nil:
		p.Counts = "So far: " + counts + ". The destination is there only when it is complete."
	default:
		p.Counts = "So far: " + counts + "."
	}
	if resumable && m.Share == nil && !tables.IsReplaced(p) && !explain.Gone(p) {
		p.Next += " The progress is in the journal: within a day, the next apply of the same run resumes there."
	}
}

// aboutS3 reports whether the error is about an end of the run that is in S3.
func (m Movement) aboutS3(err error) bool {
	_, content := errors.AsType[*store.S3Error](err)
	return content || explain.InS3(err)
}

// ofDestination reports whether the error came from writing a destination that is not a table, or from reading one
// back.
func (m Movement) ofDestination(err error) bool {
	if _, back := errors.AsType[*verify.ReadBackError](err); back {
		return true
	}
	operation, ok := errors.AsType[*smithy.OperationError](err)
	return ok && (operation.OperationName == "PutObject" || operation.OperationName == "DeleteObjects")
}

// concerned returns the table that the error is about: the one that was scanned, or the one that was written.
func (m Movement) concerned(err error) *tables.Table {
	var operation *smithy.OperationError
	scanned := errors.As(err, &operation) && operation.OperationName == "Scan"
	if _, back := errors.AsType[*verify.ReadBackError](err); back {
		return m.Writes
	}
	if m.Writes == nil || scanned && m.Reads != nil {
		return m.Reads
	}
	return m.Writes
}
