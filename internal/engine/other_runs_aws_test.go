// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// bulkLooks is how often a bulk operation is seen in progress.
const bulkLooks = 60

// loads copies by a bulk operation, by way of an export below the prefix.
func loads(from, to, prefix string) job.Copy {
	return job.Copy{
		Source: job.Source{Table: from}, Destination: job.Destination{Table: to}, Method: job.MethodExport,
		Export: job.Export{To: store.S3Place{Bucket: "work", Prefix: prefix}},
	}
}

// interruptAt cancels the copy when the n-th request arrives that is described so.
func (c *cancelling) interruptAt(j job.Copy, request string, n int) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	defer cancel()
	c.await(request, n, cancel)
	if _, err := c.engine.Copy(ctx, j, engine.Observer{}); err == nil {
		c.t.Fatal("the copy was not interrupted")
	} else if p := problem.All(err)[0]; p.Summary != "Run Cancelled" {
		c.t.Fatalf("the copy was not interrupted: %+v", p)
	}
}

// endBulkPuts has AWS come to the end of the bulk operations.
func (c *cancelling) endBulkPuts() {
	c.t.Helper()
	bulks, err := c.db.ListBulkOperations(c.t.Context(), &dynamodb.ListBulkOperationsInput{})
	if err != nil {
		c.t.Fatal(err)
	}
	for range bulkLooks + 1 {
		for _, bulk := range bulks.BulkOperationsSummaryList {
			if _, err := c.db.DescribeBulkOperation(c.t.Context(), &dynamodb.DescribeBulkOperationInput{BulkOperationArn: bulk.BulkOperationArn}); err != nil {
				c.t.Fatal(err)
			}
		}
	}
}

// editRecord changes the only record of the journal whose name has the prefix.
func editRecord(t *testing.T, directory, prefix string, edit func(record map[string]any)) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(directory, prefix+"*.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the records are %q, %v", found, err)
	}
	content, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	record := map[string]any{}
	if err := json.Unmarshal(content, &record); err != nil {
		t.Fatal(err)
	}
	edit(record)
	if content, err = json.Marshal(record); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(found[0], content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// summaries are those of the problems that are warnings, and those of the others.
func summaries(found []*problem.Problem) (warnings, faults []string) {
	for _, p := range found {
		if p.Warning {
			warnings = append(warnings, p.Summary)
		} else {
			faults = append(faults, p.Summary)
		}
	}
	return warnings, faults
}

// details are the same in full.
func details(found []*problem.Problem) (warnings, faults []string) {
	for _, p := range found {
		if text := p.Summary + "\n" + p.Detail(); p.Warning {
			warnings = append(warnings, text)
		} else {
			faults = append(faults, text)
		}
	}
	return warnings, faults
}

// While AWS goes on with the bulk operation of an interrupted copy, no other run uses the table, wherever its journal is.
func TestABulkPutThatContinuesIsInTheWay(t *testing.T) {
	t.Parallel()
	const inUse = "Table Is In Use By Another Run"
	for name, test := range map[string]struct {
		prepare func(c *cancelling)
		cause   string
	}{
		"as recorded": {func(*cancelling) {}, "which a copy of from to target has started"},
		"killed before the answer": {func(c *cancelling) {
			editRecord(c.t, c.directory, "export-", func(record map[string]any) {
				load, _ := record["Load"].(map[string]any)
				delete(load, "ARN")
			})
		}, "which a copy of from to target has started"},
		"may not be looked at": {func(c *cancelling) {
			c.plane.OnRequest(func(call controlplane.Call, _ []byte) error {
				if call.Operation == "DescribeBulkOperation" || call.Operation == "ListBulkOperations" {
					return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
				}
				return nil
			})
		}, "DynamoDB may be loading items"},
		"in another journal": {func(c *cancelling) { c.engine.Journal = journal.Local(c.t.TempDir()) }, "started with another journal, or by another program"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCancelling(t)
			c.plane.SetLooks("ExportTableToPointInTime", 0)
			c.plane.SetLooks("StartBulkPutItems", bulkLooks)
			c.create("target")
			c.create("elsewhere")
			if _, err := c.db.UpdateContinuousBackups(t.Context(), recoverable("target")); err != nil {
				t.Fatal(err)
			}
			c.fill("target", 50)
			j := loads("from", "target", "on-the-way")
			c.interruptAt(j, "DescribeBulkOperation target", 1)
			shared := c.engine.Journal
			test.prepare(c)
			restored := job.Copy{Source: job.Source{Table: "target"}, Destination: job.Destination{Table: "new", Create: settings.Schema}, Method: job.MethodRestore}
			for what, copied := range map[string]job.Copy{
				"scan into it": {Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "target"}, Method: job.MethodScan},
				"scan of it":   {Source: job.Source{Table: "target"}, Destination: job.Destination{Table: "elsewhere"}, Method: job.MethodScan},
				"load into it": loads("from", "target", "another-way"), "export of it": loads("target", "elsewhere", "another-way"), "restore of it": restored,
			} {
				warnings, faults := summaries(c.engine.CheckCopy(t.Context(), copied))
				if len(faults) > 0 || !strings.Contains(strings.Join(warnings, "\n"), inUse) {
					t.Errorf("%s: the plan says %q and warns of %q", what, faults, warnings)
				}
				_, err := c.engine.Copy(t.Context(), copied, engine.Observer{})
				saying(t, err, inUse, test.cause, "cancel-bulk-operation")
			}
			for _, method := range []string{job.MethodDeleteItems, job.MethodRecreate} {
				purge := job.Purge{Table: "target", Method: method}
				warnings, faults := summaries(c.engine.CheckPurge(t.Context(), purge))
				if len(faults) > 0 || !strings.Contains(strings.Join(warnings, "\n"), inUse) {
					t.Errorf("%s: the plan says %q and warns of %q", method, faults, warnings)
				}
				_, err := c.engine.Purge(t.Context(), purge, engine.Observer{})
				saying(t, err, inUse, test.cause)
			}
			c.plane.OnRequest(nil)
			c.engine.Journal = shared
			c.endBulkPuts()
			result, err := c.engine.Copy(t.Context(), j, engine.Observer{})
			if err != nil || !result.Resumed || len(c.items("target")) != cancelledItems {
				t.Errorf("the copy again: %+v, %v", result, err)
			}
		})
	}
}

func recoverable(table string) *dynamodb.UpdateContinuousBackupsInput {
	on := true
	return &dynamodb.UpdateContinuousBackupsInput{TableName: &table, PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: &on}}
}

// What AWS has done for a copy that was interrupted counts until another run changes one of its tables: the copy then does it again, and the
// plan of that other run says so.
func TestOtherRunsOutdateWhatAWSHasDone(t *testing.T) {
	t.Parallel()
	const forgotten = "Progress Of Another Run Will Be Forgotten"
	restored := job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "new", Create: settings.Full}, Method: job.MethodRestore}
	imported := loads("from", "new", "imported")
	imported.Destination.Create = settings.Schema
	into := func(table string) job.Copy {
		return job.Copy{Source: job.Source{Table: "other"}, Destination: job.Destination{Table: table}, Method: job.MethodScan}
	}
	for name, test := range map[string]struct {
		job     job.Copy
		past    bool   // The export is of a time that the user has given.
		request string // The first of these after which AWS comes to the end interrupts the copy.
		purges  string // The table that is purged in between; else a copy is made.
		copies  string // Its destination.
		exports int    // So many in all.
		resumed bool
		means   string // What the plan says becomes of the copy; empty for no word.
		says    string // What the copy again says; empty for success.
	}{
		"bulk put; a purge of the destination": {job: loads("from", "target", "a"), request: "DescribeBulkOperation target", purges: "target", exports: 1, resumed: true, means: "loads its export once more"},
		"bulk put; a copy into it":             {job: loads("from", "target", "a"), request: "DescribeBulkOperation target", copies: "target", exports: 1, resumed: true, means: "loads its export once more"},
		"bulk put; a copy into the source":     {job: loads("from", "target", "a"), request: "DescribeBulkOperation target", copies: "from", exports: 2, means: "exports once more"},
		"bulk put; a purge of another table":   {job: loads("from", "target", "a"), request: "DescribeBulkOperation target", purges: "other", exports: 1, resumed: true},
		"export; a purge of the source":        {job: loads("from", "target", "a"), request: "DescribeExport from", purges: "from", exports: 2, means: "exports once more"},
		"export of the past; a purge of it":    {job: loads("from", "target", "past"), past: true, request: "DescribeExport from", purges: "from", exports: 1, resumed: true},
		"import; a purge of the table":         {job: imported, request: "DescribeImport new", purges: "new", exports: 1, resumed: true, means: "loads its export once more"},
		"restore; a purge of the table":        {job: restored, request: "ListTagsOfResource new", purges: "new", means: "delete the table first", says: "Table Exists"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCancelling(t)
			for _, operation := range []string{"ExportTableToPointInTime", "StartBulkPutItems", "ImportTable", "RestoreTableFromBackup"} {
				c.plane.SetLooks(operation, 0)
			}
			for _, table := range []string{"target", "other"} {
				c.create(table)
			}
			c.fill("other", 30)
			if test.past {
				test.job.Export.At = c.engine.Now()
			}
			c.interruptAt(test.job, test.request, 1)
			if test.job.Restore == (job.Restore{}) {
				c.endBulkPuts()
			}
			// Another run, which is not part of this one's plan.
			var warned []*problem.Problem
			var err error
			if test.purges != "" {
				purge := job.Purge{Table: test.purges, Method: job.MethodDeleteItems}
				warned = c.engine.CheckPurge(t.Context(), purge)
				_, err = c.engine.Purge(t.Context(), purge, engine.Observer{})
			} else {
				warned = c.engine.CheckCopy(t.Context(), into(test.copies))
				_, err = c.engine.Copy(t.Context(), into(test.copies), engine.Observer{})
			}
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			for _, p := range warned {
				if p.Summary == forgotten && p.Warning {
					said += p.Detail()
				}
			}
			if (said != "") != (test.means != "") || !strings.Contains(said, test.means) {
				t.Errorf("the plan says %q, want %q", said, test.means)
			}
			left := len(c.items("from"))
			if !test.job.Export.At.IsZero() {
				left = cancelledItems
			}
			if warnings, _ := summaries(c.engine.CheckCopy(t.Context(), test.job)); strings.Contains(strings.Join(warnings, "\n"), forgotten) {
				t.Error("the plan of the copy takes its own record for another's")
			}
			result, err := c.engine.Copy(t.Context(), test.job, engine.Observer{})
			if test.says != "" {
				saying(t, err, test.says)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			exports := 0
			for _, call := range c.plane.Calls() {
				if call.Operation == "ExportTableToPointInTime" {
					exports++
				}
			}
			if result.Resumed != test.resumed || exports != test.exports {
				t.Errorf("resumed %t with %d exports, want %t and %d", result.Resumed, exports, test.resumed, test.exports)
			}
			if held := len(c.items(test.job.Destination.Table)); held < left || result.Ledger.Written != int64(left) {
				t.Errorf("%d items of %d are there; the ledger is %+v", held, left, result.Ledger)
			}
		})
	}
}

// A copy that reads or writes a table does not resume behind what a bulk operation has put there.
func TestABulkPutOutdatesCopies(t *testing.T) {
	t.Parallel()
	for name, interrupted := range map[string]runOn{
		"a copy of it": copied("middle", "copy", "", ""), "a copy into it": copied("other", "middle", "other", ""), "a purge with a filter": purged("middle", 10),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCancelling(t)
			c.plane.SetLooks("ExportTableToPointInTime", 0)
			c.plane.SetLooks("StartBulkPutItems", 0)
			c.create("copy")
			for _, table := range []string{"middle", "other"} {
				c.create(table)
				c.fill(table, 500)
			}
			c.interrupt(interrupted)
			if _, err := c.engine.Copy(t.Context(), loads("from", "middle", "a"), engine.Observer{}); err != nil {
				t.Fatal(err)
			}
			result, err := interrupted(t.Context(), c.engine)
			if err != nil || result.Resumed {
				t.Errorf("%+v, %v", result, err)
			}
		})
	}
}
