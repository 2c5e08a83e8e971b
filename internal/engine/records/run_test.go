// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package records_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// Each kind of record, with all that it may hold, can be read by who only watches.
func TestEveryRecordIsProgress(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	header := journal.Header{Kind: attempt.KindCopy, From: "orders", To: "copy", Phase: "waiting", UpdatedAt: at.Add(time.Minute)}
	table := settings.Identity{Name: "orders", ARN: "arn", ID: "id", StreamARN: "stream"}
	progress := attempt.Progress{
		Header: header, ID: "run", StartedAt: at, Active: time.Second, EstimatedItems: 1000, ReadLimit: 1, WriteLimit: 2, Throttled: 3,
		Ledger: flow.Ledger{Scanned: 4, Written: 4},
	}
	record := records.Run{Progress: progress, Reads: table.ARN, Writes: table.ID, Segments: 8, Export: "AWSDynamoDB/1", Files: []store.S3File{{}}, Job: &records.SparkJob{}}
	uncounted := attempt.Progress{Header: header, ID: "run", StartedAt: at}
	operation := records.Operation{Token: "token", ARN: "arn", SentAt: at}
	for name, kind := range map[string]struct {
		record any
		want   attempt.Progress
	}{
		"a run":      {record, progress},
		"an export":  {records.ExportRun{Run: record, Export: operation, Load: operation}, progress},
		"a creation": {records.Creation{Header: header, ID: "run", StartedAt: at, Source: table, Wanted: &settings.Snapshot{Table: table}, Restore: &records.Restore{SentAt: at}}, uncounted},
		"a recreate": {steps.State{Header: header, ID: "run", StartedAt: at, Step: "drop the table", Snapshot: &settings.Snapshot{Table: table}}, uncounted},
	} {
		document, err := json.Marshal(kind.record)
		if err != nil {
			t.Fatal(err)
		}
		var got attempt.Progress
		if err := json.Unmarshal(document, &got); err != nil || got != kind.want {
			t.Errorf("of %s can be read\n%+v, %v, want\n%+v", name, got, err, kind.want)
		}
	}
}

// A run that is to start from the beginning does nothing, whatever it did when it ended.
func TestRecordFromTheStart(t *testing.T) {
	t.Parallel()
	ended := records.Run{Progress: attempt.Progress{Header: journal.Header{Kind: attempt.KindCopy, Phase: "verifying, 7 items read back", Stopped: true}}, Export: "AWSDynamoDB/1"}
	if got := ended.FromTheStart("copy-1"); got.Phase != "" || !got.Stopped || got.Kind != attempt.KindCopy || len(got.Left) != 1 {
		t.Errorf("the record is %+v", got)
	}
}
