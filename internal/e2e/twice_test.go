// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// Of two processes that start the same run, one does it. The other one says which process holds it, and changes nothing.
func TestTheSameRunTwice(t *testing.T) {
	t.Parallel()
	const count = 2000
	server := dynamodblocal.Shared(t)
	account := cryptorand.Text()
	client := server.Client(region, account)
	create(t, client, "twice-source")
	create(t, client, "twice-copy")
	fill(t, client, "twice-source", count)
	proxy := faultproxy.New(server.URL, faultproxy.Faults{})
	t.Cleanup(proxy.Close)
	writing, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	proxy.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
		if operation == "BatchWriteItem" {
			once.Do(func() { close(writing) })
			<-release
		}
		return nil
	})
	letGo := sync.OnceFunc(func() { close(release) })
	t.Cleanup(letGo)

	// Two configurations with a state each, and one journal: it is in Terraform's data directory.
	const configuration = `
resource "dynamoops_table_copy" "all" {
  source      = { table = "twice-source" }
  destination = { table = "twice-copy" }
}
`
	journal := "TF_DATA_DIR=" + filepath.Join(t.TempDir(), "data")
	other := faultproxy.New(server.URL, faultproxy.Faults{})
	t.Cleanup(other.Close)
	one, two := newWorkspace(t, proxy.URL, account, configuration), newWorkspace(t, other.URL, account, configuration)
	ctx, cancel := context.WithTimeout(t.Context(), hung)
	defer cancel()
	var output bytes.Buffer
	first := one.command(ctx, "apply", "-auto-approve", "-no-color")
	first.Env = append(first.Env, journal)
	first.Stdout, first.Stderr = &output, &output
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-writing:
	case <-ctx.Done():
		t.Fatalf("the copy did not begin:\n%s", &output)
	}

	second := two.command(ctx, "apply", "-auto-approve", "-no-color")
	second.Env = append(second.Env, journal)
	refusal, err := second.CombinedOutput()
	if err == nil {
		t.Fatalf("the second apply ran:\n%s", refusal)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	text := unwrapped(string(refusal))
	for _, want := range []string{"Table Is In Use By Another Run", "Table: twice-copy"} {
		if !strings.Contains(text, want) {
			t.Errorf("the second apply does not say %q:\n%s", want, refusal)
		}
	}
	holder := regexp.MustCompile(`Process ([0-9]+) on ` + regexp.QuoteMeta(host) + ` has been doing this very run since 20`).FindStringSubmatch(text)
	if providers := providersOf(t, first.Process.Pid); holder == nil || !slices.Contains(providers, holder[1]) {
		t.Errorf("the second apply does not say that process %s holds the run:\n%s", providers, refusal)
	}
	if n := other.Requests()["BatchWriteItem"]; n != 0 {
		t.Errorf("the second apply wrote %d batches", n)
	}
	if len(two.state()) != 0 {
		t.Errorf("the second apply's state holds %v", two.state())
	}

	letGo()
	if err := first.Wait(); err != nil {
		t.Fatalf("the first apply: %v\n%s", err, &output)
	}
	attributes := one.state()["dynamoops_table_copy.all"]
	expectNumber(t, attributes, "items_written", count)
	if attributes["resumed"] != false {
		t.Error("the first run is said to have been resumed")
	}
	expectOrders(t, client, "twice-copy", count, func(int) bool { return true })
}

// providersOf returns the processes of the provider that a Terraform has started.
func providersOf(t *testing.T, terraform int) []string {
	t.Helper()
	processes, err := providers()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, p := range processes {
		if p.parent == terraform {
			found = append(found, strconv.Itoa(p.id))
		}
	}
	return found
}
