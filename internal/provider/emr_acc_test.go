// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

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

// A copy and a purge by EMR have the outputs of any other, and tuning them runs nothing.
func TestAccEMR(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	emr := a.withEMR("work")
	a.create("orders", "id:S")
	a.create("copy", "id:S")
	all := orders(3000)
	a.put("orders", all...)
	config := func(executors int) string {
		return hcl(a.provider(), fmt.Sprintf(`
locals {
  emr = {
    s3_uri             = "s3://work/prefix"
    execution_role_arn = "arn:aws:iam::123456789012:role/emr"
    executors          = %d
    executor_cpu       = 1
    executor_memory    = "512m"
  }
}

resource "dynamoops_table_copy" "test" {
  source      = { table = "orders" }
  destination = { table = "copy" }
  method      = "emr"
  filter      = { expression = "#s = :s", names = { "#s" = "status" }, values = { ":s" = "OPEN" } }
  emr         = local.emr
}

resource "dynamoops_table_purge" "test" {
  table      = "orders"
  method     = "emr"
  filter     = { expression = "#s = :s", names = { "#s" = "status" }, values = { ":s" = "OPEN" } }
  emr        = local.emr
  depends_on = [dynamoops_table_copy.test]
}`, executors))
	}
	apply(t,
		resource.TestStep{
			Config: config(2),
			ConfigStateChecks: []statecheck.StateCheck{
				ledger("dynamoops_table_copy.test", "items_written", 1000, 2000),
				ledger("dynamoops_table_purge.test", "items_deleted", 1000, 2000),
			},
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr("dynamoops_table_copy.test", "method_used", "emr"),
				resource.TestCheckResourceAttrSet("dynamoops_table_copy.test", "emr_job_id"),
				resource.TestCheckResourceAttr("dynamoops_table_purge.test", "method_used", "emr"),
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
	equal(t, a.scan("copy"), chosen(all, isOpen), "id")
	equal(t, a.scan("orders"), chosen(all, func(i item) bool { return !isOpen(i) }), "id")
	if jobs := len(emr.Jobs()); jobs != 2 {
		t.Errorf("%d jobs have run, want 2", jobs)
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
		"refused items":  {`table = "orders"`, `table = "copy"`, good, `on_item_error = "skip"`, []string{"Refused Items Cannot Be Kept"}},
		"no S3 URI":      {`table = "orders"`, `table = "copy"`, `s3_uri = "work/prefix"`, ``, []string{"must be of the form s3://BUCKET/PREFIX"}},
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

// otherArchitecture is one that this machine does not have.
func otherArchitecture() string {
	if runtime.GOARCH == "arm64" {
		return "X86_64"
	}
	return "ARM64"
}
