// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package attempt

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/private"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Unreadable reports whether the error is that of a record that exists and cannot be read.
func Unreadable(err error) bool {
	_, ok := errors.AsType[*journal.UnreadableError](err)
	return ok
}

// UnreadableRecord is the problem of a record that this version of the provider cannot read.
func UnreadableRecord(err *journal.UnreadableError) *problem.Problem {
	p := &problem.Problem{Summary: "Record Of The Journal Cannot Be Read"}
	p.Cause = fmt.Sprintf("%s is in the journal, and is not a record that this version of the provider can read: "+
		"%v.", err.Place, err.Err)
	switch {
	case errors.Is(err, journal.ErrLater):
		p.Next = "Use the version of the provider that has written it, or a later one."
	case journal.KindOf(err.Name) == journal.KindRecreate:
		p.Next = "It belongs to a table that is being dropped and recreated, and holds the settings of that table. " +
			"Restore it from a copy, if there is one. " +
			"If no table is missing, look whether deletion protection and auto scaling are as they should be, then delete it."
	default:
		p.Next = "Restore it from a copy, or delete it: the run that it belongs to then begins from the start the next " +
			"time that it is applied."
	}
	return p
}

// InJournal explains an error of the journal, nil for none.
func InJournal(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return Explain(ctx, err)
}

// Explain explains an error of the journal or of the locks. If the run was ended while it waited for them, it says
// that.
func Explain(ctx context.Context, err error) *problem.Problem {
	p := &problem.Problem{Summary: "Journal Cannot Be Used", Err: err}
	unreadable, broken := errors.AsType[*journal.UnreadableError](err)
	shared, isShared := errors.AsType[*private.SharedError](err)
	switch {
	case isShared:
		p.Summary, p.Err = "Journal Folder Is Not Private", nil
		p.Cause = fmt.Sprintf("%v. A run does what the records in it say, so it uses no folder that others can write "+
			"to.", shared)
		p.Next = fmt.Sprintf("Look whether what is in the folder is yours. Then let nobody else write to %s (chmod go-w, "+
			"or chown), or set journal.path in the provider block to a folder of this user. "+
			"To share a journal, use journal.s3.", shared.Path)
	case broken:
		return UnreadableRecord(unreadable)
	case errors.Is(err, journal.ErrTaken):
		p.Summary = "Run Is No Longer This Process's"
		p.Cause = "The lock on the run's progress in the journal was not renewed in time, because S3 could not be reached " +
			"or this process was held up. Another process may be doing the same run by now, so this one has stopped."
		p.Next = "Apply again: it resumes where the progress ends, or names the machine that holds the run. If this " +
			"happens again, check why S3 could not be reached."
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))):
		return explain.Error(ctx, err)
	case explain.InS3(err):
		p.Cause = explain.S3Cause(err, "the journal")
		p.Next = "Check journal.s3 in the provider block: the bucket exists in that Region (by default the provider's), " +
			"and the provider's credentials may call s3:ListBucket on it, and s3:GetObject, s3:PutObject and s3:DeleteObject " +
			"on what is below the prefix."
	case explain.IsDiskFull(err):
		p = explain.Disk(err)
		p.Cause += " The journal keeps locks and progress there."
		p.Next = "Free some space there, or set journal.path in the provider block to a folder on another disk, then " +
			"apply again."
	default:
		p.Cause = "The folder in which the provider keeps locks and progress cannot be read or written."
		p.Next = "Set journal.path in the provider block to a folder that this user can write to, on a disk with free space."
	}
	return p
}

// Refused is the problem of a record that holds what its run cannot have written.
func Refused(e *tables.Env, name, why string) *problem.Problem {
	return &problem.Problem{
		Summary: "Record Of The Journal Refused",
		Cause: fmt.Sprintf("The record %s of the journal, %s, is not one that this run has left: %s. Nothing was done "+
			"by it.", name, e.Journal, why),
		Next: "Find out what else can write to the journal, and take that right away. Then delete the record and apply " +
			"again: the run begins from the start. " +
			"A record of a recreate may be the only copy of a table's settings: keep one before you delete it.",
	}
}
