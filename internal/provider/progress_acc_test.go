// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/watch"
)

// A run that waits for AWS says what for, in the lines of an action and to who watches, and counts nothing that it cannot know.
func TestAccActions_phases(t *testing.T) {
	t.Parallel()
	w := newActionWorkspace(t)
	server, a := tableAccount(t)
	a.put("orders", planeOrders(3)...)
	looks, restoring, release := 0, false, make(chan struct{})
	letGo := sync.OnceFunc(func() { close(release) })
	t.Cleanup(letGo)
	server.OnRequest(func(call controlplane.Call, _ []byte) error {
		restoring = restoring || call.Operation == "RestoreTableFromBackup"
		if restoring && call.Operation == "DescribeTable" && call.Table == "copy" {
			if looks++; looks > 1 { // There has been a pause.
				<-release
			}
		}
		return nil
	})
	action := strings.Replace(a.restoreConfig(), `resource "dynamoops_table_copy" "this" {`, "action \"dynamoops_table_copy\" \"this\" {\n  config {", 1)
	w.write("main.tf", action+"\n}")
	command := w.command("apply", "-auto-approve", "-no-color", "-invoke=action.dynamoops_table_copy.this")
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	seen := false
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		if seen || !strings.HasSuffix(strings.TrimSpace(lines.Text()), ": waiting for the restore") {
			continue
		}
		seen = true
		var shown bytes.Buffer
		var jobs []map[string]any
		if err := watch.Run(t.Context(), []string{"--once", "--json", "--journal", a.journal}, "", &shown); err != nil {
			t.Error(err)
		} else if err := json.Unmarshal(shown.Bytes(), &jobs); err != nil || len(jobs) != 1 ||
			jobs[0]["phase"] != "waiting for the restore" || jobs[0]["from"] != "orders" || jobs[0]["to"] != "copy" || jobs[0]["kind"] != "copy" {
			t.Errorf("seen by who watches: %s, %v", &shown, err)
		}
		letGo()
	}
	if err := errors.Join(lines.Err(), command.Wait()); err != nil || !seen {
		t.Errorf("%v, progress seen: %v\n%s", err, seen, &said)
	}
}
