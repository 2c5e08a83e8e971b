// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// newImporting is an account with an S3 and the table "orders", which has settings of all kinds that an import can be given, and
// point-in-time recovery.
func newImporting(t *testing.T) *exporting {
	t.Helper()
	server, a := tableAccount(t)
	x := &exporting{account: a, server: server, items: planeOrders(300)}
	x.storage = x.withS3()
	server.UseS3(x.storage.Client())
	a.endpoints = fmt.Sprintf("application_autoscaling = %[1]q\n    lambda = %[1]q\n    kms = %[1]q", a.url)
	x.items[7] = with(everyType(), x.items[7])
	x.put("orders", x.items...)
	x.recover("orders")
	return x
}

// importing is a copy by an export to a table that is made, with more arguments.
func (x *exporting) importing(level string, arguments ...string) string {
	return hcl(x.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "orders" }
  destination = { table = "imported", create_table = %q }
  method      = "export_import"
  export      = { s3_bucket = %q, s3_prefix = "on-the-way" }
  %s
}`, level, x.storage.bucket, strings.Join(arguments, "\n  ")))
}

// made counts the requests of an operation on the table "imported".
func (x *exporting) made(operation string) (count int) {
	for _, call := range x.server.Calls() {
		if call.Operation == operation && call.Table == "imported" {
			count++
		}
	}
	return count
}

// expectLike fails the test unless the table "imported" has all items, and all settings of the source.
func (x *exporting) expectLike() {
	x.t.Helper()
	equal(x.t, x.scan("imported"), x.items, "id", "sort")
	x.likeOrders("imported")
}

// DynamoDB makes the table of the export, and what ImportTable does not take is set afterwards.
func TestAccTableCopy_imports(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for _, level := range []string{"schema", "full"} {
		t.Run(level, func(t *testing.T) {
			t.Parallel()
			x := newImporting(t)
			calls := len(x.server.Calls())
			apply(t,
				resource.TestStep{Config: x.importing(level), PlanOnly: true, ExpectNonEmptyPlan: true},
				resource.TestStep{
					PreConfig: func() { noWrites(t, x.server, calls) },
					Config:    x.importing(level),
					Check: resource.ComposeAggregateTestCheckFunc(
						resource.TestMatchResourceAttr(thisCopy, "method_reason", saying("made the table of the export with ImportTable")),
						resource.TestMatchResourceAttr(thisCopy, "export_arn", saying(":table/orders/export/")),
						resource.TestMatchResourceAttr(thisCopy, "import_arn", saying(":table/imported/import/")),
						resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"),
						resource.TestCheckResourceAttr(thisCopy, "destination_table_arn", strings.Replace(x.arn("orders"), "orders", "imported", 1)),
					),
					ConfigStateChecks: []statecheck.StateCheck{ledger(thisCopy, "items_written", 300, 0)},
				},
			)
			if level == "full" {
				x.expectLike()
			}
			equal(t, x.scan("imported"), x.items, "id", "sort")
			x.expectCalls(map[string]int{"ExportTableToPointInTime": 1, "ImportTable": 1, "StartBulkPutItems": 0})
			if x.made("CreateTable") > 0 {
				t.Error("CreateTable was called")
			}
		})
	}
}

// What ImportTable cannot do is done with a table that CreateTable makes, and the reason says why.
func TestAccTableCopy_importCannot(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, test := range map[string]struct {
		arguments []string
		reason    []string
		bulks     int
	}{
		"local index":   {nil, []string{"StartBulkPutItems", "ImportTable makes no table with local_secondary_indexes"}, 1},
		"throughput":    {[]string{`throughput = { write_units = 2000 }`}, []string{"StartBulkPutItems", "throughput limits the writes"}, 1},
		"transform":     {[]string{`transform = [{ drop_if = "false" }]`}, []string{"read the export", "transform"}, 0},
		"verify":        {[]string{`verify = "full"`}, []string{"read the export", "verify"}, 0},
		"not available": {nil, []string{"read the export", "StartBulkPutItems is not available"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExporting(t)
			if name == "not available" {
				x.server.OnRequest(func(call controlplane.Call, _ []byte) error {
					if call.Operation == "StartBulkPutItems" {
						return &smithy.GenericAPIError{Code: "UnknownOperationException"}
					}
					return nil
				})
			}
			apply(t, resource.TestStep{
				Config: strings.Replace(x.copying(test.arguments...), `table = "dest"`, `table = "made", create_table = "full"`, 1),
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestMatchResourceAttr(thisCopy, "method_reason", saying(test.reason...)),
					resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"),
				),
				ConfigStateChecks: []statecheck.StateCheck{ledger(thisCopy, "items_written", 300, 0)},
			})
			equal(t, x.scan("made"), x.items, "id")
			x.expectCalls(map[string]int{"ExportTableToPointInTime": 1, "ImportTable": 0, "StartBulkPutItems": test.bulks})
		})
	}
}

// A run that ends during the import, or before the table has its settings, is resumed by the next apply: nothing is started twice.
func TestAccTableCopy_importGoesOn(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, test := range map[string]struct {
		arguments string
		begin     func(*exporting)
		says      []string
	}{
		"waiting": {`timeouts = { create = "3s" }`, func(x *exporting) { x.server.SetLooks("ImportTable", 4) }, []string{"Run Timed Out", "/import/"}},
		"settings": {``, func(x *exporting) {
			x.server.OnRequest(func(call controlplane.Call, _ []byte) error {
				if call.Operation == "UpdateTimeToLive" {
					return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
				}
				return nil
			})
		}, []string{"Permission Missing", "UpdateTimeToLive"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newImporting(t)
			test.begin(x)
			apply(t,
				resource.TestStep{Config: x.importing("full", test.arguments), ExpectError: saying(test.says...)},
				resource.TestStep{
					PreConfig: func() { x.server.OnRequest(nil) },
					Config:    x.importing("full"),
					Check: resource.ComposeAggregateTestCheckFunc(
						resource.TestCheckResourceAttr(thisCopy, "resumed", "true"),
						resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"),
						resource.TestMatchResourceAttr(thisCopy, "import_arn", saying(":table/imported/import/")),
					),
					ConfigStateChecks: []statecheck.StateCheck{ledger(thisCopy, "items_written", 300, 0)},
				},
			)
			x.expectLike()
			x.expectCalls(map[string]int{"ExportTableToPointInTime": 1, "ImportTable": 1, "StartBulkPutItems": 0})
		})
	}
}

// An import that does not end with all items in the table fails the run. The next one has the table already, and fills it in another way.
func TestAccTableCopy_importFails(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, test := range map[string]struct {
		fail    func(*exporting)
		says    []string
		exports int
	}{
		"import": {func(x *exporting) { x.server.FailImports(1) }, []string{"Import Failed", "150 items were processed", "FAILED", "S3AccessDenied", "/export/"}, 1},
		"with errors": {func(x *exporting) {
			var once sync.Once
			x.server.OnRequest(func(call controlplane.Call, _ []byte) error {
				if call.Operation == "ImportTable" {
					once.Do(func() {
						key := x.storage.Keys(t.Context(), t, x.storage.bucket, "on-the-way/")[1]
						folder, _, _ := strings.Cut(key, "/data/")
						x.storage.put(t, folder+"/data/more.json.gz", gzipped(t, `{"Item":{"id":{"S":"without the other"}}}`))
					})
				}
				return nil
			})
		}, []string{"Import Failed", "301 items were processed, and 1 of them", "COMPLETED", "log-group:/aws-dynamodb/imports"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newImporting(t)
			test.fail(x)
			apply(t,
				resource.TestStep{Config: x.importing("full"), ExpectError: saying(test.says...)},
				resource.TestStep{
					Config: x.importing("full"),
					Check: resource.ComposeAggregateTestCheckFunc(
						resource.TestCheckResourceAttr(thisCopy, "resumed", fmt.Sprint(test.exports == 1)),
						resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"),
						resource.TestMatchResourceAttr(thisCopy, "method_reason", saying("StartBulkPutItems", "the table exists already")),
					),
				},
			)
			x.expectLike()
			x.expectCalls(map[string]int{"ExportTableToPointInTime": test.exports, "ImportTable": 1, "StartBulkPutItems": 1})
		})
	}
}

// A table that somebody else makes before the import does is not taken for the run's: it is used as it is.
func TestAccTableCopy_importAndOthers(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, test := range map[string]struct {
		refuse bool
		says   []string
	}{
		"at that moment": {false, []string{"Table Was Made Meanwhile"}},
		"afterwards":     {true, []string{"Permission Missing", "ImportTable"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newImporting(t)
			others := func() {
				schema, definitions := keySchema("id:S", "sort:S")
				x.createWith(&dynamodb.CreateTableInput{TableName: aws.String("imported"), KeySchema: schema, AttributeDefinitions: definitions})
				for x.status("imported") != types.TableStatusActive {
					continue
				}
			}
			x.server.OnRequest(func(call controlplane.Call, _ []byte) error {
				if call.Operation != "ImportTable" {
					return nil
				}
				if test.refuse {
					return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
				}
				others()
				return nil
			})
			apply(t,
				resource.TestStep{Config: x.importing("full"), ExpectError: saying(test.says...)},
				resource.TestStep{
					PreConfig: func() {
						x.server.OnRequest(nil)
						if test.refuse {
							others()
						}
					},
					Config: x.importing("full"),
					Check:  resource.TestCheckResourceAttr(thisCopy, "destination_created", "false"),
				},
			)
			equal(t, x.scan("imported"), x.items, "id", "sort")
			for _, call := range x.server.Calls() {
				if call.Table == "imported" && strings.HasPrefix(call.Operation, "Update") {
					t.Errorf("%s was called", call.Operation)
				}
			}
		})
	}
}

// From one account and Region to another, the bucket is of one of the two; each request names its account where that is not the caller's.
func TestAccTableCopy_importsIntoAnotherAccount(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for _, test := range []struct {
		name, level            string
		ofSource               bool
		exportOwner, loadOwner bool
		load                   string
	}{
		{"bucket of the destination, import", "schema", false, true, false, "ImportTable"},
		{"bucket of the source, import", "full", true, false, true, "ImportTable"},
		{"bucket of the destination, bulk operation", "", false, true, false, "StartBulkPutItems"},
		{"bucket of the source, bulk operation", "", true, false, true, "StartBulkPutItems"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			x := newImporting(t)
			other := newAccount(t).through(x.url).in("us-east-1")
			target := controlplane.TableARN("us-east-1", other.accessKey, "imported")
			owner := controlplane.Account(other.accessKey)
			create := ""
			switch test.level {
			case "":
				schema, definitions := keySchema("id:S", "sort:S")
				other.createWith(&dynamodb.CreateTableInput{TableName: aws.String("imported"), KeySchema: schema, AttributeDefinitions: definitions})
			case "full":
				create = `kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/b", `
				fallthrough
			default:
				create += fmt.Sprintf("create_table = %q, ", test.level)
			}
			if test.ofSource {
				owner = controlplane.Account(x.accessKey)
				x.storage.OnRequest(func(r *http.Request) *s3local.Refusal {
					if named := r.Header.Get("X-Amz-Expected-Bucket-Owner"); named != "" && named != owner {
						return &s3local.Refusal{Status: http.StatusForbidden, Code: "AccessDenied"}
					}
					return nil
				})
			}
			named := map[string]string{}
			x.server.OnRequest(func(call controlplane.Call, body []byte) error {
				if call.Operation == "ExportTableToPointInTime" || call.Operation == test.load {
					named[call.Operation] = call.Account + " " + call.Region + " " + strings.Join(regexp.MustCompile(`"S3BucketOwner":"([0-9]+)"`).FindStringSubmatch(string(body)), " ")
				}
				return nil
			})
			profiles := writeFile(t, filepath.Join(t.TempDir(), "config"), fmt.Sprintf("[profile other]\naws_access_key_id = %s\naws_secret_access_key = s\n", other.accessKey))
			apply(t, resource.TestStep{
				Config: hcl(x.provider(fmt.Sprintf("shared_config_files = [%q]", profiles)), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "orders" }
  destination = { table = %q, %s profile = "other" }
  method      = "export_import"
  export      = { s3_bucket = %q }
}`, target, create, x.storage.bucket)),
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestMatchResourceAttr(thisCopy, "method_reason", saying(test.load)),
					resource.TestCheckResourceAttr(thisCopy, "destination_table_arn", target),
				),
				ConfigStateChecks: []statecheck.StateCheck{ledger(thisCopy, "items_written", 300, 0)},
			})
			equal(t, other.scan("imported"), x.items, "id", "sort")
			for operation, want := range map[string]struct {
				caller string
				owner  bool
			}{
				"ExportTableToPointInTime": {controlplane.Account(x.accessKey) + " eu-west-1", test.exportOwner},
				test.load:                  {controlplane.Account(other.accessKey) + " us-east-1", test.loadOwner},
			} {
				if got := named[operation]; !strings.HasPrefix(got, want.caller) || strings.Contains(got, "S3BucketOwner") != want.owner || want.owner && !strings.HasSuffix(got, owner) {
					t.Errorf("%s was %q, want %s, and the owner %s: %v", operation, got, want.caller, owner, want.owner)
				}
			}
		})
	}
}

// The policies for a copy that makes its destination of an export have every action that it calls; which way the table is made, the
// source's indexes decide.
func TestAccIAMPolicy_import(t *testing.T) {
	t.Parallel()
	acceptance(t)
	x := newImporting(t)
	since := len(x.server.Calls())
	arn := x.arn("orders")
	apply(t, resource.TestStep{
		Config: hcl(x.importing("full"), fmt.Sprintf(`
data "dynamoops_iam_policy" "this" {
  operation   = "copy"
  source      = { table = %q }
  destination = { table = %q, create_table = "full" }
  method      = "export_import"
  export      = { s3_bucket = %q }
}`, arn, strings.Replace(arn, "orders", "imported", 1), x.storage.bucket)),
		Check: func(state *terraform.State) error {
			policies := state.RootModule().Resources["data.dynamoops_iam_policy.this"].Primary.Attributes
			for _, call := range x.server.Calls()[since:] {
				policy := map[string]string{"orders": "source_json", "imported": "destination_json"}[call.Table]
				if action := call.Service + ":" + call.Operation; policy != "" && !actionsIn(policies[policy])[action] {
					return fmt.Errorf("%s lacks %s", policy, action)
				}
			}
			for _, action := range []string{"dynamodb:ImportTable", "dynamodb:DescribeImport", "dynamodb:CreateTable", "dynamodb:StartBulkPutItems", "logs:PutLogEvents", "s3:GetObject", "s3:ListBucket"} {
				if !actionsIn(policies["destination_json"])[action] {
					return fmt.Errorf("destination_json lacks %s", action)
				}
			}
			if logs := ":log-group:/aws-dynamodb/*"; !strings.Contains(policies["destination_json"], logs) {
				return fmt.Errorf("destination_json allows nothing on %s", logs)
			}
			return nil
		},
	})
}

// An import that fails and leaves no table is done again by the next apply, as if there had been none.
func TestAccTableCopy_importLeavesNothing(t *testing.T) {
	t.Parallel()
	acceptance(t)
	x := newImporting(t)
	x.server.FailImports(1)
	x.server.SetLooks("DeleteTable", 0)
	x.server.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation == "DescribeTable" && call.Table == "imported" && x.made("DeleteTable") == 0 && x.calls("DescribeImport") > 0 {
			if _, err := x.client.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("imported")}); err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	apply(t,
		resource.TestStep{Config: x.importing("schema"), ExpectError: saying("Import Failed", "S3AccessDenied")},
		resource.TestStep{
			Config: x.importing("schema"),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"),
				resource.TestMatchResourceAttr(thisCopy, "method_reason", saying("made the table of the export with ImportTable")),
			),
		},
	)
	equal(t, x.scan("imported"), x.items, "id", "sort")
	x.expectCalls(map[string]int{"ImportTable": 2, "DeleteTable": 1, "StartBulkPutItems": 0})
}
