// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// A table cannot be purged while another one is replaced by it: a backup that is made in the middle of that would lack items.
func TestPurgeOfWhatReplaces(t *testing.T) {
	t.Parallel()
	const count = 100
	x := newExported(t, count)
	x.create("staging")
	services := []string{"dynamodb", "application_autoscaling", "lambda", "kms"}
	replacing := newWorkspaceOf(t, services, x.server.URL, x.account, `
resource "dynamoops_table_copy" "replaced" {
  source         = { table = "exported" }
  destination    = { table = "staging" }
  method         = "backup_restore"
  backup_restore = { replace_destination = true }
}
`)
	purging := newWorkspaceOf(t, services, x.server.URL, x.account, `
resource "dynamoops_table_purge" "source" {
  table = "exported"
}
`)
	// Two processes with one journal, as those of two provider configurations in one apply.
	journal := "TF_DATA_DIR=" + filepath.Join(t.TempDir(), "data")
	backingUp, release := make(chan struct{}), make(chan struct{})
	letGo := sync.OnceFunc(func() { close(release) })
	defer letGo()
	var once sync.Once
	x.server.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation == "CreateBackup" {
			once.Do(func() { close(backingUp) })
			<-release
		}
		return nil
	})
	first := replacing.command(t.Context(), "apply", "-auto-approve", "-no-color")
	first.Env = append(first.Env, journal)
	var output bytes.Buffer
	first.Stdout, first.Stderr = &output, &output
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- first.Wait() }()
	select {
	case <-backingUp:
	case err := <-ended:
		t.Fatalf("the apply ended before the backup: %v\n%s", err, &output)
	}

	second := purging.command(t.Context(), "apply", "-auto-approve", "-no-color")
	second.Env = append(second.Env, journal)
	refusal, err := second.CombinedOutput()
	if text := unwrapped(string(refusal)); err == nil || !strings.Contains(text, "In Use") || !strings.Contains(text, "depends_on") {
		t.Errorf("the purge ended with %v:\n%s", err, refusal)
	}
	letGo()
	if err := <-ended; err != nil {
		t.Fatalf("%v\n%s", err, &output)
	}
	for _, table := range []string{"exported", "staging"} {
		expectOrders(t, x.client, table, count, func(int) bool { return true })
	}
}
