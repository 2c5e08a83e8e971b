// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"golang.org/x/sync/errgroup"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/emrlocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// withEMR gives the account S3 with the bucket, and a stand-in for EMR.
func (a *account) withEMR(bucket string) *emrlocal.Server {
	a.t.Helper()
	server := s3local.New(a.t)
	server.MakeBucket(a.t, bucket)
	a.s3 = server.URL
	emr := emrlocal.Start(a.t, emrlocal.Options{S3: server.Client(), Environment: []string{"AWS_ACCESS_KEY_ID=" + a.accessKey, "AWS_SECRET_ACCESS_KEY=" + a.secretKey}})
	a.endpoints = fmt.Sprintf("emr = %[1]q\n    emr_serverless = %[1]q\n    data_pipeline = %[1]q", emr.URL)
	return emr
}

// emrScale is how many items TestAccEMR has, and by which launcher its runs go: few by EMR Serverless, unless the environment
// says otherwise.
func emrScale(t *testing.T) (items int, launcher string) {
	t.Helper()
	items, launcher = 3000, `launcher = "serverless", execution_role_arn = "arn:aws:iam::123456789012:role/emr"`
	if given := os.Getenv("DYNAMOOPS_TEST_EMR_ITEMS"); given != "" {
		var err error
		if items, err = strconv.Atoi(given); err != nil || items%3 != 0 {
			t.Fatalf("DYNAMOOPS_TEST_EMR_ITEMS is %q, and is to be a multiple of three", given)
		}
	}
	if given := os.Getenv("DYNAMOOPS_TEST_EMR_LAUNCHER"); given != "" {
		launcher = fmt.Sprintf("launcher = %q", given)
		if given == "serverless" {
			launcher += `, execution_role_arn = "arn:aws:iam::123456789012:role/emr"`
		} else {
			launcher += `, service_role = "service", instance_profile = "profile"`
		}
	}
	return items, launcher
}

// A copy and a purge by EMR have the outputs of any other, need the permissions that are told, and tuning them runs nothing.
func TestAccEMR(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	emr := a.withEMR("work")
	a.create("orders", "id:S")
	a.create("here", "id:S")
	count, launcher := emrScale(t)
	all := orders(count)
	writing, ctx := errgroup.WithContext(t.Context())
	writing.SetLimit(8)
	for batch := range slices.Chunk(all, 25) {
		writing.Go(func() error {
			var puts []types.WriteRequest
			for _, i := range batch {
				puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: i}})
			}
			_, err := a.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"orders": puts}})
			return err
		})
	}
	if err := writing.Wait(); err != nil {
		t.Fatal(err)
	}
	made := &calls{made: map[permission]bool{}}
	proxy := newProxy(t, a.url, nil)
	proxy.OnRequest(made.note)
	config := func(executors int) string {
		return hcl(a.through(proxy.URL).provider(), fmt.Sprintf(`
locals {
  emr = {
    s3_uri          = "s3://work/prefix"
    executors       = %[1]d
    executor_cpu    = 2
    executor_memory = "512m"
    %[4]s
  }
}

resource "dynamoops_table_copy" "test" {
  source      = { table = %[2]q }
  destination = { table = %[3]q, create_table = "schema" }
  method      = "emr"
  filter      = { expression = "#s = :s", names = { "#s" = "status" }, values = { ":s" = "OPEN" } }
  transform   = [{ set = { copied = "item.id + '!'" } }]
  verify      = "count"
  emr         = local.emr
}

resource "dynamoops_table_copy" "export" {
  source      = { table = %[2]q }
  destination = { s3 = { bucket = "work", prefix = "exports" } }
  method      = "emr"
  emr         = local.emr
}

# The same here, for comparison.
resource "dynamoops_table_copy" "here" {
  source      = dynamoops_table_copy.test.source
  destination = { table = "here" }
  filter      = dynamoops_table_copy.test.filter
  transform   = dynamoops_table_copy.test.transform
}

data "dynamoops_iam_policy" "copy" {
  operation   = "copy"
  source      = dynamoops_table_copy.test.source
  destination = { table = dynamoops_table_copy.test.destination.table } # What making it takes, another test shows.
  method      = "emr"
  filter      = { expression = "#s = :s" }
  verify      = "count"
}

data "dynamoops_iam_policy" "purge" {
  operation = "purge"
  table     = dynamoops_table_purge.test.table
  method    = "emr"
  filter    = { expression = "#s = :s" }
}

resource "dynamoops_table_purge" "test" {
  table      = %[2]q
  method     = "emr"
  filter     = { expression = "#s = :s", names = { "#s" = "status" }, values = { ":s" = "OPEN" } }
  emr        = local.emr
  depends_on = [dynamoops_table_copy.here, dynamoops_table_copy.export]
}`, executors, a.arn("orders"), strings.TrimSuffix(a.arn("orders"), "orders")+"copy", strings.ReplaceAll(launcher, ", ", "\n    ")))
	}
	least := func(table string, attributes ...string) resource.TestCheckFunc {
		return func(state *terraform.State) error {
			all := map[permission]bool{}
			for _, attribute := range attributes {
				name, output, _ := strings.Cut(attribute, ".")
				given, err := allowed(state.RootModule().Resources["data.dynamoops_iam_policy."+name].Primary.Attributes[output])
				if err != nil {
					return err
				}
				maps.Copy(all, given)
			}
			if needed := made.on(a.arn(table)); !maps.Equal(all, needed) {
				return fmt.Errorf("the policy allows\n%v\nthe runs called\n%v", all, needed)
			}
			return nil
		}
	}
	apply(t,
		resource.TestStep{
			Config: config(2),
			ConfigStateChecks: []statecheck.StateCheck{
				ledger("dynamoops_table_copy.test", "items_written", int64(count/3), int64(count-count/3)),
				ledger("dynamoops_table_copy.here", "items_written", int64(count/3), int64(count-count/3)),
				ledger("dynamoops_table_copy.export", "items_written", int64(count), 0),
				ledger("dynamoops_table_purge.test", "items_deleted", int64(count/3), int64(count-count/3)),
			},
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr("dynamoops_table_copy.test", "method_used", "emr"),
				resource.TestCheckResourceAttrSet("dynamoops_table_copy.test", "emr_job_id"),
				resource.TestCheckResourceAttr("dynamoops_table_copy.test", "verified", "true"),
				resource.TestCheckResourceAttr("dynamoops_table_copy.test", "destination_created", "true"),
				resource.TestCheckResourceAttr("dynamoops_table_purge.test", "method_used", "emr"),
				func(state *terraform.State) error {
					for _, run := range []string{"dynamoops_table_copy.test", "dynamoops_table_copy.here", "dynamoops_table_purge.test"} {
						t.Logf("%s of %d items: %s s", run, count, state.RootModule().Resources[run].Primary.Attributes["duration_seconds"])
					}
					return nil
				},
				least("orders", "copy.source_json", "purge.destination_json"),
				least("copy", "copy.destination_json"),
			),
		},
		resource.TestStep{
			Config: config(3),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("dynamoops_table_copy.test", plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction("dynamoops_table_purge.test", plancheck.ResourceActionUpdate),
			}},
		},
	)
	equal(t, a.scan("copy"), a.scan("here"), "id")
	want := chosen(all, isOpen)
	for i, from := range want {
		id, _ := from["id"].(*types.AttributeValueMemberS)
		want[i] = with(from, item{"copied": s(id.Value + "!")})
	}
	equal(t, a.scan("copy"), want, "id")
	equal(t, a.scan("orders"), chosen(all, func(i item) bool { return !isOpen(i) }), "id")
	if jobs := len(emr.Jobs()); jobs != 3 {
		t.Errorf("%d jobs have run, want 3", jobs)
	}
}

// What the launcher needs and lacks, and what cannot be done on other machines, is found when the run is planned.
func TestAccEMR_refused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	a.create("copy", "id:S")
	const good = `s3_uri = "s3://work/prefix", execution_role_arn = "arn:aws:iam::123456789012:role/emr"`
	tests := map[string]struct {
		source, destination, emr, more string
		want                           []string
	}{
		"no block":       {`table = "orders"`, `table = "copy"`, ``, ``, []string{"Missing EMR Argument", `"serverless" needs emr.execution_role_arn`}},
		"no prefix":      {`table = "orders"`, `table = "copy"`, `execution_role_arn = "arn:aws:iam::123456789012:role/emr"`, ``, []string{"Missing EMR Argument", "emr.s3_uri"}},
		"cluster":        {`table = "orders"`, `table = "copy"`, `launcher = "cluster", s3_uri = "s3://work"`, ``, []string{"Missing EMR Argument", `"cluster" needs emr.service_role`}},
		"foreign":        {`table = "orders"`, `table = "copy"`, good + `, instance_type = "m6i.xlarge"`, ``, []string{"EMR Argument Without Effect", "does not use emr.instance_type"}},
		"architecture":   {`table = "orders"`, `table = "copy"`, good + fmt.Sprintf(`, architecture = %q`, otherArchitecture()), ``, []string{"Worker Binary Does Not Fit", "linux_"}},
		"binary":         {`table = "orders"`, `table = "copy"`, good + `, worker_binary = "gone"`, ``, []string{"Worker Binary Does Not Fit", "gone cannot be read"}},
		"file":           {`table = "orders"`, `file = "dump.jsonl"`, good, ``, []string{"File Is Not On The Cluster"}},
		"profile":        {`table = "orders", profile = "default"`, `table = "copy"`, good, ``, []string{"Profile Is Not On The Cluster"}},
		"key of hmac":    {`table = "orders"`, `table = "copy"`, good, "hmac_key_wo = \"secret\"\n  transform = [{ set = { id = \"hmac(item.id)\" } }]", []string{"Key Of hmac() Is Not On The Cluster", "does not go there"}},
		"refused items":  {`table = "orders"`, `table = "copy"`, good, `on_item_error = "skip"`, []string{"Refused Items Cannot Be Kept"}},
		"no S3 URI":      {`table = "orders"`, `table = "copy"`, `s3_uri = "work/prefix"`, ``, []string{"must be of the form s3://BUCKET/PREFIX"}},
		"comma":          {`table = "orders"`, `table = "copy"`, `s3_uri = "s3://work/a,b"`, ``, []string{"must have no spaces, commas"}},
		"three cores":    {`table = "orders"`, `table = "copy"`, good + `, executor_cpu = 3`, ``, []string{"No Such Executor", "1, 2, 4, 8 or 16 cores"}},
		"segments":       {`table = "orders"`, `table = "copy"`, good, `throughput = { segments = 10001 }`, []string{"Too Many Segments", "10000 at most"}},
		"other launcher": {`table = "orders"`, `table = "copy"`, `launcher = "lambda"`, ``, []string{`"serverless" "cluster" "data_pipeline"`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			block := ""
			if test.emr != "" {
				block = "emr = { " + test.emr + " }"
			}
			apply(t, resource.TestStep{PlanOnly: true, ExpectError: saying(test.want...), Config: hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "test" {
  source      = { %s }
  destination = { %s }
  method      = "emr"
  %s
  %s
}`, test.source, test.destination, block, test.more))})
		})
	}
}

// The policies of whoever starts a job, and of the job's role.
func TestAccEMR_policies(t *testing.T) {
	t.Parallel()
	acceptance(t)
	const (
		from   = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
		to     = "arn:aws:dynamodb:eu-west-1:444455556666:table/orders"
		role   = "arn:aws:iam::111122223333:role/emr"
		writer = "arn:aws:iam::444455556666:role/writer"
		bucket = "arn:aws:s3:::work"
	)
	prefix := map[string][]string{bucket: {"s3:ListBucket"}}
	with := func(more map[string][]string) map[string][]string {
		all := maps.Clone(prefix)
		maps.Copy(all, more)
		return all
	}
	policy := func(attribute string, want map[string][]string) resource.TestCheckFunc {
		return resource.TestCheckResourceAttrWith("data.dynamoops_iam_policy.this", attribute, func(text string) error {
			var document struct {
				Statement []struct {
					Effect, Resource string
					Action           []string
				}
			}
			if err := json.Unmarshal([]byte(text), &document); err != nil {
				return err
			}
			given := map[string][]string{}
			for _, statement := range document.Statement {
				given[statement.Resource] = statement.Action
			}
			if fmt.Sprint(given) != fmt.Sprint(want) {
				return fmt.Errorf("the policy allows\n%v\nwant\n%v", given, want)
			}
			return nil
		})
	}

	apply(t,
		resource.TestStep{
			Config: hcl(newAccount(t).provider(), fmt.Sprintf(`
data "dynamoops_iam_policy" "this" {
  operation   = "copy"
  source      = { table = %q }
  destination = { table = %q, assume_role = { role_arn = %q } }
  method      = "emr"
  emr         = { s3_uri = "s3://work/emr", execution_role_arn = %q, worker_binary = "s3://releases/dynamoops", log_uri = "s3://logs/emr", tags = { team = "data" } }
}`, from, to, writer, role)),
			Check: resource.ComposeAggregateTestCheckFunc(
				policy("json", with(map[string][]string{
					"*": {
						"emr-serverless:CancelJobRun", "emr-serverless:CreateApplication", "emr-serverless:DeleteApplication", "emr-serverless:GetApplication", "emr-serverless:GetJobRun",
						"emr-serverless:StartJobRun", "emr-serverless:StopApplication", "emr-serverless:TagResource",
					},
					from: {"dynamodb:DescribeTable"}, writer: {"sts:AssumeRole"}, role: {"iam:PassRole"},
					bucket + "/emr/*": {"s3:DeleteObject", "s3:GetObject", "s3:PutObject"}, "arn:aws:s3:::releases/dynamoops": {"s3:GetObject"},
				})),
				policy("worker_json", with(map[string][]string{
					from: {"dynamodb:DescribeTable", "dynamodb:Scan"}, writer: {"sts:AssumeRole"},
					bucket + "/emr/*": {"s3:GetObject", "s3:PutObject"}, "arn:aws:s3:::logs/emr/*": {"s3:PutObject"},
				})),
				policy("destination_json", map[string][]string{to: {"dynamodb:BatchWriteItem", "dynamodb:DescribeTable"}}),
			),
		},
		resource.TestStep{
			Config: hcl(newAccount(t).provider(), fmt.Sprintf(`
data "dynamoops_iam_policy" "this" {
  operation = "purge"
  table     = %q
  method    = "emr"
  filter    = { expression = "attribute_exists(old)" }
  emr       = { launcher = "cluster", s3_uri = "s3://work/emr", service_role = "EMR", instance_profile = %q }
}`, from, role)),
			Check: resource.ComposeAggregateTestCheckFunc(
				policy("json", with(map[string][]string{
					"*":  {"elasticmapreduce:DescribeCluster", "elasticmapreduce:ListClusters", "elasticmapreduce:ListSteps", "elasticmapreduce:RunJobFlow", "elasticmapreduce:TerminateJobFlows"},
					from: {"dynamodb:DescribeTable", "dynamodb:Scan"}, role: {"iam:PassRole"}, "arn:aws:iam::*:role/EMR": {"iam:PassRole"},
					bucket + "/emr/*": {"s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
				})),
				policy("worker_json", with(map[string][]string{
					from: {"dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:Scan"}, bucket + "/emr/*": {"s3:GetObject", "s3:PutObject"},
				})),
			),
		},
	)
}

// otherArchitecture is one that this machine does not have.
func otherArchitecture() string {
	if runtime.GOARCH == "arm64" {
		return "X86_64"
	}
	return "ARM64"
}
