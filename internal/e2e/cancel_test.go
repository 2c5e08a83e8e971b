// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// Ctrl-C ends a run although requests of it hang, says how far it came, and leaves nothing in the state. The next apply
// runs.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	const count = 2000
	server := dynamodblocal.Shared(t)
	account := cryptorand.Text()
	client := server.Client(region, account)
	create(t, client, "interrupt-source")
	create(t, client, "interrupt-copy")
	fill(t, client, "interrupt-source", count)

	proxy := faultproxy.New(server.URL, faultproxy.Faults{})
	t.Cleanup(proxy.Close)
	hanging, release := make(chan struct{}), make(chan struct{})
	var once, opened sync.Once
	batches := 0
	var mu sync.Mutex
	proxy.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
		if operation != "BatchWriteItem" {
			return nil
		}
		mu.Lock()
		batches++
		hangs := batches > 40 // More than are under way at once, so that some have been answered.
		mu.Unlock()
		if hangs {
			once.Do(func() { close(hanging) })
			<-release
		}
		return nil
	})
	letGo := func() { opened.Do(func() { close(release) }) }
	t.Cleanup(letGo)

	w := newWorkspace(t, proxy.URL, account, `
resource "dynamoops_table_copy" "all" {
  source      = { table = "interrupt-source" }
  destination = { table = "interrupt-copy" }
}
`)
	ctx, cancel := context.WithTimeout(t.Context(), hung)
	defer cancel()
	var output bytes.Buffer
	command := w.command(ctx, "apply", "-auto-approve", "-no-color")
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-hanging:
	case <-ctx.Done():
		t.Fatalf("the copy did not begin:\n%s", &output)
	}
	start := time.Now()
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := command.Wait()
	t.Logf("terraform ended %v after the interrupt", time.Since(start))
	if ctx.Err() != nil || err == nil {
		t.Fatalf("terraform did not end by itself with an error: %v\n%s", err, &output)
	}
	text := unwrapped(output.String())
	for _, want := range []string{"Error: Run Cancelled", "Table: interrupt-copy", "Apply again"} {
		if !strings.Contains(text, want) {
			t.Errorf("the output lacks %q:\n%s", want, &output)
		}
	}
	counts := regexp.MustCompile(`So far: [1-9][0-9]* items read, 0 filtered out, at least [1-9][0-9]* written.*no answer came to requests for [1-9]`)
	if !counts.MatchString(text) { // Those that hang are never answered.
		t.Errorf("the output lacks the counts:\n%s", &output)
	}
	if len(w.state()) != 0 {
		t.Errorf("the state holds %v", w.state())
	}

	letGo()
	state := w.apply()
	expectNumber(t, state["dynamoops_table_copy.all"], "items_written", count)
	expectOrders(t, client, "interrupt-copy", count, func(int) bool { return true })
}
