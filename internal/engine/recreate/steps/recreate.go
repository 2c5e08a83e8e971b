// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package steps empties a table by dropping and recreating it, with every setting put back.
//
// The table cannot be lost: what it is like, and the request that recreates it, are proved and written to the journal
// before it is dropped. Each step is written there before it begins, and may be done twice, so a run that dies anywhere
// is finished by the next one, which needs nothing but the journal. At the end everything is read again and compared.
package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// Step is how far a recreate has come: the step that is being done.
type Step string

// The steps, in their order. Until dropTable nothing is lost; from there on there is no way back, only forward.
const (
	stepBackUp  Step = "back up"
	stepProve   Step = "prove that the table can be made"
	stepSuspend Step = "suspend autoscaling"
	stepUnlock  Step = "turn deletion protection off"
	stepDrop    Step = "drop the table"
	stepCreate  Step = "create the table"
	stepPutBack Step = "put settings back"
	stepCompare Step = "compare"
)

// State is what the journal keeps of a recreate that is not complete.
type State struct {
	journal.Header
	ID        string
	StartedAt time.Time
	Step      Step
	// Snapshot is the table before anything was changed.
	Snapshot *settings.Snapshot
	// BackupARN is the backup that was asked for; empty if there is none yet.
	BackupARN string
	// Restored are the names of the settings that were put back after the table was made.
	Restored []string
	// Given is what the new table was seen to have of the snapshot.
	Given settings.Given
	// Definition is what the table is restored from, if it is not made empty: only a run of the same may go on.
	Definition string `json:",omitempty"`
	// Run identifies the purge that has begun it; empty for a copy, and for a purge of an earlier version.
	Run string `json:",omitempty"`
	// Caller identifies the credentials of the last attempt.
	Caller string
}

// Mark is another one after each step of a recreate, and for each recreate; empty for none.
func (s *State) Mark() string {
	if s.ID == "" {
		return ""
	}
	return s.ID + " " + string(s.Step)
}

// Dropped reports whether the table may be gone already, or is one that was recreated.
func (s *State) Dropped() bool {
	return s.Step == stepDrop || s.Step == stepCreate || s.Step == stepPutBack || s.Step == stepCompare
}

// Recheck takes back what the state says of a drop if the table, as it is described now, was not dropped: the run died
// just before.
func (s *State) Recheck(table *types.TableDescription) {
	if s.Dropped() && table != nil && table.TableStatus == types.TableStatusActive &&
		settings.IdentityOf(table).ID == s.Snapshot.Table.ID {
		s.Step = stepSuspend
	}
}

// backupLasts is for how long the backup of an interrupted recreate counts: it lacks what was written since.
const backupLasts = time.Hour

// Renew takes over what the table is like now, for a recreate that was interrupted before it dropped the table. What it
// had changed itself by then is kept as it was before. A backup that has become too old is made once more.
func (s *State) Renew(is *settings.Snapshot, now time.Time) error {
	if s.Changed() {
		if err := is.Resume(s.Snapshot); err != nil {
			return err
		}
	}
	s.Snapshot = is
	if s.Definition == "" && now.Sub(s.StartedAt) > backupLasts {
		s.ID, s.StartedAt, s.BackupARN = journal.NextID(s.ID), now, ""
		if !s.Changed() {
			s.Step = stepBackUp
		}
	}
	return nil
}

// Changed reports whether the table's auto scaling may be suspended, and its protection against deletion off.
func (s *State) Changed() bool {
	return s.Step != "" && s.Step != stepBackUp && s.Step != stepProve
}

// Run recreates a table.
type Run struct {
	Clients settings.Clients
	// Record is the journal's record of it, and State its content, from which the run resumes.
	Record journal.Record
	State  *State
	// Backup is one to make or to wait for first; nil for none.
	Backup *managed.Backup
	// Restore makes the table, with items, from that backup or from what it says itself; nil makes it empty.
	Restore *managed.Restore
	// Finish takes away what the run has needed, such as its backup, when the table is complete, or is not dropped after
	// all; nil for nothing. It may be done again.
	Finish func(ctx context.Context) error
	// Sleep waits, or returns the context's error.
	Sleep func(ctx context.Context, d time.Duration) error
	// Grace waits too, while the run continues after its end was asked for: in a goroutine of its own, so it must not
	// touch the record.
	Grace func(ctx context.Context, d time.Duration) error

	writer settings.Writer
	// lasting is the context of what the run does although its end was asked for.
	lasting context.Context
	// deleting reports whether DeleteTable may have been carried out, by this attempt or an earlier one.
	deleting bool
	// resumed reports whether an earlier attempt may have dropped the table, and created it without saying so in the
	// journal.
	resumed bool
	// missing reports whether the table may have been dropped, and not been created yet.
	missing bool
	// unsaved is why the journal does not hold the step that the run has come to; nil if it does.
	unsaved error
}

// Result is what a recreate did.
type Result struct {
	After *settings.Snapshot
	// BackupARN is the backup that was made first, or the one that AWS makes of a table with point-in-time recovery when
	// it is dropped; empty if there is neither.
	BackupARN string
	// Restored are the names of the settings that were put back.
	Restored []string
	// Changed is what others have changed of the new table since it had it, or added.
	Changed []settings.Difference
	// Unsaved is why the journal could not be saved any more at some time after the drop; nil if it could.
	Unsaved error
}

// StepError is the error of a step.
type StepError struct {
	Step Step
	Err  error
	// Undone reports whether the table was not dropped, and that what had been changed of it was put back. Left is why it
	// was not, or, if it was, why the record is still in the journal.
	Undone bool
	Left   error
	// Complete reports whether the table is back with all of its settings: only its record could not be removed.
	Complete bool
	// Unsaved is why the journal does not hold the step, but an earlier one; nil if it does.
	Unsaved error
}

// OfJournal reports whether the step has not begun, or was not done, because the journal could not be saved.
func (e *StepError) OfJournal() bool { return e.Unsaved != nil && errors.Is(e.Err, e.Unsaved) }

// PuttingBack reports whether the new table exists, and lacks settings.
func (e *StepError) PuttingBack() bool { return e.Step == stepPutBack }

func (e *StepError) Error() string { return fmt.Sprintf("%s: %v", e.Step, e.Err) }

// Unwrap returns the error itself.
func (e *StepError) Unwrap() error { return e.Err }

// Do goes through the steps that are left. An error is a *StepError, and the journal says where the next run resumes.
// If it is not the drop that failed, or a later step, the table is as it was before, and the journal holds nothing of
// it.
//
// Between the drop and the creation there is not a table, so the end of the context does not count there for some time.
// Nor does a journal that cannot be saved, there and later: what it holds of the drop is enough to resume. It must hold
// each step up to the drop, that included, before it begins.
func (r *Run) Do(ctx context.Context) (*Result, error) {
	lasting, cancel := r.outlive(ctx)
	defer cancel()
	r.lasting = lasting
	r.resumed = r.State.Step == stepDrop || r.State.Step == stepCreate
	r.deleting = r.resumed
	r.missing = r.State.Dropped()
	r.writer = r.newWriter()
	if r.State.Step == stepPutBack || r.State.Step == stepCompare {
		r.State.Step = stepCreate // Somebody may have deleted the new table, and what was different is put back once more.
	}
	if r.State.Changed() && !r.State.Dropped() { // Its backup may be one to make once more, and its request another.
		err := r.backUp(ctx)
		if err == nil {
			err = r.prove(ctx)
		}
		if err != nil {
			return nil, r.stopped(ctx, r.State.Step, err)
		}
	}
	result := &Result{}
	if err := r.steps(ctx, result); err != nil {
		return nil, err
	}
	if err := r.end(ctx); err != nil {
		return nil, err
	}
	result.Restored, result.Unsaved = r.State.Restored, r.unsaved
	return result, nil
}

// steps does what is left to do of the table.
func (r *Run) steps(ctx context.Context, result *Result) error {
	begun := r.State.Step == ""
	for _, step := range []struct {
		step Step
		do   func(context.Context) error
	}{
		{stepBackUp, r.backUp},
		{stepProve, r.prove},
		{stepSuspend, func(ctx context.Context) error { return r.writer.SuspendAutoScaling(ctx, r.State.Snapshot) }},
		{stepUnlock, r.unlock},
		{stepDrop, r.drop},
		{stepCreate, r.create},
		{stepPutBack, r.putBack},
		{stepCompare, func(ctx context.Context) error { return r.compare(ctx, result) }},
	} {
		if begun = begun || r.State.Step == step.step; !begun {
			continue
		}
		r.State.Step = step.step
		err := r.begin(ctx)
		if err == nil {
			err = step.do(ctx)
		}
		if err != nil {
			return r.stopped(ctx, step.step, err)
		}
	}
	return nil
}

// end takes away what the run has needed, its record at last.
func (r *Run) end(ctx context.Context) error {
	if r.Finish != nil {
		if err := r.Finish(ctx); err != nil {
			return r.stopped(ctx, stepCompare, err)
		}
		r.State.BackupARN = "" // As in undo.
	}
	if err := r.Record.Remove(r.lasting); err != nil {
		return &StepError{Step: stepCompare, Err: err, Complete: true}
	}
	return nil
}

// newWriter gives settings to the table of the snapshot, or to the one that takes its place.
func (r *Run) newWriter() settings.Writer {
	table := r.State.Snapshot.Table
	return settings.Writer{
		Clients: r.Clients,
		Table:   table.Name,
		From:    table,
		Dropped: true,
		Given:   &r.State.Given,
		Sleep:   r.sleep,
	}
}
