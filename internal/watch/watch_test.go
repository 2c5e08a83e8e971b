// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
)

// keep puts records into a journal, as runs do.
func keep(t *testing.T, folder string, records map[string]records.Run) {
	t.Helper()
	for name, record := range records {
		open, err := journal.Local(folder).Open(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(open.Save(t.Context(), record), open.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func sample() map[string]records.Run {
	now := time.Now()
	header := func(kind, from, to string, at time.Time) journal.Header {
		return journal.Header{Kind: kind, From: from, To: to, UpdatedAt: at}
	}
	return map[string]records.Run{
		"copy-1": {Progress: engine.Progress{
			Header: header("copy", "orders", "orders-test", now), ID: "one", StartedAt: now.Add(-time.Minute), Active: time.Minute, EstimatedItems: 1000, WriteLimit: 50, Throttled: 3,
			Ledger: flow.Ledger{Scanned: 420, Filtered: 80, Written: 395, Failed: 5, ReadUnits: 12.5, WriteUnits: 400, Unprocessed: 2},
		}},
		"copy-2": {Progress: engine.Progress{
			Header: journal.Header{Kind: "copy", From: "sessions", To: "elsewhere", UpdatedAt: now, Stopped: true}, ID: "stopped", Ledger: flow.Ledger{Scanned: 7, Written: 7},
		}},
		"copy-3": {Progress: engine.Progress{Header: header("copy", "", "forgotten", now.Add(-25*time.Hour)), ID: "three"}},
		"purge-2": {Progress: engine.Progress{
			Header: header("purge", "", "sessions", now.Add(-time.Hour)), ID: "two", Ledger: flow.Ledger{Scanned: 10, Written: 10},
		}},
	}
}

func TestOnceJSON(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	keep(t, folder, sample())
	var out bytes.Buffer
	if err := Run(t.Context(), []string{"--once", "--json", "--journal", folder}, "", &out); err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got) != 3 {
		t.Fatalf("%v in %s", err, &out)
	}
	want := map[string]any{
		"name": "copy-1", "id": "one", "kind": "copy", "from": "orders", "to": "orders-test", "running": true, "items_scanned": 420., "items_filtered": 80., "items_settled": 400.,
		"items_failed": 5., "estimated_items": 1000., "consumed_read_units": 12.5, "consumed_write_units": 400., "write_limit": 50., "read_limit": 0., "throttled_requests": 5., "active_seconds": 60.,
	}
	for key, value := range want {
		if got[0][key] != value {
			t.Errorf("%s is %v, want %v", key, got[0][key], value)
		}
	}
	if got[1]["running"] != false || got[1]["id"] != "stopped" {
		t.Errorf("the run that has stopped: %v", got[1])
	}
	if got[2]["running"] != false || got[2]["kind"] != "purge" {
		t.Errorf("the run that is silent for an hour: %v", got[2])
	}
}

func TestOnceText(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	keep(t, folder, sample())
	var out bytes.Buffer
	if err := Run(t.Context(), []string{"--once"}, folder, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"copy orders to orders-test: 480 of about 1000 items", "5 requests throttled; is running.", "purge sessions: 10 of about 10 items", "was interrupted at"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, &out)
		}
	}
	out.Reset()
	if err := Run(t.Context(), []string{"--once"}, t.TempDir(), &out); err != nil || !strings.Contains(out.String(), "No run is in progress") {
		t.Errorf("an empty journal: %v, %s", err, &out)
	}
}

// A record that cannot be read is named, and the runs are shown all the same.
func TestUnreadableRecords(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	keep(t, folder, sample())
	broken := filepath.Join(folder, "copy-0.json")
	if err := os.WriteFile(broken, []byte(`{"ID":`), 0o600); err != nil {
		t.Fatal(err)
	}
	named := "A record of the journal cannot be read: " + broken
	var out bytes.Buffer
	if err := Run(t.Context(), []string{"--once", "--journal", folder}, "", &out); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, named) || !strings.Contains(text, "copy orders to orders-test: 480 of") {
		t.Errorf("the output is\n%s", text)
	}
	out.Reset()
	if err := Run(t.Context(), []string{"--once", "--json", "--journal", folder}, "", &out); err != nil {
		t.Fatal(err)
	}
	var got []struct{ Name, ID, Error string }
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got) != 4 || got[0].Name != "copy-0" || !strings.HasPrefix(got[0].Error, broken) || got[1].ID != "one" || got[1].Error != "" {
		t.Errorf("%v in %s", err, &out)
	}
	out.Reset()
	b := newBars(&out)
	for range 3 {
		found, err := jobs(t.Context(), journal.Local(folder), time.Now())
		if err == nil {
			err = b.show(found)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := b.close(); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.Count(text, named) != 1 || !strings.Contains(text, "copy orders to orders-test") {
		t.Errorf("the bars are\n%s", text)
	}
}

func TestBadArguments(t *testing.T) {
	t.Parallel()
	for want, arguments := range map[string][]string{
		"there is no journal at": {"--once", "--journal", filepath.Join(t.TempDir(), "none")},
		"takes no argument":      {"--once", "orders"},
		"not defined":            {"--twice"},
	} {
		var out bytes.Buffer
		if err := Run(t.Context(), arguments, t.TempDir(), &out); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("watch %q: %v, want %q", arguments, err, want)
		}
	}
}

// However it shows jobs, and whether it ends by itself, is stopped or fails, the command leaves no goroutine behind.
//
//nolint:paralleltest // Other tests show bars too.
func TestNothingIsLeft(t *testing.T) {
	good, bad := t.TempDir(), filepath.Join(t.TempDir(), "a file")
	keep(t, good, sample())
	if err := os.WriteFile(bad, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{{}, {"--json"}, {"--once"}, {"--once", "--json"}} {
		for _, folder := range []string{good, bad} {
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // After the first look.
			err := Run(ctx, append(arguments, "--journal", folder), "", io.Discard)
			if (err != nil) != (folder == bad) {
				t.Errorf("watch %q: %v", arguments, err)
			}
			left := barGoroutines(t)
			for deadline := time.Now().Add(30 * time.Second); left != "" && time.Now().Before(deadline); left = barGoroutines(t) {
				time.Sleep(time.Millisecond) // The library does not wait for all of its own.
			}
			if left != "" {
				t.Fatalf("watch %q has left, with %v:\n%s", arguments, err, left)
			}
		}
	}
}

// barGoroutines are the stacks of all goroutines if the library that shows bars has any.
func barGoroutines(t *testing.T) string {
	t.Helper()
	var stacks strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&stacks, 2); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(stacks.String(), "vbauerster/mpb") {
		return ""
	}
	return stacks.String()
}

// A bar shows what changed lately, and is full when the record goes. Nothing keeps the command from ending then.
func TestBars(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	keep(t, folder, sample())
	var out bytes.Buffer
	b := newBars(&out)
	step := func() {
		found, err := jobs(t.Context(), journal.Local(folder), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := b.show(found); err != nil {
			t.Fatal(err)
		}
	}
	step()
	later := sample()["copy-1"]
	later.UpdatedAt = later.UpdatedAt.Add(2 * time.Second)
	later.Ledger.Scanned, later.Ledger.Written, later.Ledger.WriteUnits = 520, 495, 500
	keep(t, folder, map[string]records.Run{"copy-1": later})
	step()
	if err := os.Remove(filepath.Join(folder, "copy-1.json")); err != nil {
		t.Fatal(err)
	}
	step()
	closed := make(chan error, 1)
	go func() { closed <- b.close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the bars do not end")
	}
	text := out.String()
	last := text[strings.LastIndex(text, "copy orders to orders-test"):]
	if !strings.Contains(last, " 100 % ") || !strings.Contains(last, "] ended") || strings.Contains(text, "sessions") {
		t.Errorf("the bars are\n%s", text)
	}
}

// Rates are those of the last seconds, of a job that runs.
func TestRates(t *testing.T) {
	t.Parallel()
	at := func(seconds, items int64) job {
		return job{
			Running: true, UpdatedAt: time.Unix(seconds, 0), ItemsScanned: items, ItemsSettled: items, EstimatedItems: 10_000,
			ConsumedWriteUnits: 2 * float64(items), WriteLimit: 150, ThrottledRequests: 7,
		}
	}
	shown, ok := newBars(io.Discard).(*bars)
	if !ok {
		t.Fatal("newBars makes no bars")
	}
	b := shown.add(at(0, 0))
	for _, j := range []job{at(1, 1000), at(2, 1000), at(6, 1200), at(7, 1250)} {
		b.set(j)
	}
	if got, want := b.state()+": "+b.rates(), "2m55s left: 50 items/s, 0 read and 100 of 150 write units/s, 7 throttled"; got != want {
		t.Errorf("the bar says %q, want %q", got, want)
	}
	gone := at(7, 1250)
	gone.Running = false
	b.set(gone)
	if got, want := b.state()+": "+b.rates(), "interrupted: the next apply of it, within a day, resumes there"; got != want {
		t.Errorf("the bar says %q, want %q", got, want)
	}
	b.Abort(true)
	shown.progress.Wait()
}
