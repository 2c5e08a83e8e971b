// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// tokenLife is how long a client token is good for, less an hour: DynamoDB forgets it after eight.
const tokenLife = 7 * time.Hour

// operation is one that AWS does for a run. The token is in the journal before the operation is started, the ARN before it is waited for.
type operation struct{ Token, ARN string }

// exportRecord is what the journal keeps of a copy by way of an export.
type exportRecord struct {
	Record
	Export operation
	// Load is the import or the bulk operation, empty if there is none yet.
	Load operation
}

// exportLog is the progress of such a copy in the journal.
type exportLog struct {
	exportRecord
	resumed bool
	now     func() time.Time
	began   time.Time
	before  time.Duration
	journal journal.Record
}

// openExportLog takes the run's record, and finds out whether an earlier attempt can go on.
func (e *Engine) openExportLog(ctx context.Context, job CopyJob, ready *readyCopy) (*exportLog, *problem.Problem) {
	name, err := job.exportName(ctx, ready)
	if err != nil {
		return nil, requestProblem(ctx, err)
	}
	log := &exportLog{now: e.Now, began: e.Now(), exportRecord: exportRecord{
		Record: Record{
			ID: uuid.NewString(), Kind: kindCopy, From: job.Source.String(), To: job.Destination.String(), StartedAt: e.Now(), EstimatedItems: ready.estimate(),
			Reads: ready.source.identity(), Writes: ready.loaded(),
		},
		Export: operation{Token: uuid.NewString()},
	}}
	log.journal, err = e.Journal.Open(ctx, name)
	if held, ok := errors.AsType[*journal.HeldError](err); ok {
		p := inUse(ready.source, "source.table")
		p.Cause = fmt.Sprintf("Process %d on %s has been doing this very run since %s.", held.Holder.Process, held.Holder.Host, held.Holder.Since.UTC().Format(time.RFC3339))
		p.Next = dependsOn
		return nil, p
	}
	if ctx.Err() != nil {
		return nil, requestProblem(ctx, err)
	}
	if err != nil {
		return nil, journalProblem(err)
	}
	var earlier exportRecord
	found, err := log.journal.Load(ctx, &earlier)
	if err != nil {
		return nil, journalProblem(errors.Join(err, log.close()))
	}
	if found && earlier.Reads == log.Reads && earlier.Writes == log.Writes && earlier.good(e.Now()) {
		log.exportRecord, log.resumed = earlier, true
	}
	log.before = log.Active
	return log, nil
}

// loaded is the destination's identity. A table that an import makes has only its name until it is there.
func (r *readyCopy) loaded() string {
	if r.creation != nil && r.creation.state.Import {
		return r.destination.ARN()
	}
	return r.destination.identity()
}

// good says whether what was started can be gone on with.
func (r exportRecord) good(now time.Time) bool {
	age := now.Sub(r.UpdatedAt)
	return age < tokenLife || age < GoOnWithin && r.Export.ARN != "" && (r.Load.Token == "" || r.Load.ARN != "")
}

// exportName is the same for the same run.
func (job CopyJob) exportName(ctx context.Context, ready *readyCopy) (string, error) {
	source, err := ready.openSource(ctx, job) // Only for its definition, which the filter and the transform are part of.
	if err != nil {
		return "", err
	}
	if transformed := ready.transformed(source); transformed != nil {
		source = transformed
	}
	place, _ := job.exportPlace()
	definition, err := json.Marshal([]any{
		ready.source.ARN(), string(source.Definition()), ready.destination.arn(), job.Destination.String(), place, job.Export.At, job.conflict(), job.Verify, job.Triggers,
	})
	sum := sha256.Sum256(definition)
	return "export-" + hex.EncodeToString(sum[:16]), errors.Join(err, source.Close())
}

// begin starts the operation, unless an earlier attempt has.
func (l *exportLog) begin(ctx context.Context, o *operation, start func(context.Context) (string, error)) error {
	if o.ARN != "" {
		return nil
	}
	if err := l.save(ctx); err != nil {
		return err
	}
	var err error
	if o.ARN, err = start(ctx); err != nil {
		return err
	}
	return l.save(ctx)
}

// save keeps what has been started, also when the run has been cancelled.
func (l *exportLog) save(ctx context.Context) error {
	l.UpdatedAt = l.now()
	l.Active = l.before + l.UpdatedAt.Sub(l.began)
	if err := l.journal.Save(context.WithoutCancel(ctx), l.exportRecord); err != nil {
		return journalProblem(err)
	}
	return nil
}

// keepUnless saves the record for the next attempt, or removes it if AWS has ended what was started.
func (l *exportLog) keepUnless(ctx context.Context, err error) error {
	if _, ended := errors.AsType[*managed.FailedError](err); ended {
		return l.journal.Remove(context.WithoutCancel(ctx))
	}
	if errors.Is(err, journal.ErrTaken) {
		return nil
	}
	return l.save(ctx)
}

// left says what has been started.
func (l *exportLog) left() string {
	switch {
	case l.Load.ARN != "":
		return "So far: the export " + l.Export.ARN + " is complete, and " + l.Load.ARN + " goes on in AWS."
	case l.Export.ARN != "":
		return "So far: the export " + l.Export.ARN + " was started."
	}
	return "So far: nothing was started."
}

func (l *exportLog) close() error { return l.journal.Close() }
