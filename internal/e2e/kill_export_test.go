// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// A provider that is killed while AWS starts or makes an export, loads it with a bulk operation or makes a table of it, leaves that to the next
// apply, which starts no other.
func TestKilledWhileAWSWorks(t *testing.T) {
	t.Parallel()
	const count = 5_000
	for start, test := range map[string]struct{ describe, create string }{
		"StartBulkPutItems": {"DescribeBulkOperation", ""},
		"ImportTable":       {"DescribeImport", `, create_table = "schema"`},
	} {
		t.Run(start, func(t *testing.T) {
			t.Parallel()
			x := newExported(t, count)
			if test.create == "" {
				x.create("loaded")
			}
			x.server.SetLooks("ExportTableToPointInTime", 3)
			x.server.SetLooks(start, 3)
			w := newWorkspace(t, x.server.URL, x.account, fmt.Sprintf(`
resource "dynamoops_table_copy" "all" {
  source      = { table = "exported" }
  destination = { table = "loaded"%s }
  method      = "export_import"
  export      = { s3_bucket = %q }
}
`, test.create, x.s3.Bucket(t)))
			for _, moment := range []string{"ExportTableToPointInTime", "DescribeExport", start, test.describe} {
				w.applyAndKillAt(x.server, w.applying(x.s3), func(call controlplane.Call) bool { return call.Operation == moment })
			}
			if output, err := w.applying(x.s3).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			attributes := w.state()["dynamoops_table_copy.all"]
			expectNumber(t, attributes, "items_scanned", count)
			expectNumber(t, attributes, "items_written", count)
			if attributes["resumed"] != true || attributes["destination_created"] != (test.create != "") {
				t.Errorf("the last attempt has not gone on where the others were: %v", attributes)
			}
			expectOrders(t, x.client, "loaded", count, func(int) bool { return true })
			x.expectStarted(attributes)
		})
	}
}

// An import whose ARN was never heard is found again when DynamoDB has forgotten its token.
func TestKilledImportIsFound(t *testing.T) {
	t.Parallel()
	const count = 100
	x := newExported(t, count)
	w := newWorkspace(t, x.server.URL, x.account, fmt.Sprintf(`
resource "dynamoops_table_copy" "all" {
  source      = { table = "exported" }
  destination = { table = "loaded", create_table = "schema" }
  method      = "export_import"
  export      = { s3_bucket = %q }
}
`, x.s3.Bucket(t)))
	w.applyAndKillAt(x.server, w.applying(x.s3), func(call controlplane.Call) bool { return call.Operation == "ImportTable" })
	w.ageLoad(9 * time.Hour)
	var listed atomic.Bool
	x.server.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation == "ListImports" {
			listed.Store(true)
		}
		return nil
	})
	if output, err := w.applying(x.s3).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	attributes := w.state()["dynamoops_table_copy.all"]
	expectNumber(t, attributes, "items_written", count)
	if attributes["resumed"] != true || attributes["destination_created"] != true || !listed.Load() {
		t.Errorf("the import was not found: %v", attributes)
	}
	x.expectStarted(attributes)
}

// ageLoad has the journal's one export loaded that much earlier.
func (w *workspace) ageLoad(by time.Duration) {
	w.t.Helper()
	paths, err := filepath.Glob(filepath.Join(w.folder, ".terraform", "dynamoops", "export-*.json"))
	if err != nil || len(paths) != 1 {
		w.t.Fatalf("the records are %q: %v", paths, err)
	}
	content, err := os.ReadFile(paths[0])
	if err != nil {
		w.t.Fatal(err)
	}
	record := map[string]any{}
	if err := json.Unmarshal(content, &record); err != nil {
		w.t.Fatal(err)
	}
	load, ok := record["Load"].(map[string]any)
	if !ok {
		w.t.Fatalf("nothing was loaded by %s", content)
	}
	load["SentAt"] = time.Now().Add(-by)
	if content, err = json.Marshal(record); err == nil {
		err = os.WriteFile(paths[0], content, 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// A provider that is killed while it reads the export itself leaves the export to the next apply, which makes no other.
func TestKilledWhileItReadsTheExport(t *testing.T) {
	t.Parallel()
	const count = 5_000
	x := newExported(t, count)
	x.create("loaded")
	w := newWorkspace(t, x.server.URL, x.account, fmt.Sprintf(`
resource "dynamoops_table_copy" "all" {
  source      = { table = "exported" }
  destination = { table = "loaded" }
  method      = "export_import"
  export      = { s3_bucket = %q }
  verify      = "count"
}
`, x.s3.Bucket(t)))
	var batches atomic.Int64
	w.applyAndKillAt(x.server, w.applying(x.s3), func(call controlplane.Call) bool {
		return call.Operation == "BatchWriteItem" && batches.Add(1) > count/25/2
	})
	if output, err := w.applying(x.s3).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	attributes := w.state()["dynamoops_table_copy.all"]
	expectNumber(t, attributes, "items_scanned", count)
	expectNumber(t, attributes, "items_written", count)
	if attributes["resumed"] != true || attributes["import_arn"] != "" {
		t.Errorf("the last attempt has not gone on with the export: %v", attributes)
	}
	expectOrders(t, x.client, "loaded", count, func(int) bool { return true })
	exports, err := x.client.ListExports(t.Context(), &dynamodb.ListExportsInput{})
	if err != nil || len(exports.ExportSummaries) != 1 || *exports.ExportSummaries[0].ExportArn != attributes["export_arn"] {
		t.Errorf("there are the exports %v (%v), want %v alone", exports, err, attributes["export_arn"])
	}
}

// exported is an account on a control plane, with an S3 and a table "exported" that has point-in-time recovery.
type exported struct {
	t       *testing.T
	s3      *s3local.Server
	server  *controlplane.Server
	account string
	client  *dynamodb.Client
}

func newExported(t *testing.T, count int) *exported {
	t.Helper()
	x := &exported{t: t, s3: s3local.New(t), server: controlplane.New(dynamodblocal.Shared(t).URL), account: cryptorand.Text()}
	t.Cleanup(x.server.Close)
	x.server.UseS3(x.s3.Client())
	x.client = dynamodblocal.NewClient(x.server.URL, region, x.account)
	x.create("exported")
	fill(t, x.client, "exported", count)
	recovery := &dynamodb.UpdateContinuousBackupsInput{
		TableName: aws.String("exported"), PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	}
	if _, err := x.client.UpdateContinuousBackups(t.Context(), recovery); err == nil {
		t.Fatal("point-in-time recovery came at once")
	}
	if _, err := x.client.UpdateContinuousBackups(t.Context(), recovery); err != nil {
		t.Fatal(err)
	}
	return x
}

func (x *exported) create(name string) {
	x.t.Helper()
	create(x.t, x.client, name)
	for range 2 { // CREATING passes after one look.
		if _, err := x.client.DescribeTable(x.t.Context(), &dynamodb.DescribeTableInput{TableName: &name}); err != nil {
			x.t.Fatal(err)
		}
	}
}

// expectStarted fails the test unless there are the export and the load of the state, and no other.
func (x *exported) expectStarted(attributes map[string]any) {
	x.t.Helper()
	exports, err := x.client.ListExports(x.t.Context(), &dynamodb.ListExportsInput{})
	if err != nil || len(exports.ExportSummaries) != 1 || *exports.ExportSummaries[0].ExportArn != attributes["export_arn"] {
		x.t.Errorf("there are the exports %v (%v), want %v alone", exports, err, attributes["export_arn"])
	}
	bulks, err := x.client.ListBulkOperations(x.t.Context(), &dynamodb.ListBulkOperationsInput{})
	if err != nil {
		x.t.Fatal(err)
	}
	imports, err := x.client.ListImports(x.t.Context(), &dynamodb.ListImportsInput{})
	if err != nil {
		x.t.Fatal(err)
	}
	var loads []string
	for _, bulk := range bulks.BulkOperationsSummaryList {
		loads = append(loads, *bulk.BulkOperationArn)
	}
	for _, i := range imports.ImportSummaryList {
		loads = append(loads, *i.ImportArn)
	}
	if len(loads) != 1 || loads[0] != attributes["import_arn"] {
		x.t.Errorf("there are the loads %v, want %v alone", loads, attributes["import_arn"])
	}
}

// applying is an apply of a provider that reaches the S3.
func (w *workspace) applying(s3 *s3local.Server) *exec.Cmd {
	return w.terraform(s3, "apply", "-auto-approve")
}

// terraform is a command of Terraform that reaches the S3.
func (w *workspace) terraform(s3 *s3local.Server, arguments ...string) *exec.Cmd {
	command := w.command(w.t.Context(), append(arguments, "-no-color")...)
	command.Env = append(command.Env, "AWS_ENDPOINT_URL_S3="+s3.URL)
	return command
}

// applyAndKillAt starts an apply, and kills the provider at a call, which is carried out all the same: nobody gets the answer.
func (w *workspace) applyAndKillAt(server *controlplane.Server, command *exec.Cmd, at func(controlplane.Call) bool) {
	w.t.Helper()
	m := newMoment()
	server.OnRequest(func(call controlplane.Call, _ []byte) error {
		if at(call) {
			m.come()
		}
		return nil
	})
	defer server.OnRequest(nil)
	w.applyAndKillIn(m, command)
}

// moment is one of a request: whoever serves that waits until the provider is killed.
type moment struct {
	called, killed chan struct{}
	once           sync.Once
}

func newMoment() *moment { return &moment{called: make(chan struct{}), killed: make(chan struct{})} }

func (m *moment) come() {
	m.once.Do(func() { close(m.called) })
	<-m.killed
}

// applyAndKillIn starts an apply, and kills the provider when the moment has come.
func (w *workspace) applyAndKillIn(m *moment, command *exec.Cmd) {
	w.t.Helper()
	ended := make(chan error, 1)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { ended <- command.Wait() }()
	late, cancel := context.WithTimeout(w.t.Context(), hung)
	defer cancel()
	select {
	case <-m.called:
	case err := <-ended:
		w.t.Fatalf("the apply ended before the call: %v\n%s", err, &output)
	case <-late.Done():
		w.t.Fatal("the call did not come in time")
	}
	err := w.killProvider(command)
	close(m.killed)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := <-ended; err == nil {
		w.t.Fatalf("the apply of a provider that was killed succeeded:\n%s", &output)
	}
}
