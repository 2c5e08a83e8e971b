// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tables

import (
	"errors"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// ReplacedError reports that another table has the name of a run's table now.
type ReplacedError struct {
	Table     *Table
	Attribute string // The argument that names the table.
	Was, Is   string // Identities.
}

func (e *ReplacedError) Error() string {
	return fmt.Sprintf("the table was %s and is %s", e.Was, e.Is)
}

// Problem returns what the error means to a user.
func (e *ReplacedError) Problem() *problem.Problem {
	p := e.Table.About(e.Attribute, "Table Replaced")
	p.Cause = "The table that the run began with was deleted, and another one has its name now. What the run has done, " +
		"it may have done to either."
	p.Next = "Find out who replaced the table. Apply again if the new one is meant: that run begins from the start."
	p.Err = e
	return p
}

// IsReplaced reports whether the error is a *ReplacedError.
func IsReplaced(err error) bool {
	_, replaced := errors.AsType[*ReplacedError](err)
	return replaced
}
