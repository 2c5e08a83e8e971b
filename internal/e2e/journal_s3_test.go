// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// machine is a workspace with nothing of another one's but a journal in S3.
type machine struct {
	*workspace
	s3 *s3local.Server
}

func newMachine(t *testing.T, endpoint, account, configuration string, s3 *s3local.Server, bucket string) machine {
	t.Helper()
	w := newWorkspace(t, endpoint, account, configuration)
	w.write("journal_override.tf", fmt.Sprintf(`
provider "dynamoops" {
  journal {
    s3 {
      bucket = %q
      prefix = "ci/journal"
      region = %q
    }
  }
}
`, bucket, s3local.Region))
	return machine{w, s3}
}

func (m machine) start(ctx context.Context, output *bytes.Buffer) *exec.Cmd {
	m.t.Helper()
	command := m.command(ctx, "apply", "-auto-approve", "-no-color")
	command.Env = append(command.Env, "AWS_ENDPOINT_URL_S3="+m.s3.URL)
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		m.t.Fatal(err)
	}
	return command
}

// A copy whose machine dies goes on on another one. While it lives the other one is told who does it.
func TestJournalInS3(t *testing.T) {
	t.Parallel()
	const count, through = 2000, 60 // Of 80 batches.
	server, s3 := dynamodblocal.Shared(t), s3local.New(t)
	bucket, account := s3.Bucket(t), cryptorand.Text()
	client := server.Client(region, account)
	create(t, client, "s3-source")
	create(t, client, "s3-copy")
	fill(t, client, "s3-source", count)
	const configuration = `
resource "dynamoops_table_copy" "all" {
  source      = { table = "s3-source" }
  destination = { table = "s3-copy" }
  throughput  = { segments = 200 } # Short pages, so that many are done when the machine dies.
}
`
	proxy := faultproxy.New(server.URL, faultproxy.Faults{})
	t.Cleanup(proxy.Close)
	release := make(chan struct{})
	letGo := sync.OnceFunc(func() { close(release) })
	t.Cleanup(letGo)
	var batches atomic.Int64
	proxy.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
		if operation == "BatchWriteItem" && batches.Add(1) > through {
			<-release
		}
		return nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), hung)
	defer cancel()
	var output bytes.Buffer
	dying := newMachine(t, proxy.URL, account, configuration, s3, bucket)
	first := dying.start(ctx, &output)
	ended := make(chan error, 1)
	go func() { ended <- first.Wait() }()
	pause := func() {
		select {
		case err := <-ended:
			t.Fatalf("the first apply ended: %v\n%s", err, &output)
		case <-time.After(20 * time.Millisecond):
		}
	}
	for writtenIn(t, s3, bucket) == 0 {
		pause()
	}

	// It lives.
	var refusal bytes.Buffer
	other := newMachine(t, server.URL, account, configuration, s3, bucket)
	if err := other.start(ctx, &refusal).Wait(); err == nil {
		t.Fatalf("the second apply ran:\n%s", &refusal)
	}
	if text := strings.Join(strings.Fields(strings.ReplaceAll(refusal.String(), "│", "")), " "); !strings.Contains(text, "has been doing this very run since") {
		t.Errorf("the second apply says:\n%s", &refusal)
	}
	if shown := other.watch("s3://" + bucket + "/ci/journal"); !strings.Contains(shown, "copy s3-source to s3-copy") || !strings.Contains(shown, "is running") {
		t.Errorf("watch shows:\n%s", shown)
	}

	// It dies, and its lock with it.
	if err := dying.killProvider(first); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Fatal("the apply of a provider that was killed succeeded")
	}
	letGo()
	var looks atomic.Int64
	s3.OnRequest(func(r *http.Request) *s3local.Refusal {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, ".lock") && looks.Add(1) == 2 {
			s3.Advance(63 * time.Second) // What it would have to wait for.
		}
		return nil
	})
	output.Reset()
	if err := other.start(ctx, &output).Wait(); err != nil {
		t.Fatalf("the apply that goes on: %v\n%s", err, &output)
	}
	attributes := other.state()["dynamoops_table_copy.all"]
	expectNumber(t, attributes, "items_written", count)
	if attributes["resumed"] != true {
		t.Error("the run has not gone on where the other machine was")
	}
	expectOrders(t, client, "s3-copy", count, func(int) bool { return true })
	if keys := s3.Keys(ctx, t, bucket, ""); len(keys) != 0 {
		t.Errorf("the bucket still holds %q", keys)
	}
}

// writtenIn is how many items the journal's one record says need not be read again.
func writtenIn(t *testing.T, s3 *s3local.Server, bucket string) int64 {
	t.Helper()
	j := journal.S3(s3.Client(), bucket, "ci/journal", time.Now)
	names, err := j.Names(t.Context())
	if err != nil || len(names) == 0 {
		return 0
	}
	var record struct {
		Checkpoint struct{ Ledger struct{ Written int64 } }
	}
	if _, err := j.Peek(t.Context(), names[0], &record); err != nil {
		t.Fatal(err)
	}
	return record.Checkpoint.Ledger.Written
}

// watch is what the watch command shows of a journal in S3.
func (m machine) watch(place string) string {
	m.t.Helper()
	command := exec.CommandContext(m.t.Context(), filepath.Join(binaries, "terraform-provider-dynamoops"), "watch", "--once", "--journal", place)
	command.Env = []string{
		"AWS_ENDPOINT_URL_S3=" + m.s3.URL, "AWS_REGION=" + s3local.Region, "AWS_ACCESS_KEY_ID=AKIA", "AWS_SECRET_ACCESS_KEY=secret", "AWS_EC2_METADATA_DISABLED=true",
	}
	shown, err := command.CombinedOutput()
	if err != nil {
		m.t.Fatalf("watch: %v\n%s", err, shown)
	}
	return string(shown)
}

// A run whose record another process has taken over stops, and leaves the record to that one.
func TestRunTakenOver(t *testing.T) {
	t.Parallel()
	server, s3 := dynamodblocal.Shared(t), s3local.New(t)
	bucket, account := s3.Bucket(t), cryptorand.Text()
	client := server.Client(region, account)
	create(t, client, "taken-source")
	create(t, client, "taken-copy")
	fill(t, client, "taken-source", 500)
	proxy := faultproxy.New(server.URL, faultproxy.Faults{})
	t.Cleanup(proxy.Close)
	release := make(chan struct{})
	t.Cleanup(sync.OnceFunc(func() { close(release) })) // Before the proxy is closed.
	j := journal.S3(s3.Client(), bucket, "p", time.Now)
	e := newEngine(t, proxy.URL, account)
	e.Journal = j
	type owner struct{ Of string }
	taken := make(chan error, 1)
	var once sync.Once
	proxy.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
		if operation != "BatchWriteItem" {
			return nil
		}
		once.Do(func() {
			names, err := j.Names(t.Context())
			if err == nil && len(names) == 1 {
				var record journal.Record
				if record, err = journal.TakeOver(s3.Client(), bucket, "p").Open(t.Context(), names[0]); err == nil {
					err = record.Save(t.Context(), owner{"the other process"})
				}
			}
			taken <- err
		})
		<-release
		return nil
	})
	_, err := e.Copy(t.Context(), copyJob("taken-source", "taken-copy"), engine.Observer{})
	if p, ok := errors.AsType[*problem.Problem](err); !ok || p.Summary != "Run Is No Longer This Process's" {
		t.Errorf("the copy returned %v", err)
	}
	if err := <-taken; err != nil {
		t.Fatal(err)
	}
	names, err := j.Names(t.Context())
	if err != nil || len(names) != 1 {
		t.Fatalf("Names = %q, %v", names, err)
	}
	var left owner
	if found, err := j.Peek(t.Context(), names[0], &left); !found || err != nil || left.Of != "the other process" {
		t.Errorf("the record holds %v, %v", left, err)
	}
}
