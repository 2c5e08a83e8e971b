// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

const brokenRecord = "Record Of The Journal Cannot Be Read"

// Records that cannot be read, of whatever kind, do not keep the runs of others from going on, whose plans name them.
func TestUnreadableRecordsOfOthers(t *testing.T) {
	t.Parallel()
	broken := map[string]string{
		"copy-1": "", "copy-2": `{"Reads":5}`, "purge-1": `{"ID":"cut sho`, "export-1": `["a"]`, "export-2": `{"Export":"text"}`, "create-1": "null", "create-2": `{"StartedAt":"text"}`,
		"recreate-1": `{"Version":9}`, "recreate-2": "",
	}
	for name, inS3 := range map[string]bool{"in a folder": false, "in S3": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCancelling(t)
			for _, operation := range []string{"ExportTableToPointInTime", "StartBulkPutItems", "RestoreTableFromBackup"} {
				c.plane.SetLooks(operation, 0)
			}
			c.create("copy")
			if inS3 {
				c.engine.Journal = journal.S3(c.s3, "work", "j", time.Now)
			}
			var places []string
			for name, content := range broken {
				place := filepath.Join(c.directory, name+".json")
				if inS3 {
					key := "j/" + name + ".json"
					place = "s3://work/" + key
					_, err := c.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("work"), Key: &key, Body: bytes.NewReader([]byte(`{"token":"a","record":` + content + "}"))})
					if err != nil {
						t.Fatal(err)
					}
				} else if err := os.WriteFile(place, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
				places = append(places, place)
			}
			check := func(what string, warnings, faults []string) {
				t.Helper()
				if len(faults) > 0 {
					t.Errorf("%s: the plan says %q", what, faults)
				}
				for _, place := range places {
					if !strings.Contains(strings.Join(warnings, "\n"), place+" is in the journal") {
						t.Errorf("%s: the plan does not name %s: %q", what, place, warnings)
					}
				}
			}
			restored := job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "new", Create: settings.Schema}, Method: job.MethodRestore}
			for what, j := range map[string]job.Copy{
				"scan": {Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "copy"}, Method: job.MethodScan}, "load": loads("from", "copy", "a"), "restore": restored,
			} {
				warnings, faults := details(c.engine.CheckCopy(t.Context(), j))
				check(what, warnings, faults)
				if _, err := c.engine.Copy(t.Context(), j, engine.Observer{}); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			for _, method := range []string{job.MethodDeleteItems, job.MethodRecreate} {
				j := job.Purge{Table: "copy", Method: method}
				warnings, faults := details(c.engine.CheckPurge(t.Context(), j))
				check(method, warnings, faults)
				if _, err := c.engine.Purge(t.Context(), j, engine.Observer{}); err != nil {
					t.Errorf("%s: %v", method, err)
				}
			}
		})
	}
}

// A run whose own record cannot be read is refused by its plan, which names the record. It begins from the start when that is deleted.
func TestUnreadableRecordOfTheRun(t *testing.T) {
	t.Parallel()
	scan := job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "copy"}, Method: job.MethodScan, Throughput: oneByOne}
	imported := loads("from", "new", "a")
	imported.Destination.Create = settings.Schema
	for name, test := range map[string]struct {
		job           job.Copy
		request, kind string
		nth           int
	}{
		"scan":      {scan, "BatchWriteItem copy", "copy-", 20},
		"bulk put":  {loads("from", "copy", "a"), "DescribeBulkOperation copy", "export-", 1},
		"import":    {imported, "DescribeImport new", "export-", 1},
		"new table": {imported, "DescribeImport new", "create-", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCancelling(t)
			for _, operation := range []string{"ExportTableToPointInTime", "StartBulkPutItems", "ImportTable"} {
				c.plane.SetLooks(operation, 0)
			}
			c.create("copy")
			c.interruptAt(test.job, test.request, test.nth)
			if test.job.Destination.Table == "copy" && test.job.Method == job.MethodExport {
				c.endBulkPuts()
			}
			found, err := filepath.Glob(filepath.Join(c.directory, test.kind+"*.json"))
			if err != nil || len(found) != 1 {
				t.Fatalf("the records are %q, %v", found, err)
			}
			if err := os.Truncate(found[0], 30); err != nil {
				t.Fatal(err)
			}
			if _, faults := details(c.engine.CheckCopy(t.Context(), test.job)); len(faults) != 1 || !strings.Contains(faults[0], found[0]) {
				t.Errorf("the plan says %q", faults)
			}
			_, err = c.engine.Copy(t.Context(), test.job, engine.Observer{})
			saying(t, err, brokenRecord, found[0], "delete it")
			if test.kind == "create-" {
				return // There is a table by now, which is another's.
			}
			if err := os.Remove(found[0]); err != nil {
				t.Fatal(err)
			}
			if result, err := c.engine.Copy(t.Context(), test.job, engine.Observer{}); err != nil || result.Resumed || len(c.items(test.job.Destination.Table)) != cancelledItems {
				t.Errorf("%+v, %v", result, err)
			}
		})
	}
}

// The record of a recreate that cannot be read keeps runs from its table alone, whether that is there or not.
func TestUnreadableRecordOfARecreate(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "orders", 3)
	p.create(t, "others", 3)
	creates := 0
	p.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation == "CreateTable" {
			if creates++; creates > 1 { // The first is the proof.
				return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
			}
		}
		return nil
	})
	if _, err := p.purge(t, "orders", job.MethodRecreate); err == nil {
		t.Fatal("the recreate succeeded")
	}
	p.OnRequest(nil)
	found, err := filepath.Glob(filepath.Join(p.directory, "recreate-*.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the records are %q, %v", found, err)
	}
	if err := os.Truncate(found[0], 30); err != nil {
		t.Fatal(err)
	}
	if _, err := p.purge(t, "others", job.MethodRecreate); err != nil {
		t.Error(err)
	}
	refused := func(method string) {
		t.Helper()
		if _, faults := details(p.engine.CheckPurge(context.Background(), job.Purge{Table: "orders", Method: method})); len(faults) != 1 || !strings.Contains(faults[0], found[0]) {
			t.Errorf("the plan says %q", faults)
		}
		_, err := p.purge(t, "orders", method)
		saying(t, err, brokenRecord, found[0], "holds the settings")
	}
	refused(job.MethodRecreate)
	refused(job.MethodDeleteItems)
	p.create(t, "orders", 3)
	refused(job.MethodRecreate)
	refused(job.MethodDeleteItems)
}
