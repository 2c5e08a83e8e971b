// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"fmt"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// A provider that is killed while AWS starts or makes an export, or a bulk operation, leaves them to the next apply, which starts no other.
func TestKilledWhileAWSWorks(t *testing.T) {
	t.Parallel()
	const count = 50_000
	s3, server := s3local.New(t), controlplane.New(dynamodblocal.Shared(t).URL)
	t.Cleanup(server.Close)
	server.UseS3(s3.Client())
	bucket, account := s3.Bucket(t), cryptorand.Text()
	client := dynamodblocal.NewClient(server.URL, region, account)
	for _, name := range []string{"exported", "loaded"} {
		create(t, client, name)
		for range 2 { // CREATING passes after one look.
			if _, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name}); err != nil {
				t.Fatal(err)
			}
		}
	}
	fill(t, client, "exported", count)
	recovery := &dynamodb.UpdateContinuousBackupsInput{
		TableName: aws.String("exported"), PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	}
	if _, err := client.UpdateContinuousBackups(t.Context(), recovery); err == nil {
		t.Fatal("point-in-time recovery came at once")
	}
	if _, err := client.UpdateContinuousBackups(t.Context(), recovery); err != nil {
		t.Fatal(err)
	}
	server.SetLooks("ExportTableToPointInTime", 3)
	server.SetLooks("StartBulkPutItems", 3)
	w := newWorkspace(t, server.URL, account, fmt.Sprintf(`
resource "dynamoops_table_copy" "all" {
  source      = { table = "exported" }
  destination = { table = "loaded" }
  method      = "export_import"
  export      = { s3_bucket = %q }
}
`, bucket))
	for _, moment := range []string{"ExportTableToPointInTime", "DescribeExport", "StartBulkPutItems", "DescribeBulkOperation"} {
		w.applyAndKillAt(server, w.applying(s3), func(call controlplane.Call) bool { return call.Operation == moment })
	}
	if err := w.applying(s3).Run(); err != nil {
		t.Fatal(err)
	}
	attributes := w.state()["dynamoops_table_copy.all"]
	expectNumber(t, attributes, "items_scanned", count)
	expectNumber(t, attributes, "items_written", count)
	if attributes["resumed"] != true {
		t.Error("the last attempt has not gone on where the others were")
	}
	expectOrders(t, client, "loaded", count, func(int) bool { return true })
	exports, err := client.ListExports(t.Context(), &dynamodb.ListExportsInput{})
	if err != nil || len(exports.ExportSummaries) != 1 || *exports.ExportSummaries[0].ExportArn != attributes["export_arn"] {
		t.Errorf("there are the exports %v (%v), want %v alone", exports, err, attributes["export_arn"])
	}
	bulks, err := client.ListBulkOperations(t.Context(), &dynamodb.ListBulkOperationsInput{})
	if err != nil || len(bulks.BulkOperationsSummaryList) != 1 || *bulks.BulkOperationsSummaryList[0].BulkOperationArn != attributes["import_arn"] {
		t.Errorf("there are the bulk operations %v (%v), want %v alone", bulks, err, attributes["import_arn"])
	}
}

// applying is an apply of a provider that reaches the S3.
func (w *workspace) applying(s3 *s3local.Server) *exec.Cmd {
	command := w.command(w.t.Context(), "apply", "-auto-approve", "-no-color")
	command.Env = append(command.Env, "AWS_ENDPOINT_URL_S3="+s3.URL)
	return command
}

// applyAndKillAt starts an apply, and kills the provider at a call, which is carried out all the same: nobody gets the answer.
func (w *workspace) applyAndKillAt(server *controlplane.Server, command *exec.Cmd, at func(controlplane.Call) bool) {
	w.t.Helper()
	called, killed := make(chan struct{}), make(chan struct{})
	var once sync.Once
	server.OnRequest(func(call controlplane.Call, _ []byte) error {
		if at(call) {
			once.Do(func() { close(called) })
			<-killed
		}
		return nil
	})
	defer server.OnRequest(nil)
	ended := make(chan error, 1)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { ended <- command.Wait() }()
	late, cancel := context.WithTimeout(w.t.Context(), 2*time.Minute)
	defer cancel()
	select {
	case <-called:
	case err := <-ended:
		w.t.Fatalf("the apply ended before the call: %v\n%s", err, &output)
	case <-late.Done():
		w.t.Fatal("the call did not come in time")
	}
	err := w.killProvider(command)
	close(killed)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := <-ended; err == nil {
		w.t.Fatalf("the apply of a provider that was killed succeeded:\n%s", &output)
	}
}
