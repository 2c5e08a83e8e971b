// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	_ "embed"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/emrlocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/mavenjars"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

//go:embed connector/pom.xml
var connectorPOM []byte

//go:embed connector/move_items.py
var connectorScript []byte

// BenchmarkSpark copies as many items of 0.5 KB as are asked for (-benchtime 20000000x) with the engine in one process and with the engine
// on Spark, and at most 200,000 of them with the EMR DynamoDB connector on the same Spark. What counts is the CPU time of all
// processes, but for the server, for one item.
func BenchmarkSpark(b *testing.B) {
	if b.N == 1 {
		return // Go tries it out. A copy of few items says nothing.
	}
	few := min(b.N, 200_000)
	server := httptest.NewServer(newNullServer(shapes["0.5KB"], b.N, 0, nil))
	defer server.Close()
	tables := &counted{tables: newNullServer(shapes["0.5KB"], few, 0, nil)}
	counting := httptest.NewServer(tables)
	defer counting.Close()
	storage := s3local.New(b)
	storage.MakeBucket(b, "work")
	configuration := b.TempDir()
	// The daemon that forks Python's processes would not tell their CPU time. Without it each task starts Python anew, so Spark looks
	// somewhat dearer here than it is.
	if err := os.WriteFile(filepath.Join(configuration, "spark-defaults.conf"), []byte("spark.python.use.daemon false\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	emr := emrlocal.Start(b, emrlocal.Options{
		Version: emrlocal.Spark35, S3: storage.Client(),
		JavaOptions: "-XX:+UseParallelGC", // JVMs as they are on EMR: a long copy is worth compiling for.
		Environment: []string{"AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench", "SPARK_CONF_DIR=" + configuration},
	})
	worker := build(b, "../..")

	alone := engineAlone(b, server.URL) * 1e6 / float64(b.N)
	onSpark := ofChildren(b, func() { engineOnSpark(b, server.URL, worker, storage, emr) }) * 1e6 / float64(b.N)
	connector := ofChildren(b, func() { connectorOnSpark(b, counting.URL, emr) }) * 1e6 / float64(few)
	if written := tables.written.Load(); written != int64(few) {
		b.Fatalf("the connector wrote %d of %d items", written, few)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(alone, "engine-µs/item")
	b.ReportMetric(onSpark, "spark-µs/item")
	b.ReportMetric(connector, "connector-µs/item")
	b.ReportMetric(onSpark/alone, "spark/engine")
	b.ReportMetric(onSpark/connector, "spark/connector")
}

// counted are tables on demand, which the connector wants to know, that count what is written.
type counted struct {
	tables  http.Handler
	written atomic.Int64
}

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.written.Add(int64(bytes.Count(body, []byte(`"PutRequest"`))))
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeTable") {
		c.tables.ServeHTTP(w, r)
		return
	}
	answer := httptest.NewRecorder()
	c.tables.ServeHTTP(answer, r)
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_, _ = w.Write([]byte(strings.Replace(answer.Body.String(), `"TableStatus"`, `"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"TableStatus"`, 1)))
}

// build builds a program of this repository.
func build(b *testing.B, program string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "program")
	if output, err := exec.Command("go", "build", "-o", path, program).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, output)
	}
	return path
}

// engineAlone is the CPU time of a copy by the engine in a process of its own, in seconds.
func engineAlone(b *testing.B, endpoint string) float64 {
	b.Helper()
	f, err := measureIn(b.Context(), build(b, "."), "engine", work{Endpoint: endpoint, Items: b.N})
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("the engine: %.1f s", f.Seconds)
	return f.CPU
}

// ofChildren is the CPU time of all processes that are started meanwhile, in seconds, and of those that they start.
func ofChildren(b *testing.B, do func()) float64 {
	b.Helper()
	// What outlives the process that has started it comes here to be waited for.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		b.Fatal(err)
	}
	before, start := processorTime(syscall.RUSAGE_CHILDREN), time.Now()
	do()
	b.Logf("%.1f s", time.Since(start).Seconds())
	for {
		if _, err := syscall.Wait4(-1, nil, 0, nil); err != nil && err != syscall.EINTR {
			return processorTime(syscall.RUSAGE_CHILDREN) - before // There are none left.
		}
	}
}

func engineOnSpark(b *testing.B, endpoint, worker string, storage *s3local.Server, emr *emrlocal.Server) {
	b.Helper()
	connections, err := awsconn.New(b.Context(), awsconn.Settings{
		Region: region, AccessKey: "bench", SecretKey: "bench", SkipCredentialsValidation: true, SkipRequestingAccountID: true,
		Endpoints: map[string]string{"dynamodb": endpoint, "s3": storage.URL, "emr": emr.URL},
	})
	if err != nil {
		b.Fatal(err)
	}
	directory := b.TempDir()
	e := &engine.Engine{Connections: connections, Journal: journal.Local(directory), Directory: directory, UserAgent: "terraform-provider-dynamoops/dev", Now: time.Now}
	result, err := e.Copy(b.Context(), job.Copy{
		Source: job.Source{Table: "source"}, Destination: job.Destination{Table: "destination"}, Method: job.MethodEMR,
		EMR: &spark.Config{
			Launcher: spark.Cluster, S3URI: "s3://work/bench", ServiceRole: "service", InstanceProfile: "profile", WorkerBinary: worker,
			Executors: 2, ExecutorCPU: 1, ExecutorMemory: "512m",
		},
	}, engine.Observer{})
	if err != nil || result.Ledger.Written != int64(b.N) {
		for _, j := range emr.Jobs() {
			b.Log(j.Log())
		}
		b.Fatalf("%+v, %v", result, err)
	}
}

func connectorOnSpark(b *testing.B, endpoint string, emr *emrlocal.Server) {
	b.Helper()
	folder, err := mavenjars.Folder(b.Context(), "emr-dynamodb-connector-5.0.0", connectorPOM)
	if err != nil {
		b.Fatal(err)
	}
	jars, err := filepath.Glob(filepath.Join(folder, "*.jar"))
	if err != nil {
		b.Fatal(err)
	}
	script := filepath.Join(b.TempDir(), "move_items.py")
	if err := os.WriteFile(script, connectorScript, 0o600); err != nil {
		b.Fatal(err)
	}
	j := emr.Submit("connector", []string{"--jars", strings.Join(jars, ","), "--conf", "spark.dynamoops.endpoint=" + endpoint, "--conf", "spark.executor.instances=2", script})
	if !j.Wait() {
		b.Fatal(j.Log())
	}
}
