// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package attempt

import (
	"context"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// Unsaved is why the last save of a run's mere progress failed, nil if it did not. Such a save neither ends the run nor
// is repeated: the next one has the same to say and more.
type Unsaved struct{ err error }

// Note takes the result of a save, and returns it only if the record is another process's.
func (u *Unsaved) Note(err error) error {
	u.err = err
	if errors.Is(err, journal.ErrTaken) {
		return err
	}
	return nil
}

// Warnings warn, at the end of a run that is complete, of a journal that keeps nothing any more.
func (u *Unsaved) Warnings(ctx context.Context) []*problem.Problem {
	if u.err == nil {
		return nil
	}
	p := Explain(ctx, u.err)
	p.Summary, p.Warning = "Progress Could Not Be Saved", true
	p.Cause = "The run is complete. But if it had been interrupted, the next apply could not have resumed where it " +
		"stopped. " + p.Cause
	return []*problem.Problem{p}
}
