// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package steps

import (
	"context"
	"errors"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
)

// begin keeps in the journal that the step of the state begins. The table is created before that: what the journal
// holds of the drop is enough to create it later, and nothing is to come between.
func (r *Run) begin(ctx context.Context) error {
	switch r.State.Step {
	case stepCreate:
		return nil
	case stepPutBack, stepCompare:
		return r.saveLater()
	}
	return r.save(ctx)
}

// save saves the state.
func (r *Run) save(ctx context.Context) error {
	r.unsaved = r.Record.Save(ctx, r.State)
	return r.unsaved
}

// saveLater saves the state once the table has been created, also if the context has just ended. A journal that cannot
// be saved does not keep the settings from being put back, and is tried again at the next save. Only another attempt
// that has taken the record over ends this one.
func (r *Run) saveLater() error {
	if err := r.save(r.lasting); errors.Is(err, journal.ErrTaken) {
		return err
	}
	return nil
}

// sleep waits as Sleep does, which also saves the state. While the table is missing, a lock that could not be renewed
// does not end the run: another attempt that may have the record by now would create the same table, and each takes
// that of the other for its own.
func (r *Run) sleep(ctx context.Context, d time.Duration) error {
	err := r.Sleep(ctx, d)
	if r.missing && errors.Is(err, journal.ErrLapsed) {
		return r.Grace(ctx, d)
	}
	return err
}
