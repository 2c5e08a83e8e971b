// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// mismatchError says that the destination does not hold what a verification wants there.
type mismatchError struct{ finding string }

func (e *mismatchError) Error() string { return e.finding }

// readBackError is an error of reading the destination.
type readBackError struct{ error }

func (e *readBackError) Unwrap() error { return e.error }

// judgeCount compares the number of items at the destination with the ledger. What was written is there, and what was
// skipped has a counterpart there; so a table that was empty holds exactly what was written, and any other one at
// least as many items as were written and skipped. Two items that were written under one key are found in the first case.
func judgeCount(done completed, there int64) error {
	least := done.ledger.Written + done.ledger.Skipped
	switch {
	case done.wasEmpty && there != done.ledger.Written:
		return &mismatchError{fmt.Sprintf("The destination was empty before the run, which wrote %d items. Now it holds %d.", done.ledger.Written, there)}
	case there < least:
		return &mismatchError{fmt.Sprintf("The run wrote %d items and skipped %d that were there. The destination holds %d.", done.ledger.Written, done.ledger.Skipped, there)}
	}
	return nil
}

// judgeDifference decides which differences the run must not have. What was at the destination before is nobody's fault.
func judgeDifference(done completed, wanted int64, d compare.Difference) error {
	if d.Missing == 0 && d.Different <= done.mayDiffer && (d.Unexpected == 0 || !done.wasEmpty) {
		return nil
	}
	finding := fmt.Sprintf("Of the %d items of the source, %d are missing at the destination, and %d are different there", wanted, d.Missing, d.Different)
	if done.mayDiffer > 0 {
		finding += fmt.Sprintf(" (%d were different before the run, and skipped)", done.mayDiffer)
	}
	if done.wasEmpty {
		return &mismatchError{finding + fmt.Sprintf(". The destination, which was empty before the run, holds %d items that are not the source's.", d.Unexpected)}
	}
	return &mismatchError{finding + "."}
}

// problem says what the mismatch means, and what the next apply will do: an overwriting one copies everything again, the others
// only what is missing.
func (e *mismatchError) problem(m movement, ledger flow.Ledger) *problem.Problem {
	p := &problem.Problem{Summary: "Destination Differs From The Source", Attribute: "verify"}
	if m.writes != nil {
		p = m.writes.About("verify", p.Summary)
	}
	p.Counts = e.finding + " All were copied: " + Counts(ledger, "written") + "."
	p.Cause = "Something else has written to the source or to the destination since the run began, a time to live has passed, or two items of the source have the same key at the destination."
	switch m.conflict {
	case "":
		p.Next = "Stop other writers during the run, then apply again: that copies everything once more."
	default:
		p.Next = "Stop other writers during the run. Correct what differs in the destination, most simply by deleting it there, then apply again: that copies what is missing, and recognizes the run's own items. " +
			"To replace what differs, use on_conflict = \"overwrite\". To take the destination as it is now, change triggers: that begins another run."
	}
	p.Next += " If writers cannot be kept away, leave verify out."
	return p
}
