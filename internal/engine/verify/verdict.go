// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// MismatchError says that the destination does not hold what a verification wants there.
type MismatchError struct{ finding string }

func (e *MismatchError) Error() string { return e.finding }

// ReadBackError is an error of reading the destination.
type ReadBackError struct{ Err error }

func (e *ReadBackError) Unwrap() error { return e.Err }

func (e *ReadBackError) Error() string { return e.Err.Error() }

// judgeCount compares the number of items at the destination with the ledger. What was written is there, and what was
// skipped has a counterpart there; so a table that was empty holds exactly what was written, and any other one at least
// as many items as were written and skipped. Two items that were written under one key are found in the first case.
func judgeCount(done Completed, there int64) error {
	least := done.Ledger.Written + done.Ledger.Skipped
	switch {
	case done.WasEmpty && there != done.Ledger.Written:
		return &MismatchError{fmt.Sprintf("The destination was empty before the run, which wrote %d items. Now it holds "+
			"%d.", done.Ledger.Written, there)}
	case there < least:
		return &MismatchError{fmt.Sprintf("The run wrote %d items and skipped %d that were there. The destination holds "+
			"%d.", done.Ledger.Written, done.Ledger.Skipped, there)}
	}
	return nil
}

// judgeDifference decides which differences the run must not have. What was at the destination before is nobody's
// fault.
func judgeDifference(done Completed, wanted int64, d compare.Difference) error {
	if d.Missing == 0 && d.Different <= done.MayDiffer && (d.Unexpected == 0 || !done.WasEmpty) {
		return nil
	}
	finding := fmt.Sprintf("Of the %d items of the source, %d are missing at the destination, and %d are different "+
		"there", wanted, d.Missing, d.Different)
	if done.MayDiffer > 0 {
		finding += fmt.Sprintf(" (%d were different before the run, and skipped)", done.MayDiffer)
	}
	if done.WasEmpty {
		return &MismatchError{finding + fmt.Sprintf(". The destination, which was empty before the run, holds %d items "+
			"that are not the source's.", d.Unexpected)}
	}
	return &MismatchError{finding + "."}
}

// Problem says what the mismatch means, and what the next apply will do: an overwriting one copies everything again,
// the others only what is missing.
func (e *MismatchError) Problem(written *tables.Table, conflict string, ledger flow.Ledger) *problem.Problem {
	p := &problem.Problem{Summary: "Destination Differs From The Source", Attribute: "verify"}
	if written != nil {
		p = written.About("verify", p.Summary)
	}
	p.Counts = e.finding + " All were copied: " + attempt.Counts(ledger, "written") + "."
	p.Cause = "Something else has written to the source or to the destination since the run began, a time to live has " +
		"passed, or two items of the source have the same key at the destination."
	switch conflict {
	case "":
		p.Next = "Stop other writers during the run, then apply again: that copies everything once more."
	default:
		p.Next = "Stop other writers during the run. Correct what differs in the destination, most simply by deleting it " +
			"there, then apply again: that copies what is missing, and recognizes the run's own items. " +
			"To replace what differs, use on_conflict = \"overwrite\". To take the destination as it is now, change " +
			"triggers: that begins another run."
	}
	p.Next += " If writers cannot be kept away, leave verify out."
	return p
}
