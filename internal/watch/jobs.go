// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// silence is how long a run that does not say that it has stopped may be silent and still be taken for running: it
// saves its progress some times a second.
const silence = 15 * time.Second

// job is a run in the journal. Its JSON form is what --json prints.
type job struct {
	Name      string    `json:"name"`
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	From      string    `json:"from,omitempty"`
	To        string    `json:"to"`
	Phase     string    `json:"phase,omitempty"`
	Running   bool      `json:"running"`
	StartedAt time.Time `json:"started_at"`
	UpdatedAt time.Time `json:"updated_at"`

	ItemsScanned  int64 `json:"items_scanned"`
	ItemsFiltered int64 `json:"items_filtered"`
	ItemsSettled  int64 `json:"items_settled"`
	ItemsFailed   int64 `json:"items_failed"`
	// EstimatedItems is 0 where it is not known.
	EstimatedItems     int64   `json:"estimated_items"`
	ConsumedReadUnits  float64 `json:"consumed_read_units"`
	ConsumedWriteUnits float64 `json:"consumed_write_units"`
	// ReadLimit and WriteLimit are units a second, 0 for no limit.
	ReadLimit         float64 `json:"read_limit"`
	WriteLimit        float64 `json:"write_limit"`
	ThrottledRequests int64   `json:"throttled_requests"`
	// ActiveSeconds is the time spent running.
	ActiveSeconds float64 `json:"active_seconds"`
	// Error says why the record cannot be read; all else but the name is empty then.
	Error string `json:"error,omitempty"`
}

// jobs reads the journal. A record that cannot be read is a job of which no more is known.
func jobs(ctx context.Context, j journal.Journal, now time.Time) ([]job, error) {
	names, err := j.Names(ctx)
	if err != nil {
		return nil, err
	}
	found := []job{}
	for _, name := range names {
		var r engine.Progress
		ok, err := j.Peek(ctx, name, &r)
		if unreadable, broken := errors.AsType[*journal.UnreadableError](err); broken {
			found = append(found, job{Name: name, Error: problem.Printable(unreadable.Error())})
			continue
		}
		if err != nil {
			return nil, err
		}
		if !ok || now.Sub(r.UpdatedAt) > engine.ResumeWindow {
			continue // It has just been completed, or will not be.
		}
		found = append(found, job{
			Name: name, ID: problem.Printable(r.ID), Kind: problem.Printable(r.Kind),
			From: problem.Printable(r.From), To: problem.Printable(r.To), Phase: problem.Printable(r.Phase),
			Running: !r.Stopped && now.Sub(r.UpdatedAt) < silence, StartedAt: r.StartedAt, UpdatedAt: r.UpdatedAt,
			ItemsScanned: r.Ledger.Scanned, ItemsFiltered: r.Ledger.Filtered, ItemsSettled: r.Ledger.Settled(),
			ItemsFailed:    r.Ledger.Failed,
			EstimatedItems: r.EstimatedItems, ConsumedReadUnits: r.Ledger.ReadUnits, ConsumedWriteUnits: r.Ledger.WriteUnits,
			ReadLimit: r.ReadLimit, WriteLimit: r.WriteLimit, ThrottledRequests: r.Throttled + r.Ledger.Unprocessed,
			ActiveSeconds: r.Active.Seconds(),
		})
	}
	return found, nil
}

// unreadable is what is said of a record that cannot be read.
func (j job) unreadable() string { return "A record of the journal cannot be read: " + j.Error + "." }

// title names the job as a user would.
func (j job) title() string {
	if j.From == "" {
		return j.Kind + " " + j.To
	}
	return j.Kind + " " + j.From + " to " + j.To
}

// progress says what the job does, and how far it has come.
func (j job) progress() string {
	counts := fmt.Sprintf("%d of about %d items, %.0f read and %.0f write units, %d requests throttled",
		j.done(), j.total(), j.ConsumedReadUnits, j.ConsumedWriteUnits, j.ThrottledRequests)
	switch {
	case j.Phase == "":
		return counts
	case j.done() == 0:
		return j.Phase
	}
	return counts + "; " + j.Phase
}

// done and total are the bar's: items whose fate is known, filtered ones included, of all there are by the estimate.
// The total is never less than what has been read.
func (j job) done() int64  { return j.ItemsSettled + j.ItemsFiltered }
func (j job) total() int64 { return max(j.EstimatedItems, j.ItemsScanned+j.ItemsFiltered) }
