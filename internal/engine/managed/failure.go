// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package managed

import (
	"fmt"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// ForeignError is an operation that is not the one which was to be waited for.
type ForeignError struct {
	// ARN is the operation's, Why says what is not as it was asked for.
	ARN, Why string
}

func (e *ForeignError) Error() string { return e.ARN + " is not of this run: " + e.Why }

// FailedError is an operation that AWS has ended without all of its work done.
type FailedError struct {
	// Operation is the action that started it, ARN the operation's own.
	Operation, ARN string
	// Status is the one that it ended with; Code and Message are AWS's reason, empty if it gave none. Message may hold values of items.
	Status, Code, Message string
	// Processed and Failed count its items.
	Processed, Failed int64
	// Table is the table that a restore has left behind, in that status; empty for none.
	Table string
	// Errors is the place of the report on items that failed, in S3 or a log group of CloudWatch, empty if there is none.
	Errors string
}

func (e *FailedError) Error() string {
	text := fmt.Sprintf("%s ended as %s: %s", e.Operation, e.Status, e.ARN)
	if e.Code != "" {
		text += fmt.Sprintf(": %s: %s", e.Code, awserr.Reason(e.Code, e.Message))
	}
	return text
}

// OverItems says that a load came to its end, but not with all of the items: with the same input it would come to the same end.
func (e *FailedError) OverItems() bool {
	return e.Failed > 0 || strings.HasPrefix(e.Status, "COMPLETED")
}
