// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

// createConfig copies the table of tableAccount.
func (a *account) createConfig(destination string, more ...string) string {
	providerBlock, _, _ := strings.Cut(a.tableConfig("orders"), "data ")
	return hcl(strings.Replace(providerBlock, "endpoints {", "journal { path = \""+a.journal+"\" }\n  endpoints {", 1), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "orders" }
  destination = { %s }
  %s
}`, destination, hcl(more...)))
}

const thisCopy = "dynamoops_table_copy.this"

// noWrites fails the test if the control plane has changed anything since the first so many calls.
func noWrites(t *testing.T, server *controlplane.Server, since int) {
	t.Helper()
	for _, call := range server.Calls()[since:] {
		if call.Writes {
			t.Errorf("%s was called by a plan", call.Operation)
		}
	}
}

// A copy makes its destination with every setting of the table itself, and copies what is in it.
func TestAccTableCopy_createsAll(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	items := []item{{"id": s("1"), "sort": s("a"), "amount": n("1.50")}, {"id": s("2"), "sort": s("b"), "expires": n("1")}}
	a.put("orders", items...)
	calls := len(server.Calls())
	full := `table = "copy", create_table = "full"`
	apply(t,
		resource.TestStep{Config: a.createConfig(full), PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{
			PreConfig: func() { noWrites(t, server, calls) },
			Config:    a.createConfig(full, `verify = "full"`),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"),
				resource.TestCheckResourceAttr(thisCopy, "settings_not_copied.#", "0"),
				resource.TestCheckResourceAttr(thisCopy, "items_written", "2"),
				resource.TestCheckResourceAttr(thisCopy, "verified", "true"),
				resource.TestCheckResourceAttr(thisCopy, "destination_table_arn", strings.Replace(a.arn("orders"), "orders", "copy", 1)),
			),
		},
		// What is there is used as it is.
		resource.TestStep{
			Config: a.createConfig(full, `triggers = { again = "1" }`),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr(thisCopy, "destination_created", "false"), resource.TestCheckResourceAttr(thisCopy, "items_written", "2"),
			),
		},
	)
	equal(t, a.scan("copy"), items, "id", "sort")
	a.likeOrders("copy")
}

// A copy that fails when its destination is there goes on with that table, and gives it the rest of its settings.
func TestAccTableCopy_createsAndGoesOn(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	items := []item{{"id": s("1"), "sort": s("a")}, {"id": s("2"), "sort": s("b")}}
	a.put("orders", items...)
	refused := func(operation string) resource.TestStep {
		return resource.TestStep{
			PreConfig: func() {
				server.OnRequest(func(call controlplane.Call, _ []byte) error {
					if call.Operation == operation {
						return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
					}
					return nil
				})
			},
			Config:      a.createConfig(`table = "copy", create_table = "full"`),
			ExpectError: saying("Permission Missing", operation),
		}
	}
	apply(t, refused("CreateTable"), refused("BatchWriteItem"), refused("UpdateTimeToLive"),
		resource.TestStep{
			PreConfig: func() { server.OnRequest(func(controlplane.Call, []byte) error { return nil }) },
			Config:    a.createConfig(`table = "copy", create_table = "full"`),
			Check:     resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"),
		})
	made := 0
	for _, call := range server.Calls() {
		if call.Operation == "CreateTable" && call.Table == "copy" {
			made++
		}
	}
	if made != 2 { // The first one was refused.
		t.Errorf("the table was made in %d requests", made)
	}
	equal(t, a.scan("copy"), items, "id", "sort")
	ttl, err := a.client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("copy")})
	if err != nil || ttl.TimeToLiveDescription.TimeToLiveStatus != types.TimeToLiveStatusEnabled {
		t.Errorf("the time to live is %+v, %v", ttl, err)
	}
}

// A local server is as good for the schema.
func TestAccTableCopy_createsSchema(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	from, _ := policyTables(a)
	config := func(destination, more string) string {
		return hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = %q }
  destination = { %s }
  %s
}`, from, destination, more))
	}
	apply(t,
		resource.TestStep{
			Config: config(`table = "made", create_table = "schema"`, ``),
			Check:  resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"),
		},
		// A default that is written down is no other run.
		resource.TestStep{Config: config(`table = "dest"`, ``), Check: resource.TestCheckResourceAttr(thisCopy, "destination_created", "false")},
		resource.TestStep{
			Config:           config(`table = "dest", create_table = "never"`, ``),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisCopy, plancheck.ResourceActionNoop)}},
		},
		// A key attribute of the new table may not get lost.
		resource.TestStep{
			Config:      config(`table = "other", create_table = "schema"`, `transform = [{ rename = { id = "key" } }]`),
			ExpectError: saying("Transform Takes Out A Key", `"id"`),
		},
	)
	equal(t, a.scan("made"), a.scan("from"), "id")
	answer, err := a.client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("made")})
	if err != nil || len(answer.Table.GlobalSecondaryIndexes) != 1 || answer.Table.BillingModeSummary.BillingMode != types.BillingModePayPerRequest {
		t.Errorf("the table that was made is %+v, %v", answer, err)
	}
}

// actionsIn are the actions of a policy, whatever they are allowed on.
func actionsIn(policy string) map[string]bool {
	actions := map[string]bool{}
	for _, action := range regexp.MustCompile(`"([a-z0-9-]+:[A-Za-z]+)"`).FindAllStringSubmatch(policy, -1) {
		actions[action[1]] = true
	}
	return actions
}

// Of a table with every setting, the policy that is told for a copy that makes one like it, and for a recreate, has every action that the run
// calls, and no other: but what would take away a tag or a policy that somebody gives the new table meanwhile, and what AWS does as the
// caller.
func TestAccIAMPolicy_ofNewTables(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server := controlplane.New(dynamodblocal.Shared(t).URL)
	t.Cleanup(server.Close)
	everysetting.AtOnce(server)
	a := newAccount(t).through(server.URL).in(everysetting.Region)
	every := everysetting.NewAccount(server, a.accessKey)
	every.Create(t, everysetting.Table())
	every.Set(t)
	arn := a.arn("orders")
	a.put("orders", item{"id": s("1"), "z": s("a")})
	since := len(server.Calls())
	// CreateTable itself takes the tags, with that permission.
	tags := []string{"dynamodb:TagResource"}
	usesKey := []string{
		"kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
	}
	// least checks the one policy against the calls on the table, and whether nobody called what is allowed.
	least := func(name, attribute, table string, uncalled ...string) resource.TestCheckFunc {
		return resource.TestCheckResourceAttrWith("data.dynamoops_iam_policy."+name, attribute, func(policy string) error {
			allowed, called := actionsIn(policy), map[string]bool{}
			for _, call := range server.Calls()[since:] {
				action := call.Service + ":" + call.Operation
				called[action] = true
				if call.Table == table && !allowed[action] {
					return fmt.Errorf("the policy for %s lacks %s", table, action)
				}
			}
			maps.DeleteFunc(allowed, func(action string, _ bool) bool { return called[action] })
			if more := slices.Sorted(maps.Keys(allowed)); !slices.Equal(more, uncalled) {
				return fmt.Errorf("the policy for %s allows %v, which nobody called, and not just %v", table, more, uncalled)
			}
			return nil
		})
	}
	policyOfCopy := func(name, destination string) string {
		return a.createConfig(destination) + fmt.Sprintf(`
data "dynamoops_iam_policy" %q {
  operation   = "copy"
  source      = { table = %q }
  destination = { %s }
}`, name, arn, strings.Replace(destination, `table = "`, `table = "`+strings.TrimSuffix(arn, "orders"), 1))
	}
	apply(t,
		resource.TestStep{
			Config: policyOfCopy("full", `table = "copy", create_table = "full"`),
			Check:  resource.ComposeTestCheckFunc(least("full", "destination_json", "copy", tags...), least("full", "source_json", "orders")),
		},
		resource.TestStep{
			PreConfig: func() { since = len(server.Calls()) },
			Config:    policyOfCopy("schema", `table = "keyed", create_table = "schema", kms_key_arn = "`+everysetting.CustomerKey+`"`),
			Check:     least("schema", "destination_json", "keyed", usesKey...),
		},
		resource.TestStep{
			PreConfig: func() { since = len(server.Calls()) },
			Config: a.recreateConfig("method = \"recreate\"\n  allow = [\"stream\", \"kinesis\", \"event_source_mappings\"]\n  backup_before = true") + fmt.Sprintf(`
data "dynamoops_iam_policy" "purge" {
  operation = "purge"
  table     = %q
  method    = "recreate"
}`, arn),
			// Auto scaling is bound to the table's name, and put back only where it is not there any more.
			Check: least("purge", "destination_json", "orders", slices.Concat([]string{"application-autoscaling:PutScalingPolicy", "application-autoscaling:PutScheduledAction"}, tags, []string{"lambda:TagResource"})...),
		},
	)
}

// What cannot be made is refused before anything is.
func TestAccTableCopy_createRefused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	calls := len(server.Calls())
	t.Cleanup(func() { noWrites(t, server, calls) })
	for name, test := range map[string]struct {
		destination string
		want        []string
	}{
		"missing":               {`table = "copy"`, []string{"Table Not Found", "create_table"}},
		"never":                 {`table = "copy", create_table = "never"`, []string{"Table Not Found"}},
		"another level":         {`table = "copy", create_table = "half"`, []string{"create_table", `"schema"`}},
		"key without table":     {`table = "orders", kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/b"`, []string{"KMS Key Without New Table", "create_table"}},
		"no key":                {`table = "copy", create_table = "full", kms_key_arn = "b"`, []string{"kms_key_arn", "ARN of a KMS key"}},
		"key of another Region": {`table = "copy", create_table = "full", region = "us-east-1"`, []string{"KMS Key Missing", "destination.kms_key_arn"}},
		"a file":                {`file = "copy.jsonl", create_table = "full"`, []string{"create_table"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apply(t, resource.TestStep{Config: a.createConfig(test.destination), PlanOnly: true, ExpectError: saying(test.want...)})
		})
	}
}
