// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

// editRecord changes the one record of the journal whose name has the prefix, as others can who may write there.
func (p *plane) editRecord(t *testing.T, prefix string, edit func(record map[string]any)) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(p.directory, prefix+"*.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the journal has %q, %v", found, err)
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
	if content, err = json.Marshal(record); err == nil {
		err = os.WriteFile(found[0], content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// in is the object in the record to which the names lead, nil for none.
func in(record map[string]any, names ...string) map[string]any {
	for _, name := range names {
		record, _ = record[name].(map[string]any)
	}
	return record
}

// writesBeside are the calls since the first so many that can change anything of another table than the one, or of none.
func (p *plane) writesBeside(calls int, table string) []string {
	var found []string
	for _, call := range p.Calls()[calls:] {
		if call.Writes && call.Table != table {
			found = append(found, call.Operation+" "+call.Table)
		}
	}
	return found
}

// A record of a recreate that is not one of its table is refused, and nothing of any table is changed by it.
func TestForgedRecreate(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(record map[string]any){
		"the name of another table": func(r map[string]any) { in(r, "Snapshot", "table")["name"] = "prod" },
		"an id that is none":        func(r map[string]any) { r["ID"] = "../x" },
		"the id of another run":     func(r map[string]any) { r["ID"] = "11111111-1111-4111-8111-111111111111" },
		"a step that there is not":  func(r map[string]any) { r["Step"] = "rest" },
		"a table that was there before": func(r map[string]any) {
			r["Step"], r["StartedAt"] = "put settings back", time.Now().Add(30*time.Minute)
		},
		"a time to come": func(r map[string]any) { r["StartedAt"] = time.Now().Add(48 * time.Hour) },
		"the stream of another table": func(r map[string]any) {
			in(r, "Snapshot", "table")["stream_arn"] = "arn:aws:dynamodb:eu-west-1:1:table/prod/stream/1"
		},
		"settings that there are not":      func(r map[string]any) { r["Restored"] = []string{"\x1b[2J"} },
		"a backup that is not its own":     nil,
		"a table without an id":            func(r map[string]any) { in(r, "Snapshot", "table")["id"] = "" },
		"a setting that there is not":      func(r map[string]any) { in(r, "Snapshot", "settings")["x"] = 1 },
		"a record under a name of another": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.create(t, "orders", 2)
			p.create(t, "prod", 3)
			backup, err := p.account.DynamoDB.CreateBackup(t.Context(), &dynamodb.CreateBackupInput{TableName: aws.String("prod"), BackupName: aws.String("kept")})
			if err != nil {
				t.Fatal(err)
			}
			arn := aws.ToString(p.account.Describe(t, "orders").TableArn)
			p.dropped(t)
			switch name {
			case "a backup that is not its own":
				edit = func(r map[string]any) { r["BackupARN"] = aws.ToString(backup.BackupDetails.BackupArn) }
			case "a table that was there before":
				p.create(t, "orders", 2) // By other means.
			case "a record under a name of another":
				edit = func(map[string]any) {}
				found, err := filepath.Glob(filepath.Join(p.directory, "recreate-*.json"))
				if err != nil || len(found) != 1 {
					t.Fatal(found, err)
				}
				if err := os.Rename(found[0], filepath.Join(p.directory, "recreate-0.json")); err != nil {
					t.Fatal(err)
				}
			}
			p.editRecord(t, "recreate-", edit)
			records, before, calls := p.records(t), p.account.Everything(t, "prod"), len(p.Calls())
			for _, method := range []string{job.MethodDeleteItems, job.MethodRecreate} {
				_, err = p.purge(t, arn, method)
				saying(t, err, refused, "recreate-", "keep one before you delete it")
			}
			if found := p.writesBeside(calls, ""); len(found) > 0 {
				t.Errorf("%q were called", found)
			}
			sameDocument(t, before, p.account.Everything(t, "prod"))
			if names := p.records(t); !slices.Equal(names, records) {
				t.Errorf("the journal holds %q, and held %q", names, records)
			}
		})
	}
}

// A replacement restores and deletes the backup that it has made itself, and no other one that its record names.
func TestForgedBackup(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		create job.Destination
		prefix string
		set    func(record map[string]any, arn string)
	}{
		"a replacement": {job.Destination{Table: "orders"}, "recreate-", func(r map[string]any, arn string) { r["BackupARN"] = arn }},
		"a new table": {job.Destination{Table: "made", Create: "full"}, "create-", func(r map[string]any, arn string) {
			in(r, "Restore")["BackupARN"] = arn
		}},
	} {
		for _, of := range []string{"source", "other"} {
			t.Run(name+" of "+of, func(t *testing.T) {
				t.Parallel()
				p := newPlane(t)
				p.create(t, "source", 3)
				p.create(t, "other", 1)
				p.create(t, "orders", 2)
				kept, err := p.account.DynamoDB.CreateBackup(t.Context(), &dynamodb.CreateBackupInput{TableName: aws.String(of), BackupName: aws.String("kept")})
				if err != nil {
					t.Fatal(err)
				}
				arn := aws.ToString(kept.BackupDetails.BackupArn)
				j := job.Copy{
					Source: job.Source{Table: "source"}, Destination: test.create, Method: job.MethodRestore,
					Restore: job.Restore{Replace: test.create.Create == ""},
				}
				p.deny("RestoreTableFromBackup", 2-len(test.create.Create)/4) // The first one of a replacement is the proof.
				if _, err = p.engine.Copy(t.Context(), j, engine.Observer{}); err == nil {
					t.Fatal("the copy was not interrupted")
				}
				p.OnRequest(nil)
				p.editRecord(t, test.prefix, func(r map[string]any) { test.set(r, arn) })
				calls := len(p.Calls())
				_, err = p.engine.Copy(t.Context(), j, engine.Observer{})
				saying(t, err, refused, "is not a backup that this run has made")
				if found := p.writesBeside(calls, ""); len(found) > 0 {
					t.Errorf("%q were called", found)
				}
				if _, err := p.account.DynamoDB.DescribeBackup(t.Context(), &dynamodb.DescribeBackupInput{BackupArn: &arn}); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// The run's own backup is known for its own, and deleted in the end, also where the source is given by its ARN.
func TestOwnBackup(t *testing.T) {
	t.Parallel()
	for name, destination := range map[string]job.Destination{"a replacement": {Table: "orders"}, "a new table": {Table: "made", Create: "full"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.create(t, "source", 3)
			p.create(t, "orders", 2)
			j := job.Copy{
				Source: job.Source{Table: aws.ToString(p.account.Describe(t, "source").TableArn)}, Destination: destination, Method: job.MethodRestore,
				Restore: job.Restore{Replace: destination.Create == ""},
			}
			if _, err := p.engine.Copy(t.Context(), j, engine.Observer{}); err != nil {
				t.Fatal(err)
			}
			left, err := p.account.DynamoDB.ListBackups(t.Context(), &dynamodb.ListBackupsInput{TableName: aws.String("source")})
			if err != nil || len(left.BackupSummaries) > 0 {
				t.Errorf("%+v are left, %v", left, err)
			}
			page, err := p.account.DynamoDB.Scan(t.Context(), &dynamodb.ScanInput{TableName: &destination.Table, ConsistentRead: aws.Bool(true)})
			if err != nil || page.Count != 3 {
				t.Errorf("%+v, %v", page, err)
			}
		})
	}
}

// A table that was there is not taken for one that the copy has made because its record says so.
func TestForgedCreation(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "source", 3)
	j := job.Copy{Source: job.Source{Table: "source"}, Destination: job.Destination{Table: "made", Create: "full"}, Method: job.MethodScan}
	p.deny("BatchWriteItem", 1)
	if _, err := p.engine.Copy(t.Context(), j, engine.Observer{}); err == nil {
		t.Fatal("the copy was not interrupted")
	}
	p.OnRequest(nil)
	p.create(t, "prod", 1)
	before := p.account.Everything(t, "prod")
	p.editRecord(t, "create-", func(r map[string]any) {
		source, err := json.Marshal(r["Source"])
		if err != nil {
			t.Fatal(err)
		}
		r["Wanted"] = map[string]any{ // As an earlier version had it.
			"table":    json.RawMessage(strings.ReplaceAll(string(source), `"source"`, `"prod"`)),
			"settings": map[string]any{"tags": map[string]string{"owner": "mallory"}, "deletion_protection": true},
		}
	})
	calls := len(p.Calls())
	result, err := p.engine.Copy(t.Context(), j, engine.Observer{})
	if err != nil || !result.DestinationCreated || result.Ledger.Written != 3 {
		t.Fatalf("%+v, %v", result, err)
	}
	if found := p.writesBeside(calls, "made"); len(found) > 0 {
		t.Errorf("%q were called", found)
	}
	sameDocument(t, before, p.account.Everything(t, "prod"))
	if d := p.account.Describe(t, "made"); aws.ToBool(d.DeletionProtectionEnabled) {
		t.Error("the new table has a setting of the record")
	}
	if tags, err := p.account.DynamoDB.ListTagsOfResource(t.Context(), &dynamodb.ListTagsOfResourceInput{ResourceArn: p.account.Describe(t, "made").TableArn}); err != nil ||
		slices.ContainsFunc(tags.Tags, func(tag types.Tag) bool { return aws.ToString(tag.Key) == "owner" }) {
		t.Errorf("%+v, %v", tags, err)
	}
}
