// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// A run that waits for AWS waits on when its progress can no longer be saved, from the moment that AWS was asked, and says so at its end.
func TestProgressOfAWaitThatCannotBeSaved(t *testing.T) {
	t.Parallel()
	imported := loads("from", "new", "imported")
	imported.Destination.Create = settings.Schema
	for name, test := range map[string]struct {
		job     job.Copy
		request string
	}{
		"export":   {job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{S3: &store.S3Place{Bucket: "work", Prefix: "x"}}, Method: job.MethodExport}, "ExportTableToPointInTime from"},
		"bulk put": {loads("from", "target", "a"), "StartBulkPutItems target"},
		"import":   {imported, "ImportTable new"},
		"restore":  {job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "new", Create: settings.Schema}, Method: job.MethodRestore}, "RestoreTableFromBackup new"},
		"backup":   {job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "new", Create: settings.Schema}, Method: job.MethodRestore, Restore: job.Restore{BackupARN: "given"}}, "RestoreTableFromBackup new"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCancelling(t)
			for _, operation := range []string{"ExportTableToPointInTime", "StartBulkPutItems", "ImportTable", "RestoreTableFromBackup"} {
				c.plane.SetLooks(operation, 1)
			}
			c.create("target")
			if test.job.Restore.BackupARN != "" {
				made, err := c.db.CreateBackup(t.Context(), &dynamodb.CreateBackupInput{TableName: &test.job.Source.Table, BackupName: &name})
				if err != nil {
					t.Fatal(err)
				}
				test.job.Restore.BackupARN = *made.BackupDetails.BackupArn
			}
			disk := &fullDisk{Journal: c.engine.Journal, full: make(chan struct{}), refused: make(chan struct{})}
			c.engine.Journal = disk
			c.await(test.request, 1, func() { close(disk.full) })
			result, err := c.engine.Copy(t.Context(), test.job, engine.Observer{})
			if err != nil {
				t.Fatal(err)
			}
			<-disk.refused // Or nothing is tested.
			if len(result.Warnings) != 1 || !result.Warnings[0].Warning || result.Warnings[0].Summary != "Progress Could Not Be Saved" {
				t.Errorf("the remarks are %v", result.Warnings)
			}
		})
	}
}

// What AWS was asked for is found again by its token where the answer could not be saved.
func TestAnOperationThatCouldNotBeSavedIsFound(t *testing.T) {
	t.Parallel()
	c := newCancelling(t)
	c.plane.SetLooks("ExportTableToPointInTime", 0)
	c.plane.SetLooks("StartBulkPutItems", bulkLooks)
	c.create("target")
	usual := c.engine.Journal
	disk := &fullDisk{Journal: usual, full: make(chan struct{}), refused: make(chan struct{})}
	c.engine.Journal = disk
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c.await("StartBulkPutItems target", 1, func() {
		close(disk.full)
		waited := c.seen
		waited.what, waited.left, waited.then = "DescribeBulkOperation target", 1, cancel
	})
	if _, err := c.engine.Copy(ctx, loads("from", "target", "a"), engine.Observer{}); err == nil {
		t.Fatal("the copy was not interrupted")
	}
	<-disk.refused
	c.endBulkPuts()
	c.engine.Journal = usual
	result, err := c.engine.Copy(t.Context(), loads("from", "target", "a"), engine.Observer{})
	bulks, listed := c.db.ListBulkOperations(t.Context(), &dynamodb.ListBulkOperationsInput{})
	if err != nil || listed != nil || !result.Resumed || len(bulks.BulkOperationsSummaryList) != 1 {
		t.Errorf("%+v, %v; the bulk operations are %+v, %v", result, err, bulks, listed)
	}
}

// Nothing is asked of AWS that the journal does not know of.
func TestNothingIsStartedWithoutTheJournal(t *testing.T) {
	t.Parallel()
	c := newCancelling(t)
	c.create("target")
	full := make(chan struct{})
	close(full)
	c.engine.Journal = &fullDisk{Journal: c.engine.Journal, full: full, refused: make(chan struct{})}
	restored := job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "new", Create: settings.Schema}, Method: job.MethodRestore}
	for name, j := range map[string]job.Copy{"export": loads("from", "target", "a"), "restore": restored} {
		_, err := c.engine.Copy(t.Context(), j, engine.Observer{})
		t.Log(name)
		saying(t, err, "Journal Cannot Be Used", "no space left")
	}
	for _, call := range c.plane.Calls() {
		switch call.Operation {
		case "ExportTableToPointInTime", "CreateBackup", "RestoreTableFromBackup":
			t.Errorf("%s was asked for", call.Operation)
		}
	}
}
