// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// exporting is an account with an S3, a table "from" that has items and point-in-time recovery, and a table "dest" with a local
// secondary index.
type exporting struct {
	*account
	server  *controlplane.Server
	storage storage
	items   []item
}

func newExporting(t *testing.T) *exporting {
	t.Helper()
	server := controlplane.New(dynamodblocal.Shared(t).URL)
	t.Cleanup(server.Close)
	x := &exporting{account: newAccount(t).through(server.URL).in("eu-west-1"), server: server, items: orders(300)}
	x.storage = x.withS3()
	server.UseS3(x.storage.Client())
	x.items[7] = with(everyType(), x.items[7])
	schema, definitions := keySchema("id:S", "amount:N")
	local, more := keySchema("id:S", "status:S")
	for _, table := range []string{"from", "dest"} {
		x.createWith(&dynamodb.CreateTableInput{
			TableName: &table, KeySchema: schema, AttributeDefinitions: append(definitions, more[1]),
			LocalSecondaryIndexes: []types.LocalSecondaryIndex{{IndexName: aws.String("by-status"), KeySchema: local, Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}}},
		})
	}
	x.put("from", x.items...)
	x.recover("from")
	return x
}

// recover turns point-in-time recovery on. The first request after the table was made comes too early.
func (a *account) recover(table string) {
	a.t.Helper()
	var err error
	for range 3 {
		if _, err = a.client.UpdateContinuousBackups(a.t.Context(), &dynamodb.UpdateContinuousBackupsInput{
			TableName: &table, PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
		}); err == nil {
			return
		}
	}
	a.t.Fatal(err)
}

// indexInCreation adds an index to the table, whose creation does not end.
func (x *exporting) indexInCreation(table, name string) {
	x.t.Helper()
	x.server.SetLooks("UpdateTable", 1_000_000)
	_, definitions := keySchema("id:S", "amount:N")
	key, more := keySchema("status:S", "more:S")
	if _, err := x.client.UpdateTable(x.t.Context(), &dynamodb.UpdateTableInput{
		TableName: &table, AttributeDefinitions: append(definitions, more...),
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: &name, KeySchema: key, Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}}},
	}); err != nil {
		x.t.Fatal(err)
	}
}

// copying is a copy by an export from one table to the other, with more arguments.
func (x *exporting) copying(arguments ...string) string {
	return x.to(`{ table = "dest" }`, append(arguments, fmt.Sprintf("export = { s3_bucket = %q, s3_prefix = \"/on//the-way/\" }", x.storage.bucket))...)
}

func (x *exporting) to(destination string, arguments ...string) string {
	return hcl(x.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = %s
  method      = "export_import"
  %s
}`, destination, strings.Join(arguments, "\n  ")))
}

// calls counts the requests of an operation.
func (x *exporting) calls(operation string) (count int) {
	for _, call := range x.server.Calls() {
		if call.Operation == operation {
			count++
		}
	}
	return count
}

func (x *exporting) expectCalls(want map[string]int) {
	x.t.Helper()
	for operation, count := range want {
		if got := x.calls(operation); got != count {
			x.t.Errorf("%s was called %d times, want %d", operation, got, count)
		}
	}
}

// Without anything else asked for, DynamoDB itself loads the export, filtered by DynamoDB too.
func TestAccTableCopy_exportAndBulkPut(t *testing.T) {
	t.Parallel()
	acceptance(t)
	x := newExporting(t)
	open := chosen(x.items, isOpen)
	apply(t, resource.TestStep{
		Config: x.copying(`filter = { expression = "#s = :open", names = { "#s" = "status" }, values = { ":open" = "OPEN" } }`, `throughput = { write_units = 2000 }`),
		Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr(thisCopy, "method_used", "export_import"),
			resource.TestMatchResourceAttr(thisCopy, "method_reason", saying("StartBulkPutItems")),
			resource.TestMatchResourceAttr(thisCopy, "export_arn", saying(":table/from/export/")),
			resource.TestMatchResourceAttr(thisCopy, "import_arn", saying(":table/dest/")),
			resource.TestCheckResourceAttr(thisCopy, "consumed_read_units", "0"),
		),
		ConfigStateChecks: []statecheck.StateCheck{ledger(thisCopy, "items_written", int64(len(open)), 0)},
	})
	equal(t, x.scan("dest"), open, "id")
	x.expectCalls(map[string]int{"ExportTableToPointInTime": 1, "StartBulkPutItems": 1, "BatchWriteItem": 0})
}

// What a bulk operation cannot do, or does not know, the pipeline does.
func TestAccTableCopy_exportIsRead(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, test := range map[string]struct {
		arguments []string
		reason    string
		bulks     int
	}{
		"transform":     {[]string{`transform = [{ set = { status = "'COPIED'" } }]`}, "transform", 0},
		"verify":        {[]string{`verify = "full"`, `transform = [{ set = { status = "'COPIED'" } }]`}, "transform", 0},
		"slow":          {[]string{`throughput = { write_units = 1000 }`}, "1024 write units", 0},
		"not available": {nil, "StartBulkPutItems is not available", 1},
		"an index":      {nil, "index \"by-more\" is being created", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExporting(t)
			x.server.OnRequest(func(call controlplane.Call, _ []byte) error {
				if call.Operation == "StartBulkPutItems" {
					return &smithy.GenericAPIError{Code: "UnknownOperationException"}
				}
				return nil
			})
			if name == "an index" {
				x.indexInCreation("dest", "by-more")
			}
			want := x.items
			if strings.Contains(strings.Join(test.arguments, ""), "COPIED") {
				want = nil
				for _, i := range x.items {
					want = append(want, with(i, item{"status": s("COPIED")}))
				}
			}
			apply(t, resource.TestStep{
				Config: x.copying(test.arguments...),
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestMatchResourceAttr(thisCopy, "method_reason", saying("read the export", test.reason)),
					resource.TestCheckResourceAttr(thisCopy, "import_arn", ""),
					resource.TestCheckResourceAttr(thisCopy, "source_table_arn", x.arn("from")),
				),
				ConfigStateChecks: []statecheck.StateCheck{ledger(thisCopy, "items_written", 300, 0)},
			})
			equal(t, x.scan("dest"), want, "id")
			x.expectCalls(map[string]int{"ExportTableToPointInTime": 1, "StartBulkPutItems": test.bulks})
		})
	}
}

// An export is the destination; from there the items come back as they were, to a table and to a file.
func TestAccTableCopy_exportIsTheDestination(t *testing.T) {
	t.Parallel()
	acceptance(t)
	x := newExporting(t)
	file := filepath.Join(t.TempDir(), "dump.jsonl")
	apply(t, resource.TestStep{
		Config: hcl(x.to(fmt.Sprintf(`{ s3 = { bucket = %q, prefix = "/kept//here/" } }`, x.storage.bucket)), fmt.Sprintf(`
resource "dynamoops_table_copy" "back" {
  source      = { s3 = { bucket = %[1]q, prefix = dynamoops_table_copy.this.destination_s3_prefix } }
  destination = { table = "dest" }
}
resource "dynamoops_table_copy" "dump" {
  source      = { s3 = { bucket = %[1]q, prefix = dynamoops_table_copy.this.destination_s3_prefix } }
  destination = { file = %[2]q }
}
resource "dynamoops_table_copy" "from_aws_to_file" {
  source      = { table = "from" }
  destination = { file = "%[2]s.gz" }
  method      = "export_import"
  export      = { s3_bucket = %[1]q, s3_prefix = "another" }
}`, x.storage.bucket, file)),
		Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestMatchResourceAttr(thisCopy, "destination_s3_prefix", saying("kept//here/AWSDynamoDB/")),
			resource.TestMatchResourceAttr(thisCopy, "method_reason", saying("the destination is where AWS has exported to")),
		),
		ConfigStateChecks: []statecheck.StateCheck{
			ledger(thisCopy, "items_written", 300, 0), ledger("dynamoops_table_copy.back", "items_written", 300, 0),
			ledger("dynamoops_table_copy.dump", "items_written", 300, 0), ledger("dynamoops_table_copy.from_aws_to_file", "items_written", 300, 0),
		},
	})
	equal(t, x.scan("dest"), x.items, "id")
	x.expectCalls(map[string]int{"ExportTableToPointInTime": 2, "Scan": x.calls("Scan")})
}

// The bucket of another account is named with that account, also where no table of it is written.
func TestAccTableCopy_exportsToAnotherAccount(t *testing.T) {
	t.Parallel()
	acceptance(t)
	x := newExporting(t)
	other := newAccount(t)
	x.sts = rolesOf(t, "shared", other)
	asked := ""
	x.server.OnRequest(func(call controlplane.Call, body []byte) error {
		if call.Operation == "ExportTableToPointInTime" {
			asked = string(body)
		}
		return nil
	})
	destination := fmt.Sprintf(`{ s3 = { bucket = %q }, assume_role = { role_arn = %q, external_id = "shared" } }`, x.storage.bucket, other.roleOf())
	apply(t, resource.TestStep{
		Config: hcl(x.to(destination), fmt.Sprintf(`
data "dynamoops_iam_policy" "this" {
  operation   = "copy"
  source      = { table = %q }
  destination = %s
  method      = "export_import"
}`, x.arn("from"), destination)),
		Check:             resource.TestMatchResourceAttr("data.dynamoops_iam_policy.this", "destination_json", saying(`"s3:ListBucket"`)),
		ConfigStateChecks: []statecheck.StateCheck{ledger(thisCopy, "items_written", 300, 0)},
	})
	if want := fmt.Sprintf(`"S3BucketOwner":%q`, controlplane.Account(other.accessKey)); !strings.Contains(asked, want) {
		t.Errorf("the export is asked for with %s, want %s", asked, want)
	}
}

// What is read back of an export in another account's bucket is read from a bucket of that account alone. The server keeps no owners,
// so what S3 does with the condition is not proved.
func TestAccTableCopy_exportInAnotherAccountIsRead(t *testing.T) {
	t.Parallel()
	acceptance(t)
	x := newExporting(t)
	other := newAccount(t)
	x.sts = rolesOf(t, "shared", other)
	var read, conditional atomic.Int64
	x.storage.OnRequest(func(r *http.Request) *s3local.Refusal {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/on/the/way/AWSDynamoDB/") {
			read.Add(1)
			if r.Header.Get("X-Amz-Expected-Bucket-Owner") == controlplane.Account(other.accessKey) {
				conditional.Add(1)
			}
		}
		return nil
	})
	destination := fmt.Sprintf(`{ s3 = { bucket = %q, prefix = "copied" }, assume_role = { role_arn = %q, external_id = "shared" } }`,
		x.storage.bucket, other.roleOf())
	apply(t, resource.TestStep{
		Config: hcl(x.to(destination, `transform = [{ remove = ["status"] }]`,
			fmt.Sprintf(`export = { s3_bucket = %q, s3_prefix = "on/the/way" }`, x.storage.bucket))),
		ConfigStateChecks: []statecheck.StateCheck{ledger(thisCopy, "items_written", 300, 0)},
	})
	if read.Load() == 0 || read.Load() != conditional.Load() {
		t.Errorf("%d requests read the export, %d of them on condition of the owner", read.Load(), conditional.Load())
	}
}

// What AWS ends without all of the work done fails the run. The next apply makes another export, unless the first one is good.
func TestAccTableCopy_exportFails(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, test := range map[string]struct {
		fail           func(*exporting)
		says           []string
		exports, bulks int
	}{
		"export": {func(x *exporting) { x.server.FailExports(1) }, []string{"Export Failed", "FAILED", "S3AccessDenied", "on//the-way/AWSDynamoDB/"}, 2, 1},
		"bulk":   {func(x *exporting) { x.server.FailBulkOperations(1) }, []string{"Bulk Operation Failed", "FAILED", "S3AccessDenied", "/export/", "on//the-way/AWSDynamoDB/"}, 1, 2},
		"bulk with errors": {func(x *exporting) {
			damaged := false
			x.server.OnRequest(func(call controlplane.Call, _ []byte) error {
				if call.Operation == "StartBulkPutItems" && !damaged {
					damaged = true
					key := x.storage.Keys(t.Context(), t, x.storage.bucket, "on//the-way/")[1]
					folder, _, _ := strings.Cut(key, "/data/")
					x.storage.put(t, folder+"/data/more.json.gz", gzipped(t, `{"Item":{"id":{"S":"without an amount"}}}`))
				}
				return nil
			})
		}, []string{"Bulk Operation Failed", "301 items were processed, and 1 of them", "COMPLETED_WITH_ERRORS", "/errors"}, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExporting(t)
			test.fail(x)
			apply(t,
				resource.TestStep{Config: x.copying(), ExpectError: saying(test.says...)},
				resource.TestStep{Config: x.copying(), Check: resource.TestCheckResourceAttr(thisCopy, "resumed", fmt.Sprint(test.exports == 1))},
			)
			equal(t, x.scan("dest"), x.items, "id")
			x.expectCalls(map[string]int{"ExportTableToPointInTime": test.exports, "StartBulkPutItems": test.bulks})
		})
	}
}

// An export counts for a day from when it was started, however often the run fails meanwhile.
func TestAccTableCopy_exportBecomesOld(t *testing.T) {
	t.Parallel()
	acceptance(t)
	x := newExporting(t)
	refuse(x.server, "DescribeExport")
	refused := resource.TestStep{Config: x.copying(), ExpectError: saying("Permission Missing", "DescribeExport")}
	again := refused
	again.PreConfig = func() { x.age(20 * time.Hour) }
	later := item{"id": s("later"), "amount": n("1")}
	apply(t, refused, again, resource.TestStep{
		PreConfig: func() {
			x.server.OnRequest(nil)
			x.age(20 * time.Hour)
			x.put("from", later)
		},
		Config: x.copying(),
		Check:  resource.TestCheckResourceAttr(thisCopy, "resumed", "false"),
	})
	equal(t, x.scan("dest"), append(x.items, later), "id")
	x.expectCalls(map[string]int{"ExportTableToPointInTime": 2})
}

// A run that ends during a wait is resumed by the next apply: nothing is started twice.
func TestAccTableCopy_exportGoesOn(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, operation := range map[string]string{"export": "ExportTableToPointInTime", "bulk": "StartBulkPutItems"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExporting(t)
			x.server.SetLooks(operation, 4)
			apply(t,
				resource.TestStep{Config: x.copying(`timeouts = { create = "2s" }`), ExpectError: saying("Run Timed Out", "/export/")},
				resource.TestStep{
					Config:            x.copying(),
					Check:             resource.TestCheckResourceAttr(thisCopy, "resumed", "true"),
					ConfigStateChecks: []statecheck.StateCheck{ledger(thisCopy, "items_written", 300, 0)},
				},
			)
			equal(t, x.scan("dest"), x.items, "id")
			x.expectCalls(map[string]int{"ExportTableToPointInTime": 1, "StartBulkPutItems": 1})
		})
	}
}

// What an export cannot do is refused in the plan, which names the method that can.
func TestAccTableCopy_exportRefused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	x := newExporting(t)
	place := fmt.Sprintf("export = { s3_bucket = %q }", x.storage.bucket)
	direct := fmt.Sprintf(`{ s3 = { bucket = %q } }`, x.storage.bucket)
	const dest = `{ table = "dest" }`
	for name, test := range map[string]struct {
		config string
		want   []string
	}{
		"no place":     {x.to(dest), []string{"No Place For The Export", `method = "scan"`}},
		"two places":   {x.to(direct, place), []string{"Two Places For One Export"}},
		"other bucket": {x.to(dest, `export = { s3_bucket = "not-there" }`), []string{"S3 Cannot Be Used", "no such bucket"}},
		"index":        {strings.Replace(x.to(dest, place), `table = "from"`, `table = "from", index = "by-status"`, 1), []string{"An Export Cannot Do This", `method = "scan"`}},
		"sample":       {x.to(dest, place, "sample_percent = 10"), []string{"An Export Cannot Do This", `method = "scan"`}},
		"file":         {strings.Replace(x.to(dest, place), `table = "from"`, `file = "no.jsonl"`, 1), []string{"An Export Cannot Do This", `method = "scan"`}},
		"no recovery":  {strings.NewReplacer(`table = "from"`, `table = "dest"`, `table = "dest"`, `table = "from"`).Replace(x.to(dest, place)), []string{"No Point-In-Time Recovery", `method = "scan"`}},
		"too early":    {x.to(dest, strings.Replace(place, "}", `, point_in_time = "2020-01-01T00:00:00Z" }`, 1)), []string{"Point In Time Out Of Reach"}},
		"not a time":   {x.to(dest, strings.Replace(place, "}", `, point_in_time = "yesterday" }`, 1)), []string{"Invalid Time"}},
		"other method": {strings.Replace(x.to(dest, place), "export_import", "scan", 1), []string{"Export Without Its Method"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apply(t, resource.TestStep{Config: test.config, PlanOnly: true, ExpectError: saying(test.want...)})
		})
	}
}
