// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// forger is a journal that others can write to: the first record opened whose name has the prefix holds what they have put there.
type forger struct {
	journal.Journal
	prefix string
	forge  func(name string) any
	once   sync.Once
	name   string // Of that record.
}

func (f *forger) Open(ctx context.Context, name string) (journal.Record, error) {
	record, err := f.Journal.Open(ctx, name)
	if err == nil && strings.HasPrefix(name, f.prefix) {
		f.once.Do(func() {
			f.name = name
			err = record.Save(ctx, f.forge(name))
		})
	}
	return record, err
}

const refused = "Record Of The Journal Refused"

// identityOf is how a record names the table.
func (s *site) identityOf(table string) string {
	s.t.Helper()
	return s.task(table).Writes
}

// A record that the run which loads it cannot have left is refused by name, and nothing is done by it.
func TestForgedRecord(t *testing.T) {
	t.Parallel()
	scan := job.Copy{
		Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "copy"}, Method: job.MethodScan, Verify: job.VerifyFull,
	}
	const escaping, otherRun = "x/../../victim", "11111111-1111-4111-8111-111111111111"
	for name, test := range map[string]struct {
		job  func(*site) job.Copy // Nil for a scan.
		edit func(*records.Run)
	}{
		"an id that is a path":   {nil, func(r *records.Run) { r.ID = escaping }},
		"the id of another run":  {nil, func(r *records.Run) { r.ID = otherRun }},
		"a run that is complete": {nil, func(r *records.Run) { r.Done = true }},
		"a purge":                {nil, func(r *records.Run) { r.Kind = "purge" }},
		"counts below zero":      {nil, func(r *records.Run) { r.Checkpoint.Ledger.Scanned = -1 }},
		"no parts": {nil, func(r *records.Run) {
			r.Segments, r.Checkpoint.Segments = 0, []flow.Segment{{Number: 0, End: true}}
		}},
		"parts that there are not":       {nil, func(r *records.Run) { r.Checkpoint.Segments = []flow.Segment{{Number: 9, End: true}} }},
		"a Spark job":                    {nil, func(r *records.Run) { r.Job = &records.SparkJob{Attempt: 1, Open: true} }},
		"an export of a copy to a table": {nil, func(r *records.Run) { r.Left = []string{"p/AWSDynamoDB/01700000000000-abcdefgh"} }},
		"files of a run":                 {nil, func(r *records.Run) { r.Files = []store.S3File{{DataFileS3Key: "p/x"}} }},
		"segments by the million":        {(*site).copyJob, func(r *records.Run) { r.Segments, r.Job = 1<<40, &records.SparkJob{Attempt: 1} }},
		"no segments":                    {(*site).copyJob, func(r *records.Run) { r.Segments, r.Job = 0, &records.SparkJob{Attempt: 1} }},
		"a handle that is none": {(*site).copyJob, func(r *records.Run) {
			r.Job = &records.SparkJob{Attempt: 1, Open: true, Handle: spark.Handle{ID: "../x"}}
		}},
		"an export beside the place":          {(*site).exportJob, func(r *records.Run) { r.Left = []string{"q/AWSDynamoDB/01700000000000-abcdefgh"} }},
		"the folder of all exports":           {(*site).exportJob, func(r *records.Run) { r.Left = []string{"p/AWSDynamoDB/"} }},
		"an export of another run":            {(*site).exportJob, func(r *records.Run) { r.Left = []string{"p/AWSDynamoDB/01700000000000-abcdefgh"} }},
		"an export of another run to go on":   {(*site).exportJob, func(r *records.Run) { r.Export = "p/AWSDynamoDB/01700000000000-abcdefgh" }},
		"an export above the place":           {(*site).exportJob, func(r *records.Run) { r.Export = "p/AWSDynamoDB/.." }},
		"an export of nothing but a slash":    {(*site).exportJob, func(r *records.Run) { r.Left = []string{"/"} }},
		"an export that a complete run names": {(*site).exportJob, func(r *records.Run) { r.Done, r.Left = true, []string{"p/AWSDynamoDB/01700000000000-abcdefgh"} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, emr := newStubbedSite(t)
			j := scan
			if test.job != nil {
				j = test.job(s)
			}
			victims := []string{
				filepath.Join(s.directory, "..", "victim", "kept"),
				filepath.Join(s.directory, "dead-letters-"+otherRun+".jsonl"),
			}
			for _, victim := range victims {
				write(t, victim)
			}
			objects := []string{"p/AWSDynamoDB/01700000000000-abcdefgh/data/a.json.gz", "p/x", "q/AWSDynamoDB/01700000000000-abcdefgh/data/a.json.gz"}
			for _, key := range objects {
				s.upload(key)
			}
			forged := &forger{Journal: s.engine.Journal, prefix: "copy-", forge: func(name string) any {
				r := records.Run{
					Progress: engine.Progress{Header: journal.Header{Kind: "copy", UpdatedAt: time.Now()}, ID: journal.NewID(name), StartedAt: time.Now()},
					Reads:    s.identityOf("from"), Writes: s.identityOf("copy"), Segments: 4,
				}
				if j.Destination.S3 != nil {
					r.Writes = ""
				}
				test.edit(&r)
				return r
			}}
			s.engine.Journal = forged
			p := s.copies(t.Context(), j)
			if p.Summary != refused || !strings.Contains(p.Cause, forged.name) || !strings.Contains(p.Cause, s.directory) || !strings.Contains(p.Next, "delete the record") {
				t.Errorf("the problem is %+v", p)
			}
			for _, victim := range victims {
				if _, err := os.Stat(victim); err != nil {
					t.Error(err)
				}
			}
			if left := s.keys(""); !slices.Equal(left, objects) {
				t.Errorf("S3 holds %q", left)
			}
			if written := len(s.items("copy")); written > 0 || emr.started() > 0 {
				t.Errorf("%d items were written, %d jobs started", written, emr.started())
			}
		})
	}
}

// exportJob copies the table to S3.
func (s *site) exportJob() job.Copy {
	return job.Copy{
		Source: job.Source{Table: "from"}, Destination: job.Destination{S3: &store.S3Place{Bucket: "work", Prefix: "p"}}, Method: job.MethodScan,
	}
}

// write makes the file, and its folder.
func write(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// upload puts an object into the bucket of the site.
func (s *site) upload(key string) {
	s.t.Helper()
	if _, err := s.s3.PutObject(s.t.Context(), &s3.PutObjectInput{Bucket: aws.String("work"), Key: aws.String(key), Body: strings.NewReader("{}")}); err != nil {
		s.t.Fatal(err)
	}
}

// A Spark job that the record names and that is not the run's is left alone, and so is an application that was not made for it.
func TestForgedHandle(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ run, application string }{
		"a job of others":          {"nightly-report", ""},
		"an application of others": {"", "of all teams"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, emr := newStubbedSite(t)
			emr.set("")
			if p := s.copies(t.Context(), s.copyJob()); p.Summary != "Spark Job Out Of Sight" { // It left an honest record.
				t.Fatalf("the problem is %+v", p)
			}
			s.editRecord(func(r *records.Run) { r.Job.Handle = spark.Handle{ID: "00job", Application: "00app", Made: true} })
			emr.set("RUNNING")
			emr.mu.Lock()
			emr.name, emr.application = cmp.Or(test.run, emr.name), test.application
			emr.mu.Unlock()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			asked := 0
			emr.cancel = func() { // Once the job has been looked at, so that a run which takes it for its own ends it.
				if asked++; asked > 1 {
					cancel()
				}
			}
			p := s.copies(ctx, s.copyJob())
			if p.Summary != refused || !strings.Contains(p.Cause, "is not the Spark job dynamoops-") {
				t.Errorf("the problem is %+v", p)
			}
			if len(emr.ended) > 0 {
				t.Errorf("%q were sent", emr.ended)
			}
		})
	}
}

// An export that is complete is not removed, whatever a record says of it, nor continued.
func TestCompleteExportStays(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	var root string
	s.store.OnRequest(func(r *http.Request) *s3local.Refusal {
		if key, ok := strings.CutSuffix(r.URL.Path, "/_started"); ok && root == "" {
			root = strings.TrimPrefix(key, "/work/")
		}
		return nil
	})
	if _, err := s.engine.Copy(t.Context(), s.exportJob(), engine.Observer{}); err != nil {
		t.Fatal(err)
	}
	before := s.keys(root)
	s.engine.Journal = &forger{Journal: s.engine.Journal, prefix: "copy-", forge: func(name string) any {
		return records.Run{
			Progress: engine.Progress{Header: journal.Header{Kind: "copy", UpdatedAt: time.Now()}, ID: journal.NewID(name), StartedAt: time.Now()},
			Reads:    s.identityOf("from"), Segments: 4, Left: []string{root},
		}
	}}
	result, err := s.engine.Copy(t.Context(), s.exportJob(), engine.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if after := s.keys(root); len(before) < 5 || !slices.Equal(before, after) {
		t.Errorf("the export held %q, and holds %q", before, after)
	}
	if result.DestinationS3Prefix == root || !slices.ContainsFunc(result.Warnings, func(p *problem.Problem) bool { return strings.Contains(p.Cause, root) }) {
		t.Errorf("%+v", result)
	}
}

// A run whose job has failed begins from the start when emr.s3_uri is another one: what the record says of the place is not used.
func TestPlaceOfFailedJob(t *testing.T) {
	t.Parallel()
	s, emr := newStubbedSite(t)
	emr.set("FAILED")
	if p := s.copies(t.Context(), s.copyJob()); p.Summary != "Spark Job Failed" {
		t.Fatalf("the problem is %+v", p)
	}
	was := len(s.keys("prefix/"))
	s.config.S3URI = "s3://work/elsewhere"
	if p := s.copies(t.Context(), s.copyJob()); p.Summary != "Spark Job Failed" || emr.started() != 2 {
		t.Errorf("%d jobs, the problem is %+v", emr.started(), p)
	}
	if is := len(s.keys("prefix/")); is != was || len(s.keys("elsewhere/")) == 0 {
		t.Errorf("there were %d objects, and are %d; the new place holds %q", was, is, s.keys("elsewhere/"))
	}
}

// The job has the digest of its description from the service, and the description has that of the binary: what others put into S3 instead
// is found out. Where it is not known whether a job has started, what is in S3 is replaced before it is started again.
func TestDigestsOfAJob(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"a path", "S3"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			s, emr := newStubbedSite(t)
			want, err := os.ReadFile(s.config.WorkerBinary)
			if err != nil {
				t.Fatal(err)
			}
			if source == "S3" {
				want = []byte("{}")
				s.upload("worker")
				s.config.WorkerBinary = "s3://work/worker"
			}
			var started string
			emr.work = func(parameters string) error {
				started = parameters
				return nil
			}
			emr.set("RUNNING")
			if p := s.copies(t.Context(), s.copyJob()); p.Summary != "Segments Missing" { // The stub does nothing.
				t.Errorf("the problem is %+v", p)
			}
			read := func(name string) []byte {
				t.Helper()
				keys := s.keys("prefix/")
				i := slices.IndexFunc(keys, func(key string) bool { return strings.HasSuffix(key, "/"+name) })
				if i < 0 {
					t.Fatalf("there is no %s in %q", name, keys)
				}
				object, err := s.s3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("work"), Key: &keys[i]})
				if err != nil {
					t.Fatal(err)
				}
				content, err := io.ReadAll(object.Body)
				if err != nil {
					t.Fatal(err)
				}
				return content
			}
			j := read("job.json")
			if digest := fmt.Sprintf("spark.dynamoops.job.sha256=%x", sha256.Sum256(j)); !strings.Contains(started, digest) {
				t.Errorf("%q does not have %s", started, digest)
			}
			if digest := fmt.Sprintf(`"binary_sha256":"%x"`, sha256.Sum256(want)); !bytes.Contains(j, []byte(digest)) {
				t.Errorf("%s does not have %s", j, digest)
			}
			s.editRecord(func(r *records.Run) { r.Job.Open, r.Job.Handle = true, spark.Handle{} })
			for _, key := range s.keys("prefix/") {
				if !strings.HasSuffix(key, ".json") {
					s.upload(key) // Another script, and another binary.
				}
			}
			if p := s.copies(t.Context(), s.copyJob()); p.Summary != "Segments Missing" { // The stub does nothing.
				t.Errorf("the problem is %+v", p)
			}
			if !bytes.Equal(read("driver.py"), spark.Driver) || !bytes.Equal(read("terraform-provider-dynamoops"), want) {
				t.Error("S3 holds what others have put there")
			}
			if emr.started() != 2 {
				t.Errorf("%d jobs were started", emr.started())
			}
		})
	}
}
