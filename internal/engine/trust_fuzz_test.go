// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// object is a record as JSON has it.
type object map[string]any

// with is the object with other values.
func (o object) with(more object) object {
	o = maps.Clone(o)
	maps.Copy(o, more)
	return o
}

// recordKind is a kind of record, and a run that loads one.
type recordKind struct {
	prefix string
	run    func(ctx context.Context, e *engine.Engine) error
	// changes are the tables that the run may change, writes the prefixes in S3 that it may write to.
	changes, writes []string
	// copied is the table that holds all of source after a run that reports success, emptied one that holds nothing; empty for none.
	copied, emptied string
	// honest is a record that a run leaves, forgeries what others make of it.
	honest    object
	forgeries []object
}

func copies(j job.Copy) func(context.Context, *engine.Engine) error {
	return func(ctx context.Context, e *engine.Engine) error {
		_, err := e.Copy(ctx, j, engine.Observer{})
		return err
	}
}

func purges(j job.Purge) func(context.Context, *engine.Engine) error {
	return func(ctx context.Context, e *engine.Engine) error {
		_, err := e.Purge(ctx, j, engine.Observer{})
		return err
	}
}

// recordKinds are all kinds of records. That of a segment is in S3, below tasks/.
func (w *world) recordKinds(f *testing.F) []recordKind {
	f.Helper()
	identity := map[string]string{}
	arn := map[string]string{}
	for _, table := range []string{"source", "orders", "prod"} {
		described, err := w.describe(f.Context(), table)
		w.must(f, err)
		identity[table], arn[table] = settings.IdentityOf(described).String(), aws.ToString(described.TableArn)
	}
	now := time.Now()
	w.names = map[string]string{
		"$TABLE": strings.TrimPrefix(identity["orders"], arn["orders"]+"#"), "$SOURCE": strings.TrimPrefix(identity["source"], arn["source"]+"#"),
		"$EXPORT": w.export, "$KEPT1": w.backups["source"], "$KEPT2": w.backups["prod"],
	}
	const other = "11111111-1111-4111-8111-111111111111"
	source, orders := job.Source{Table: "source"}, job.Destination{Table: "orders"}
	place := store.S3Place{Bucket: bucketName, Prefix: "p"}
	emr := &spark.Config{S3URI: "s3://work/prefix", ExecutionRole: "arn:aws:iam::123456789012:role/worker", WorkerBinary: "s3://work/worker"}
	record := object{"ID": "$ID", "Kind": "copy", "StartedAt": now, "UpdatedAt": now, "Reads": identity["source"], "Writes": identity["orders"], "Parts": 1}
	everywhere := []object{
		{"ID": "x/../../victim"}, {"ID": other}, {"Done": true, "Ledger": object{"Scanned": 3, "Written": 3}}, {"Parts": 1 << 50},
		{"Checkpoint": object{"parts": []object{{"part": 0, "end": true}}, "ledger": object{"Scanned": 3, "Written": 3}}},
		{"Left": []string{"p/AWSDynamoDB/01700000000000-abcdefgh", "q", ""}}, {"Export": "p/AWSDynamoDB/01700000000000-abcdefgh"},
	}
	j := object{
		"Attempt": 1, "Open": true, "Launcher": "serverless", "S3URI": "s3://work/prefix",
		"Handle": object{"ID": "00job", "Application": "00theirs", "Made": true},
	}
	exported := object{"Token": "$ID", "SentAt": now, "ARN": w.export}
	snapshot := func(edits object) object {
		var s object
		w.must(f, json.Unmarshal(w.snapshot, &s))
		if table, ok := s["table"].(map[string]any); ok {
			maps.Copy(table, edits)
			table["stream_arn"] = arn["prod"] + "/stream/2026"
			if _, named := edits["stream_arn"]; !named {
				delete(table, "stream_arn")
			}
		}
		return s
	}
	caller := sha256.Sum256([]byte(w.settings.AccessKey))
	recreated := object{"Caller": hex.EncodeToString(caller[:16]), "ID": "$ID", "StartedAt": now, "Step": "create the table", "Snapshot": snapshot(nil)}
	recreates := []object{
		{"ID": other}, {"Step": "drop the table"}, {"Step": "put settings back", "Snapshot": snapshot(object{"id": "gone"}), "StartedAt": now.Add(20 * time.Minute)},
		{"Snapshot": snapshot(object{"name": "prod"})}, {"Snapshot": snapshot(object{"stream_arn": ""})}, {"BackupARN": w.backups["prod"], "Snapshot": snapshot(object{"id": "gone"})},
		{"Snapshot": nil}, {"Snapshot": object{}}, {"Snapshot": snapshot(object{"arn": arn["prod"], "name": "prod"})},
	}
	created := object{"ID": "$ID", "StartedAt": now, "Level": "full", "Source": object{"name": "source", "arn": arn["source"], "id": strings.TrimPrefix(identity["source"], arn["source"]+"#")}}
	return []recordKind{
		{
			prefix: "copy-", run: copies(job.Copy{Source: source, Destination: orders, Method: job.MethodScan, Verify: job.VerifyFull}),
			changes: []string{"orders"}, copied: "orders", honest: record, forgeries: append(everywhere, object{"Job": j}),
		},
		{
			prefix: "purge-", run: purges(job.Purge{Table: "orders", Method: job.MethodDeleteItems}), changes: []string{"orders"}, emptied: "orders",
			honest: record.with(object{"Kind": "purge", "Reads": ""}), forgeries: everywhere,
		},
		{
			prefix: "copy-", run: copies(job.Copy{Source: source, Destination: job.Destination{S3: &place}, Method: job.MethodScan}),
			writes: []string{"p/AWSDynamoDB/"}, honest: record.with(object{"Writes": ""}), forgeries: append(everywhere, object{"Left": []string{"p/AWSDynamoDB/", "p/AWSDynamoDB/.."}}),
		},
		{
			prefix: "copy-", run: copies(job.Copy{Source: source, Destination: orders, Method: job.MethodEMR, EMR: emr}), writes: []string{"prefix/run-"},
			honest: record.with(object{"Job": object{"Attempt": 1, "Launcher": "serverless", "S3URI": "s3://work/prefix"}}),
			forgeries: append(everywhere, object{"Job": j}, object{"Job": object{"Attempt": 1, "Open": true, "S3URI": "s3://elsewhere/x", "Launcher": "serverless"}},
				object{"Job": object{"Attempt": 1, "Open": true, "Cancelling": true, "Launcher": "cluster", "S3URI": "s3://work/prefix", "Handle": object{"ID": "j-1"}}}),
		},
		{
			prefix: "export-", writes: []string{"b/AWSDynamoDB/"}, changes: []string{"orders", "ExportTableToPointInTime source"}, copied: "orders",
			run: copies(job.Copy{
				Source: source, Destination: orders, Method: job.MethodExport, Export: job.Export{To: store.S3Place{Bucket: bucketName, Prefix: "b"}},
			}),
			honest: record.with(object{"Export": object{"Token": "$ID", "SentAt": now}}),
			forgeries: []object{
				{"Export": exported}, {"Export": exported, "Load": exported}, {"Export": object{"Token": other, "SentAt": now}}, {"Export": exported, "Done": true},
				{"Export": object{"Token": "$ID", "SentAt": now, "ARN": arn["prod"] + "/export/01700000000000-abcdefgh"}},
			},
		},
		{
			prefix: "create-", run: copies(job.Copy{Source: source, Destination: job.Destination{Table: "made", Create: settings.Full}, Method: job.MethodScan}),
			changes: []string{"made"}, copied: "made", honest: created,
			forgeries: []object{{"ID": other}, {"TableID": "x"}, {"Import": true}, {"Wanted": snapshot(object{"name": "prod", "arn": arn["prod"]})}, {"StartedAt": now.AddDate(1, 0, 0)}},
		},
		{
			prefix: "create-", changes: []string{"made", "CreateBackup source", "DeleteBackup source"}, copied: "made",
			run:    copies(job.Copy{Source: source, Destination: job.Destination{Table: "made", Create: settings.Full}, Method: job.MethodRestore}),
			honest: created.with(object{"Restore": object{"Definition": "x"}}),
			forgeries: []object{
				{"Restore": object{"Definition": "x", "BackupARN": w.backups["prod"]}}, {"Restore": object{"BackupARN": w.backups["source"], "SentAt": now}}, {"ID": "", "Restore": object{}},
			},
		},
		{
			prefix: "recreate-", changes: []string{"orders", "CreateBackup source", "DeleteBackup source"},
			run:    copies(job.Copy{Source: source, Destination: orders, Method: job.MethodRestore, Restore: job.Restore{Replace: true}}),
			honest: recreated, forgeries: append(recreates, object{"Definition": "x", "BackupARN": w.backups["source"]}),
		},
		{
			prefix: "recreate-", changes: []string{"orders"}, run: purges(job.Purge{Table: arn["orders"], Method: job.MethodDeleteItems}),
			honest: recreated, forgeries: recreates,
		},
		{
			prefix: "segment-", writes: []string{"tasks/", "p/AWSDynamoDB/"}, changes: []string{"orders"}, run: w.work,
			honest:    object{"token": "x", "record": record.with(object{"Kind": "purge", "Reads": ""})},
			forgeries: []object{{"record": record.with(object{"ID": other})}, {"record": record.with(object{"Files": []store.S3File{{DataFileS3Key: "q/x"}}})}, {"record": nil}, {"record": 1}},
		},
	}
}

// taskRun is the id of the run that the task belongs to.
const taskRun = "22222222-2222-4222-8222-222222222222"

// work does a task that empties a table.
func (w *world) work(ctx context.Context, e *engine.Engine) error {
	orders, err := w.describe(ctx, "orders")
	if err != nil {
		return err
	}
	e.Journal = journal.TakeOver(w.store.Client(), bucketName, "tasks")
	_, err = e.Work(ctx, cluster.Task{
		Version: e.UserAgent, Run: transform.Run{ID: taskRun}, Tasks: 1, ScanSegments: 1, AtOnce: 1, Writes: settings.IdentityOf(orders).String(),
		Purge: &job.Purge{Table: "orders", Method: job.MethodDeleteItems}, Journal: "s3://work/tasks",
	}, engine.Observer{})
	return err
}

// Whatever a record holds, the run that loads it touches nothing but its own tables, folders and prefixes, and reports no success that is
// none.
func FuzzRecord(f *testing.F) {
	w := newWorld(f)
	kinds := w.recordKinds(f)
	for number, kind := range kinds {
		for _, edit := range append(kind.forgeries, object{}) {
			content, err := json.Marshal(kind.honest.with(edit))
			w.must(f, err)
			for placeholder, name := range w.names { // Those of this process: another one does the fuzzing.
				content = bytes.ReplaceAll(content, []byte(name), []byte(placeholder))
			}
			f.Add(uint8(number), content)
		}
		f.Add(uint8(number), []byte("null"))
		f.Add(uint8(number), []byte(`{"ID":"$ID"}`))
	}
	f.Fuzz(func(t *testing.T, number uint8, content []byte) {
		kind := kinds[int(number)%len(kinds)]
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // Only ends what would hang.
		defer cancel()
		w.reset(ctx, t)
		orders, err := w.describe(ctx, "orders")
		w.must(t, err)
		w.names["$TABLE"] = settings.IdentityOf(orders).ID
		for placeholder, name := range w.names {
			content = bytes.ReplaceAll(content, []byte(placeholder), []byte(name))
		}
		e, outside, others := w.engine(t, kind.prefix, content)
		switch kind.prefix {
		case "recreate-": // It is found by looking through all records.
			name := journal.RecreateName(aws.ToString(orders.TableArn), "")
			content := bytes.ReplaceAll(content, []byte("$ID"), []byte(journal.NewID(name)))
			w.must(t, os.WriteFile(filepath.Join(outside, "journal", name+".json"), content, 0o600))
		case "segment-":
			w.must(t, put(ctx, w.store.Client(), "tasks/segment-000000.json", bytes.ReplaceAll(content, []byte("$ID"), []byte(taskRun))))
		}
		before, calls := tree(t, outside), len(w.plane.Calls())
		err = kind.run(ctx, e)
		t.Log(err)
		w.check(ctx, t, kind, calls)
		for _, path := range append(others, before...) {
			if name := filepath.Base(path); strings.HasSuffix(name, ".json") || strings.HasPrefix(name, ".") {
				continue // The records are the run's.
			}
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		}
		for _, path := range tree(t, outside) {
			if !slices.Contains(before, path) && !strings.HasPrefix(path, filepath.Join(outside, "journal")+string(filepath.Separator)) {
				t.Errorf("%s was made", path)
			}
		}
		if err == nil {
			w.succeeded(ctx, t, kind)
		}
	})
}

// check finds what was touched that is not the run's.
func (w *world) check(ctx context.Context, t *testing.T, kind recordKind, calls int) {
	t.Helper()
	for _, call := range w.plane.Calls()[calls:] {
		if call.Writes && !slices.Contains(kind.changes, call.Table) && !slices.Contains(kind.changes, call.Operation+" "+call.Table) {
			t.Errorf("%s of %q was called", call.Operation, call.Table)
		}
	}
	for _, arn := range w.backups {
		if _, err := w.account.DynamoDB.DescribeBackup(ctx, &dynamodb.DescribeBackupInput{BackupArn: &arn}); err != nil {
			t.Error(err)
		}
	}
	w.emr.mu.Lock()
	foreign := w.emr.foreign
	w.emr.mu.Unlock()
	if len(foreign) > 0 {
		t.Errorf("EMR was asked for %q", foreign)
	}
	w.mu.Lock()
	written := slices.Clone(w.put)
	w.mu.Unlock()
	for _, key := range written {
		allowed := slices.ContainsFunc(append([]string{"tasks/segment-000000.json"}, kind.writes...), func(prefix string) bool { return strings.HasPrefix(key, prefix) })
		if !allowed || slices.ContainsFunc(kept, func(k string) bool { return key == k }) {
			t.Errorf("%s was written", key)
		}
	}
	there := w.store.Keys(ctx, t, bucketName, "")
	for _, key := range kept {
		if !slices.Contains(there, key) {
			t.Errorf("%s was deleted", key)
		}
	}
}

// succeeded makes sure that a run which reports success has done what it is for.
func (w *world) succeeded(ctx context.Context, t *testing.T, kind recordKind) {
	t.Helper()
	items := func(table string) []map[string]types.AttributeValue {
		page, err := w.account.DynamoDB.Scan(ctx, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
		w.must(t, err)
		return page.Items
	}
	if kind.emptied != "" && len(items(kind.emptied)) > 0 {
		t.Errorf("%s is not empty", kind.emptied)
	}
	if kind.copied == "" {
		return
	}
	copied := 0
	for _, item := range items(kind.copied) {
		if of, ok := item["of"].(*types.AttributeValueMemberS); ok && of.Value == "source" {
			copied++
		}
	}
	if copied != worldItems {
		t.Errorf("%d of %d items were copied", copied, worldItems)
	}
}

// put writes an object into the bucket.
func put(ctx context.Context, client *s3.Client, key string, content []byte) error {
	_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucketName), Key: aws.String(key), Body: bytes.NewReader(content)})
	return err
}
