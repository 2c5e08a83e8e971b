// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// A copy whose provider is killed again and again goes on where it was, and comes out exact.
func TestKilledAndResumed(t *testing.T) {
	t.Parallel()
	const count, kills = 40_000, 5
	server := dynamodblocal.Shared(t)
	client := server.Client(region, accessKey)
	create(t, client, "killed-source")
	create(t, client, "killed-copy")
	fill(t, client, "killed-source", count)
	proxy := faultproxy.New(server.URL, faultproxy.Faults{})
	t.Cleanup(proxy.Close)
	w := newWorkspace(t, proxy.URL, `
resource "dynamoops_table_copy" "all" {
  source      = { table = "killed-source" }
  destination = { table = "killed-copy" }

  # Small pages and a limit make progress in small steps on any machine, so that there is always a middle to be killed in.
  throughput = { segments = 400, write_units = 4000 }
}
`)
	for range kills {
		w.applyAndKill()
	}
	attributes := w.apply()["dynamoops_table_copy.all"]
	expectNumber(t, attributes, "items_scanned", count)
	expectNumber(t, attributes, "items_written", count)
	if attributes["resumed"] != true {
		t.Error("the last attempt has not gone on where the others were")
	}
	expectOrders(t, client, "killed-copy", count, func(int) bool { return true })
	t.Logf("%d scans, %d batches; without a kill it takes %d batches", proxy.Requests()["Scan"], proxy.Requests()["BatchWriteItem"], count/25)
	if records, err := filepath.Glob(filepath.Join(w.folder, ".terraform", "dynamoops", "*.json")); err != nil || len(records) != 0 {
		t.Errorf("the journal still holds %v (%v)", records, err)
	}
}

// applyAndKill starts an apply, and kills the provider, as kill -9 does, when the journal shows new progress.
func (w *workspace) applyAndKill() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 3*time.Minute)
	defer cancel()
	before := w.progress()
	command := w.command(ctx, "apply", "-auto-approve", "-no-color")
	ended := make(chan error, 1)
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { ended <- command.Wait() }()
	for w.progress() <= before {
		select {
		case err := <-ended:
			w.t.Fatalf("the apply ended before it could be killed: %v\n%s", err, &output)
		case <-time.After(20 * time.Millisecond):
		}
	}
	if err := w.killProvider(command); err != nil {
		w.t.Fatal(err)
	}
	if err := <-ended; err == nil {
		w.t.Fatalf("the apply of a provider that was killed succeeded:\n%s", &output)
	}
	if len(w.state()) != 0 {
		w.t.Fatalf("the state holds %v", w.state())
	}
}

// progress is how many items the journal's one record says are settled.
func (w *workspace) progress() int64 {
	w.t.Helper()
	records, err := filepath.Glob(filepath.Join(w.folder, ".terraform", "dynamoops", "*.json"))
	if err != nil || len(records) == 0 {
		return 0
	}
	content, err := os.ReadFile(records[0])
	if err != nil {
		w.t.Fatal(err)
	}
	var record struct {
		Checkpoint struct {
			Ledger struct{ Written int64 }
		}
	}
	if err := json.Unmarshal(content, &record); err != nil {
		w.t.Fatal(err)
	}
	return record.Checkpoint.Ledger.Written
}

// killProvider kills the provider that the command has started.
func (w *workspace) killProvider(terraform *exec.Cmd) error {
	w.t.Helper()
	processes, err := providers()
	if err != nil {
		return err
	}
	for _, process := range processes {
		if process.parent == terraform.Process.Pid {
			if err := syscall.Kill(process.id, syscall.SIGKILL); err != nil {
				return err
			}
		}
	}
	return nil
}
