// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/emrlocal"
)

// Through each launcher, and with each Spark, random jobs have the result that they have on this machine alone, item by item
// and count by count.
func TestEMREqualsScan(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		version string
		creates settings.Level // Nothing if the destination is there.
		config  func(*site)
	}{
		"serverless":                          {emrlocal.Spark4, "", func(*site) {}},
		"serverless, application of the user": {emrlocal.Spark35, "", func(s *site) { s.config.ApplicationID = s.emr.AddApplication() }},
		"cluster, missing destination": {emrlocal.Spark35, settings.Schema, func(s *site) {
			s.config.Launcher, s.config.ExecutionRole, s.config.ServiceRole, s.config.InstanceProfile = spark.Cluster, "", "service", "profile"
			s.emr.LoseAnswer("RunJobFlow")
		}},
		"data pipeline": {emrlocal.Spark4, "", func(s *site) {
			s.config.Launcher, s.config.ExecutionRole, s.config.ServiceRole, s.config.InstanceProfile = spark.DataPipeline, "", "service", "profile"
			s.emr.LoseAnswer("ActivatePipeline")
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, test.version)
			test.config(s)
			applications := s.emr.Applications()
			seed := rand.Uint64()
			random := rand.New(rand.NewPCG(seed, 0))
			s.create("from")
			s.fill("from", random.IntN(1500))
			j := s.copyJob()
			j.Destination.Create = test.creates
			j.Throughput.Segments = 1 + random.IntN(5)
			j.Source.ConsistentRead = random.IntN(2) == 0
			if random.IntN(4) > 0 {
				j.Filter = &filter.Filter{Expression: "#n < :n", Names: map[string]string{"#n": "n"}, Values: map[string]types.AttributeValue{
					":n": &types.AttributeValueMemberN{Value: fmt.Sprint(random.IntN(11))},
				}}
			}
			if random.IntN(4) > 0 {
				rename := []map[string]string{{"n": "number"}, {"n": "key"}}[random.IntN(2)]
				j.Transform = []transform.Step{
					{DropIf: aws.String(fmt.Sprintf("item.n == %d", random.IntN(10)))},
					{Set: map[string]string{"hash": "sha256(item.id)", "double": "item.n * 2"}},
					{Rename: rename},
				}[random.IntN(3):]
			}
			if random.IntN(2) == 0 {
				j.SamplePercent = 100 * random.Float64()
			}
			j.OnConflict = []string{"", job.ConflictSkip}[random.IntN(2)]
			j.Verify = []string{job.VerifyNone, job.VerifyCount, job.VerifyFull}[random.IntN(3)]
			for _, table := range []string{"here", "copy"} {
				if test.creates == "" {
					s.create(table)
					s.fill(table, 40)
				}
			}
			t.Logf("seed %d: %+v", seed, j)
			got, err := s.engine.Copy(t.Context(), j, engine.Observer{})
			if err != nil {
				t.Fatal(err)
			}
			j.Destination.Table, j.Method, j.EMR = "here", job.MethodScan, nil
			want, err := s.engine.Copy(t.Context(), j, engine.Observer{})
			if err != nil {
				t.Fatal(err)
			}
			s.equals("here")
			// How the pages are cut decides how read units are rounded.
			got.Ledger.ReadUnits, want.Ledger.ReadUnits = 0, 0
			if got.Ledger != want.Ledger {
				t.Errorf("the ledger is %+v, and %+v of a scan", got.Ledger, want.Ledger)
			}
			if got.DestinationCreated != (test.creates != "") || got.EMRJobID == "" || got.Verified != (j.Verify != job.VerifyNone) || got.Method != job.MethodEMR || got.SourceARN != want.SourceARN || !strings.HasSuffix(got.DestinationARN, "/copy") {
				t.Errorf("the result is %+v", got)
			}
			if left := s.left(); len(left) > 0 {
				t.Errorf("the run has left %q in S3", left)
			}
			if s.emr.Applications() != applications {
				t.Errorf("the run has left an application")
			}
			if jobs := len(s.emr.Jobs()); jobs != 1 {
				t.Errorf("%d jobs have run", jobs)
			}
		})
	}
}

// A copy to S3 is one export, with nothing in it that an attempt which failed has written, and its transform knows one run.
func TestEMRToS3(t *testing.T) {
	t.Parallel()
	s := newSite(t, emrlocal.Spark35)
	// Each segment's first attempt comes to its end, and is forgotten by S3 as if it had been killed just before it said so.
	s.wrapped(`if [[ $task == *'"attempt": 0'* ]]; then
  { printf '%s\n' "${task/prefix\/run-/prefix/lost-}"; sleep 3; } | $binary worker >/dev/null
  exit 1
fi
` + proceed)
	s.create("from")
	s.create("back")
	s.create("copy")
	s.fill("from", 2000)
	j := s.copyJob()
	j.Throughput.Segments = 3
	j.Destination = job.Destination{S3: &store.S3Place{Bucket: "work", Prefix: "exports"}}
	j.Transform = []transform.Step{{Set: map[string]string{"run": "run.id"}}}
	j.Verify = job.VerifyFull
	result, err := s.engine.Copy(t.Context(), j, engine.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if l := result.Ledger; l.Written != 2000 || l.Scanned != 2000 || !result.Verified || !strings.HasPrefix(result.DestinationS3Prefix, "exports/AWSDynamoDB/") {
		t.Errorf("the result is %+v", result)
	}
	if data := s.keys("exports/"); len(data) != 3+5 {
		t.Errorf("there are %q, three data files, the beginning and four manifests should be", data)
	}
	for table, source := range map[string]job.Source{
		"back": {Table: "from"},
		"copy": {S3: &job.S3Source{S3Place: store.S3Place{Bucket: "work", Prefix: "exports"}, Format: store.S3FormatExport}},
	} {
		j := job.Copy{Source: source, Destination: job.Destination{Table: table}}
		if table == "back" {
			j.Transform = []transform.Step{{Set: map[string]string{"run": "'" + result.ID + "'"}}}
		} else {
			j.Method, j.EMR = job.MethodEMR, &s.config
		}
		if _, err := s.engine.Copy(t.Context(), j, engine.Observer{}); err != nil {
			t.Fatal(err)
		}
	}
	s.equals("back")
}

// A purge whose every segment fails once, in the middle, still counts each item once.
func TestEMRPurgeCountsFailedAttempts(t *testing.T) {
	t.Parallel()
	s := newSite(t, emrlocal.Spark4)
	s.wrapped(`if [[ $task == *'"attempt": 0'* ]]; then
  { printf '%s\n' "$task"; sleep 2; } | $binary worker >/dev/null
  exit 1
fi
` + proceed)
	s.create("orders")
	s.fill("orders", 8000)
	result, err := s.engine.Purge(t.Context(), job.Purge{
		Table: "orders", Method: job.MethodEMR, EMR: &s.config, RecheckFilter: true, Throughput: job.Throughput{WriteUnits: 1000, Segments: 4},
		Filter: &filter.Filter{Expression: "n < :n", Values: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: "5"}}},
	}, engine.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if l := result.Ledger; l.Scanned != 4000 || l.Written != 4000 || l.Filtered < 4000 {
		t.Errorf("the ledger is %+v", l)
	}
	if left := s.items("orders"); len(left) != 4000 {
		t.Errorf("%d items are left, 4000 should be", len(left))
	}
	if failed := strings.Count(s.emr.Jobs()[0].Log(), "the worker ended with status 1"); failed < 4 {
		t.Errorf("%d tasks have failed, each segment's first should have", failed)
	}
}

// A segment that fails too often fails the run, with what the worker said, also if it could not write that down itself. The next
// apply goes on with another job, from the progress of the first one, whatever emr says now.
func TestEMRTooManyFailures(t *testing.T) {
	t.Parallel()
	s := newSite(t, emrlocal.Spark4)
	worker := s.config.WorkerBinary
	s.create("from")
	s.create("copy")
	s.fill("from", 500)
	j := s.copyJob()
	j.Throughput.Segments = 2
	// The first segment is done.
	s.wrapped(`if [[ $task == *'"failed"'* || $task == *'"segment": 0'* ]]; then
` + proceed + `
fi
echo "panic: out of order" >&2
exit 2`)
	p := s.copies(t.Context(), j)
	if p.Summary != "Spark Job Failed" || !strings.Contains(p.Cause, "segment 1: the worker ended with status 2: panic: out of order") || strings.Contains(p.Cause, "org.apache") {
		t.Fatalf("the problem is %+v", p)
	}
	first := len(s.items("copy"))
	if first == 0 || first == 500 {
		t.Fatalf("the first job has written %d items", first)
	}
	s.config.WorkerBinary = worker
	// Other credentials have other tables. The segment that is done must not be the one that ends the job.
	s.wrapped(`[[ $task == *'"segment": 0'* ]] || export AWS_ACCESS_KEY_ID=OTHER
` + proceed)
	p = s.copies(t.Context(), j)
	if p.Summary != "Table Not Found" || p.Attribute != "source.table" || !strings.Contains(p.Cause, "Segment 1 failed for the 4. time") || !strings.Contains(p.Next, "job run") {
		t.Fatalf("the problem is %+v", p)
	}
	s.config.WorkerBinary = worker
	s.config.Launcher, s.config.ExecutionRole, s.config.ServiceRole, s.config.InstanceProfile = spark.Cluster, "", "service", "profile"
	result, err := s.engine.Copy(t.Context(), j, engine.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if !result.Resumed || result.Ledger.Written != 500 || len(s.emr.Jobs()) != 3 || !strings.HasPrefix(result.EMRJobID, "j-") || len(s.left()) > 0 {
		t.Errorf("the result of the third job is %+v, and %q are left", result, s.left())
	}
	s.equals("from")
}

// Where Data Pipeline is closed, the error says so.
func TestEMRPipelineClosed(t *testing.T) {
	t.Parallel()
	s := newSite(t, emrlocal.Spark4)
	s.emr.ClosePipelines()
	s.config.Launcher, s.config.ExecutionRole, s.config.ServiceRole, s.config.InstanceProfile = spark.DataPipeline, "", "service", "profile"
	s.create("from")
	s.create("copy")
	_, err := s.engine.Copy(t.Context(), s.copyJob(), engine.Observer{})
	var p *problem.Problem
	if !errors.As(err, &p) || p.Summary != "Data Pipeline Refuses The Account" || p.Attribute != "emr.launcher" {
		t.Fatalf("the error is %v", err)
	}
}
