// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// stub stands in for EMR Serverless where a test needs states that a job of the real Spark does not take. It runs nothing but work.
type stub struct {
	work   func(parameters string) error // Does the job that spark-submit is given; nil for a job that does nothing.
	mu     sync.Mutex
	state  string // Of the job run; it is refused if this is empty.
	broken int    // So many requests about the job run end in an internal error.
	jobs   int    // Those started.
	name   string // Of the last one.
	// application is the name of the application, empty for that of the job.
	application string
	cancel      func()   // Called at each request about the job run; nil for nothing.
	ended       []string // The requests that end something or delete it.
	stuck       bool     // The application cannot be deleted.
}

func (s *stub) set(state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
}

func (s *stub) started() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.jobs
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	refuse := func(status int, code string) {
		w.Header().Set("X-Amzn-Errortype", code)
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"message": "refused by the test"}`)
	}
	about := strings.Contains(r.URL.Path, "/jobruns/")
	if about && s.cancel != nil {
		s.cancel()
	}
	if r.Method == http.MethodDelete || strings.HasSuffix(r.URL.Path, "/stop") {
		s.ended = append(s.ended, r.Method+" "+r.URL.Path)
	}
	switch {
	case about && r.Method == http.MethodDelete:
		s.state = "CANCELLED"
		_, _ = fmt.Fprintf(w, `{"applicationId": "00app", "jobRunId": "00job"}`)
	case about && s.broken > 0:
		s.broken--
		refuse(http.StatusInternalServerError, "InternalServerException")
	case about && s.state == "":
		refuse(http.StatusForbidden, "AccessDeniedException")
	case about:
		_, _ = fmt.Fprintf(w, `{"jobRun": {"applicationId": "00app", "jobRunId": "00job", "name": %q, "state": %q, "stateDetails": ""}}`, s.name, s.state)
	case strings.HasSuffix(r.URL.Path, "/jobruns"):
		s.jobs++
		body, err := io.ReadAll(r.Body)
		_, name, _ := strings.Cut(string(body), `"name":"`)
		s.name, _, _ = strings.Cut(name, `"`)
		if s.work != nil {
			s.state = "SUCCESS"
			if err == nil {
				err = s.work(string(body))
			}
			if err != nil {
				s.state = "FAILED"
			}
		}
		_, _ = fmt.Fprintf(w, `{"applicationId": "00app", "jobRunId": "00job", "arn": "arn"}`)
	case r.Method == http.MethodDelete && s.stuck:
		refuse(http.StatusBadRequest, "ValidationException")
	default:
		_, _ = fmt.Fprintf(w, `{"applicationId": "00app", "arn": "arn", "application": {"applicationId": "00app", "name": %q, "state": "CREATED"}}`, cmp.Or(s.application, s.name))
	}
}

// newStubbedSite is a site whose EMR Serverless is a stub, with the tables "from" and "copy".
func newStubbedSite(t *testing.T) (*site, *stub) {
	t.Helper()
	emr := &stub{state: "RUNNING"}
	server := httptest.NewServer(emr)
	t.Cleanup(server.Close)
	s := newSiteOf(t, func(*site) string { return server.URL })
	s.create("from")
	s.create("copy")
	s.fill("from", 25)
	return s, emr
}

// problemOf is the problem that the error is.
func problemOf(t *testing.T, err error) *problem.Problem {
	t.Helper()
	p, ok := errors.AsType[*problem.Problem](err)
	if !ok {
		t.Fatalf("the error is %v", err)
	}
	return p
}

// copies runs the job, and returns the problem that it ends in.
func (s *site) copies(ctx context.Context, j job.Copy) *problem.Problem {
	s.t.Helper()
	_, err := s.engine.Copy(ctx, j, engine.Observer{})
	return problemOf(s.t, err)
}

// recordName is the name of the one record of the journal.
func (s *site) recordName() string {
	s.t.Helper()
	names, err := s.engine.Journal.Names(s.t.Context())
	if err != nil || len(names) != 1 {
		s.t.Errorf("the journal has %q, %v", names, err)
		return ""
	}
	return names[0]
}

// progress is what the one record of the journal says.
func (s *site) progress() engine.Progress {
	s.t.Helper()
	var progress engine.Progress
	if _, err := s.engine.Journal.Peek(s.t.Context(), s.recordName(), &progress); err != nil {
		s.t.Error(err)
	}
	return progress
}

// editRecord changes the one record of the journal.
func (s *site) editRecord(edit func(*records.Run)) {
	s.t.Helper()
	record, err := s.engine.Journal.Open(s.t.Context(), s.recordName())
	if err != nil {
		s.t.Fatal(err)
	}
	var r records.Run
	if _, err = record.Load(s.t.Context(), &r); err == nil {
		edit(&r)
		err = record.Save(s.t.Context(), r)
	}
	if err := errors.Join(err, record.Close()); err != nil {
		s.t.Fatal(err)
	}
}

// A job that cannot be asked about is said to go on, and what fails in passing is tried again. The next apply finds the job, unless it has
// other arguments: what the record says of them is not used.
func TestEMROutOfSight(t *testing.T) {
	t.Parallel()
	s, emr := newStubbedSite(t)
	emr.set("")
	emr.broken = 4 // More than the SDK bears with.
	p := s.copies(t.Context(), s.copyJob())
	if p.Summary != "Spark Job Out Of Sight" || !strings.Contains(p.Cause, "continues") || !strings.Contains(p.Cause, "job run 00job") || emr.broken != 0 {
		t.Fatalf("the problem is %+v", p)
	}
	emr.set("FAILED")
	was := s.config
	s.config.S3URI = "s3://work/elsewhere"
	if p := s.copies(t.Context(), s.copyJob()); p.Summary != "Spark Job Was Started With Other Arguments" || !strings.Contains(p.Cause, `"s3://work/prefix"`) {
		t.Errorf("the problem is %+v", p)
	}
	s.config = was
	s.config.ApplicationID = "00other"
	if p := s.copies(t.Context(), s.copyJob()); p.Summary != "Spark Job Was Started With Other Arguments" {
		t.Errorf("the problem is %+v", p)
	}
	s.config = was
	p = s.copies(t.Context(), s.copyJob())
	if p.Summary != "Spark Job Failed" || emr.started() != 1 || len(s.keys("elsewhere/")) > 0 {
		t.Errorf("%d jobs, %q, the problem is %+v", emr.started(), s.keys("elsewhere/"), p)
	}
}

// A run that was interrupted before the job that it had cancelled ended waits for its end, and starts another one.
func TestEMRGoesOnAfterItsOwnCancel(t *testing.T) {
	t.Parallel()
	s, emr := newStubbedSite(t)
	emr.set("")
	if p := s.copies(t.Context(), s.copyJob()); p.Summary != "Spark Job Out Of Sight" {
		t.Fatalf("the problem is %+v", p)
	}
	s.editRecord(func(r *records.Run) { r.Job.Cancelling = true })
	emr.set("CANCELLED")
	p := s.copies(t.Context(), s.copyJob())
	if p.Summary != "Spark Job Cancelled" || emr.started() != 2 {
		t.Errorf("%d jobs, the problem is %+v", emr.started(), p)
	}
}

// An interruption while the binary is uploaded is one, and no fault of S3.
func TestEMRCancelledAtTheUpload(t *testing.T) {
	t.Parallel()
	s, emr := newStubbedSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.store.OnRequest(func(r *http.Request) *s3local.Refusal {
		if r.Method == http.MethodPut {
			cancel()
		}
		return nil
	})
	if p := s.copies(ctx, s.copyJob()); p.Summary != "Run Cancelled" || emr.started() != 0 {
		t.Errorf("the problem is %+v", p)
	}
}

// What a job that failed leaves behind is said.
func TestEMRSaysWhatItLeaves(t *testing.T) {
	t.Parallel()
	s, emr := newStubbedSite(t)
	emr.stuck = true
	emr.set("FAILED")
	if p := s.copies(t.Context(), s.copyJob()); !strings.Contains(p.Next, "could not be removed: EMR Serverless application 00app") {
		t.Errorf("the problem is %+v", p)
	}
}

// A job that a killed Terraform has left running keeps other runs from its tables, whatever their method, until it has ended.
func TestEMRJobsKeepTheirTables(t *testing.T) {
	t.Parallel()
	s, emr := newStubbedSite(t)
	emr.set("")
	if p := s.copies(t.Context(), s.copyJob()); p.Summary != "Spark Job Out Of Sight" {
		t.Fatalf("the problem is %+v", p)
	}
	s.create("other")
	to := func(table string) job.Copy {
		return job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: table}}
	}
	back := job.Copy{Source: job.Source{Table: "other"}, Destination: job.Destination{Table: "from"}}
	onward := job.Copy{Source: job.Source{Table: "copy"}, Destination: job.Destination{Table: "other"}}
	another := s.copyJob()
	another.Triggers = map[string]string{"run": "2"}
	for _, state := range []string{"RUNNING", ""} {
		emr.set(state)
		for attribute, jobs := range map[string][]job.Copy{"destination.table": {to("copy"), back, another}, "source.table": {onward}} {
			for _, j := range jobs {
				p := s.copies(t.Context(), j)
				if p.Summary != "Table Is In Use By Another Run" || p.Attribute != attribute || !strings.Contains(p.Cause, "job run 00job") || !strings.Contains(p.Next, "journal") {
					t.Errorf("%q: the problem of %+v is %+v", state, j, p)
				}
			}
		}
		_, err := s.engine.Purge(t.Context(), job.Purge{Table: "copy", Method: job.MethodDeleteItems}, engine.Observer{})
		if p := problemOf(t, err); p.Summary != "Table Is In Use By Another Run" {
			t.Errorf("%q: the problem of a purge is %+v", state, p)
		}
		if _, err := s.engine.Copy(t.Context(), to("other"), engine.Observer{}); err != nil {
			t.Errorf("%q: both may read one table: %v", state, err)
		}
	}
	emr.set("FAILED")
	if _, err := s.engine.Copy(t.Context(), to("copy"), engine.Observer{}); err != nil {
		t.Error(err)
	}
}

// A table that is made anew while a job runs is not that of the run: the job's later tasks leave it alone.
func TestWorkLeavesANewTableAlone(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	task := s.task("from")
	for segment := range 2 {
		task.Number = segment
		_, err := s.worker(task).Work(t.Context(), task, engine.Observer{})
		if segment == 0 {
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.db.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("from")}); err != nil {
				t.Fatal(err)
			}
			s.create("from")
			s.fill("from", 100)
			continue
		}
		if p := problemOf(t, err); p.Summary != "Table Replaced" || p.Attribute != "table" {
			t.Errorf("the problem is %+v", p)
		}
	}
	if left := len(s.items("from")); left != 100 {
		t.Errorf("%d of 100 items are left in the new table", left)
	}
}

// A segment that was done is not done again, however long the run takes; nor is any by a worker of another version.
func TestWorkIsDoneOnce(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	task := s.task("from")
	task.Tasks = 1
	worker := s.worker(task)
	done, err := worker.Work(t.Context(), task, engine.Observer{})
	if err != nil || done.Ledger.Written != 25 {
		t.Fatalf("%+v, %v", done, err)
	}
	s.fill("from", 3)
	now := worker.Now
	worker.Now = func() time.Time { return now().Add(2 * engine.ResumeWindow) }
	again, err := worker.Work(t.Context(), task, engine.Observer{})
	if err != nil || again.Ledger != done.Ledger {
		t.Errorf("%+v after %+v, %v", again, done, err)
	}
	task.Version = "terraform-provider-dynamoops/0.0.1"
	_, err = worker.Work(t.Context(), task, engine.Observer{})
	if p := problemOf(t, err); p.Summary != "Worker Binary Of Another Version" || !strings.Contains(p.Cause, "0.0.1") {
		t.Errorf("the problem is %+v", p)
	}
	if left := len(s.items("from")); left != 3 {
		t.Errorf("%d items are left, want 3", left)
	}
}

// task is one of two segments of a purge of the table.
func (s *site) task(name string) cluster.Task {
	s.t.Helper()
	described, err := s.db.DescribeTable(s.t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(name)})
	if err != nil {
		s.t.Fatal(err)
	}
	return cluster.Task{
		Version: s.engine.UserAgent, Run: transform.Run{ID: uuid.NewString()}, Tasks: 2, ScanSegments: 1, AtOnce: 1, Writes: settings.IdentityOf(described.Table).String(),
		Purge: &job.Purge{Table: name, Method: job.MethodDeleteItems}, Journal: "s3://work/tasks",
	}
}

// worker is the engine that does the task.
func (s *site) worker(task cluster.Task) *engine.Engine {
	s.t.Helper()
	connections, err := awsconn.New(s.t.Context(), s.settings)
	if err != nil {
		s.t.Fatal(err)
	}
	bucket, prefix, err := spark.SplitURI(task.Journal)
	if err != nil {
		s.t.Fatal(err)
	}
	worker := newEngine(connections, s.t.TempDir())
	worker.Journal = journal.TakeOver(s.s3, bucket, prefix)
	return worker
}
