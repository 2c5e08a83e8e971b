// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

// A copy of many items whose provider is killed at ten random moments goes on where it was, reads few pages twice, and
// comes out exact.
func TestKilledAndResumed(t *testing.T) {
	t.Parallel()
	const count, kills = 300_000, 10
	server, err := dynamodblocal.Start(t.Context(), dynamodblocal.Options{MemoryMB: 3000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	account := cryptorand.Text()
	client := server.Client(region, account)
	create(t, client, "killed-source")
	create(t, client, "killed-copy")
	notes := table{client: client, name: "killed-source", item: note}
	notes.fill(t, count)
	pages := newShortPages(t, server.URL)
	w := newWorkspace(t, pages.url, account, `
resource "dynamoops_table_copy" "all" {
  source      = { table = "killed-source" }
  destination = { table = "killed-copy" }

  # Leaves time for every kill on any machine.
  throughput = { write_units = 3000 }
}
`)
	draws := rand.New(rand.NewPCG(5, 1))
	moments := make([]int64, kills)
	for i := range moments {
		moments[i] = draws.Int64N(count * 9 / 10)
	}
	slices.Sort(moments)
	for _, written := range moments {
		w.applyAndKill(written, time.Duration(draws.IntN(500))*time.Millisecond)
	}
	attributes := w.apply()["dynamoops_table_copy.all"]
	expectNumber(t, attributes, "items_scanned", count)
	expectNumber(t, attributes, "items_written", count)
	if attributes["resumed"] != true {
		t.Error("the last attempt has not gone on where the others were")
	}
	notes.name = "killed-copy"
	notes.expect(t, count, func(int) bool { return true })
	all, again := pages.count()
	t.Logf("%d pages, %d of them read again (%.1f %%); killed at %d items", all, again, 100*float64(again)/float64(all), moments)
	if all < count/shortPage || again == 0 || again*20 >= all {
		t.Errorf("%d of %d pages were read twice, which is not between none and 5 %%", again, all)
	}
	if records, err := filepath.Glob(filepath.Join(w.folder, ".terraform", "dynamoops", "*.json")); err != nil || len(records) != 0 {
		t.Errorf("the journal still holds %v (%v)", records, err)
	}
}

// note is the n-th item of a table of small ones.
func note(n int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"id": &types.AttributeValueMemberS{Value: strconv.Itoa(n)}, "text": &types.AttributeValueMemberS{Value: fmt.Sprint("note ", n)},
	}
}

// shortPage is how many items a page has behind shortPages: as many as one of a quarter of a megabyte has of 16 KB items.
const shortPage = 16

// shortPages is a proxy in front of a DynamoDB that gives small items in pages as short as those of large ones, and counts
// how often each page is read.
type shortPages struct {
	url   string
	proxy *httputil.ReverseProxy

	mu    sync.Mutex
	reads map[string]int // By where the page begins.
}

func newShortPages(t *testing.T, target string) *shortPages {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: 10 * time.Second}
	p := &shortPages{reads: map[string]int{}, proxy: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, Transport: transport, ErrorLog: log.New(io.Discard, "", 0), // A killed client is no news.
	}}
	server := httptest.NewServer(p)
	p.url = server.URL
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		transport.CloseIdleConnections()
	})
	return p
}

var limit = regexp.MustCompile(`"Limit":[0-9]+`)

func (p *shortPages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".Scan") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // The client is gone.
		}
		body = p.see(body)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	p.proxy.ServeHTTP(w, r)
}

// see counts a Scan of a copy, and returns it with another limit.
func (p *shortPages) see(body []byte) []byte {
	var input struct{ Segment, ExclusiveStartKey json.RawMessage }
	if json.Unmarshal(body, &input) != nil || input.Segment == nil {
		return body // One that only checks the request has no segment.
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reads[string(input.Segment)+" "+string(input.ExclusiveStartKey)]++
	return limit.ReplaceAll(body, fmt.Appendf(nil, `"Limit":%d`, shortPage))
}

// count returns how many pages there were, and how many readings beyond the first of each.
func (p *shortPages) count() (pages, again int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.reads {
		again += n - 1
	}
	return len(p.reads), again
}

// applyAndKill starts an apply, and kills the provider, as kill -9 does, that long after the journal shows new progress
// and so many items written.
func (w *workspace) applyAndKill(written int64, later time.Duration) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), hung)
	defer cancel()
	written = max(written, w.progress()+1)
	command := w.command(ctx, "apply", "-auto-approve", "-no-color")
	ended := make(chan error, 1)
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { ended <- command.Wait() }()
	pause := func(d time.Duration) {
		select {
		case err := <-ended:
			w.t.Fatalf("the apply ended before it could be killed: %v\n%s", err, &output)
		case <-time.After(d):
		}
	}
	for w.progress() < written {
		pause(20 * time.Millisecond)
	}
	pause(later)
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
