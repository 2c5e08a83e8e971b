// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package managed

import (
	"fmt"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// ForeignError is the error for an operation that is not the one to wait for.
type ForeignError struct {
	// ARN is the operation's; Why says how it differs from what the run has requested.
	ARN, Why string
}

func (e *ForeignError) Error() string { return e.ARN + " is not of this run: " + e.Why }

// FailedError is the error for an operation that AWS has ended before all of its work was done.
type FailedError struct {
	// Operation is the API action that started the operation, ARN the operation's ARN.
	Operation, ARN string
	// Status is the final status. Code and Message are AWS's reason, empty if it gave none. Message may hold values of
	// items.
	Status, Code, Message string
	// Processed and Failed count its items.
	Processed, Failed int64
	// Table is the table that a restore has left behind, in Status; empty for none.
	Table string
	// Errors is where the report on failed items is, in S3 or a log group of CloudWatch; empty if there is none.
	Errors string
}

func (e *FailedError) Error() string {
	text := fmt.Sprintf("%s ended as %s: %s", e.Operation, e.Status, e.ARN)
	if e.Code != "" {
		text += fmt.Sprintf(": %s: %s", e.Code, awserr.Reason(e.Code, e.Message))
	}
	return text
}

// OverItems reports whether a load came to its end without all of the items: the same input would fail again.
func (e *FailedError) OverItems() bool {
	return e.Failed > 0 || strings.HasPrefix(e.Status, "COMPLETED")
}
