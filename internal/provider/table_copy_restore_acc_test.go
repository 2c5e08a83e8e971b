// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// restoreConfig restores the table of tableAccount as "copy".
func (a *account) restoreConfig(more ...string) string {
	return a.createConfig(`table = "copy", create_table = "full"`, append(more, `method = "backup_restore"`)...)
}

// backups are those of the table that somebody has made.
func (a *account) backups(table string) []types.BackupSummary {
	a.t.Helper()
	answer, err := a.client.ListBackups(a.t.Context(), &dynamodb.ListBackupsInput{TableName: &table, BackupType: types.BackupTypeFilterUser})
	if err != nil {
		a.t.Fatal(err)
	}
	return answer.BackupSummaries
}

// backUp makes a backup, and waits until it is there.
func (a *account) backUp(table string) string {
	a.t.Helper()
	for range 3 { // The first request after the table was made comes too early.
		made, err := a.client.CreateBackup(a.t.Context(), &dynamodb.CreateBackupInput{TableName: &table, BackupName: aws.String("nightly")})
		if err != nil {
			continue
		}
		for a.backups(table)[0].BackupStatus != types.BackupStatusAvailable {
			continue
		}
		return *made.BackupDetails.BackupArn
	}
	a.t.Fatal("no backup can be made")
	return ""
}

func countCalls(server *controlplane.Server, operation string) (count int) {
	for _, call := range server.Calls() {
		if call.Operation == operation {
			count++
		}
	}
	return count
}

// AWS makes the table with its items, and what it does not restore is put back. The run's own backup is gone at the end.
func TestAccTableCopy_restores(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	items := append(planeOrders(500), with(everyType(), item{"id": s("every"), "sort": s("type")}))
	a.put("orders", items...)
	calls := len(server.Calls())
	apply(t,
		resource.TestStep{Config: a.restoreConfig(), PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{
			PreConfig: func() { noWrites(t, server, calls) },
			Config:    a.restoreConfig(),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr(thisCopy, "method_used", "backup_restore"),
				resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"),
				resource.TestCheckResourceAttr(thisCopy, "settings_not_copied.#", "0"),
				resource.TestCheckResourceAttr(thisCopy, "backup_arn", ""),
				resource.TestCheckResourceAttr(thisCopy, "resumed", "false"),
				resource.TestCheckResourceAttr(thisCopy, "source_table_arn", a.arn("orders")),
				resource.TestCheckResourceAttr(thisCopy, "destination_table_arn", strings.Replace(a.arn("orders"), "orders", "copy", 1)),
			),
		},
		// The table is there now.
		resource.TestStep{Config: a.restoreConfig(`triggers = { again = "1" }`), ExpectError: saying("Table Exists", "new table only")},
	)
	equal(t, a.scan("copy"), items, "id", "sort")
	a.likeOrders("copy")
	if left := a.backups("orders"); len(left) != 0 || countCalls(server, "CreateBackup") == 0 || countCalls(server, "Scan") > 3 {
		t.Errorf("the backups are %v, and %d requests scanned", left, countCalls(server, "Scan"))
	}
}

// A backup that is there is restored as it is, with the items and the indexes of its time, and it stays.
func TestAccTableCopy_restoresBackup(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	items := planeOrders(20)
	a.put("orders", items...)
	backup := a.backUp("orders")
	a.put("orders", item{"id": s("later"), "sort": s("a")})
	if _, err := a.client.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
		TableName:                   aws.String("orders"),
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("by-sort")}}},
	}); err != nil {
		t.Fatal(err)
	}
	for len(a.description("orders").GlobalSecondaryIndexes) > 0 || a.status("orders") != types.TableStatusActive {
		continue
	}
	apply(t,
		resource.TestStep{
			Config: a.restoreConfig(fmt.Sprintf("backup_restore = { backup_arn = %q }", backup)),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr(thisCopy, "backup_arn", backup),
				resource.TestCheckResourceAttr(thisCopy, "settings_not_copied.#", "1"),
				resource.TestCheckResourceAttr(thisCopy, "settings_not_copied.0", "global_secondary_indexes"),
			),
		},
	)
	equal(t, a.scan("copy"), items, "id", "sort")
	if made := a.description("copy"); len(made.GlobalSecondaryIndexes) != 1 || !*made.DeletionProtectionEnabled {
		t.Errorf("the table is %+v", made)
	}
	if left := a.backups("orders"); len(left) != 1 || countCalls(server, "DeleteBackup") != 0 {
		t.Errorf("the backups are %v", left)
	}
}

// Point-in-time recovery restores without a backup, to another Region too.
func TestAccTableCopy_restoresPointInTime(t *testing.T) {
	t.Parallel()
	acceptance(t)
	const key = "arn:aws:kms:eu-central-1:123456789012:key/b"
	for name, test := range map[string]struct{ destination, region, at string }{
		"now":            {`table = "copy", create_table = "full"`, "eu-west-1", "latest"},
		"a time":         {`table = "copy", create_table = "schema"`, "eu-west-1", ""},
		"another Region": {fmt.Sprintf(`table = "copy", create_table = "full", region = "eu-central-1", kms_key_arn = %q`, key), "eu-central-1", "latest"},
		"its own key":    {`table = "copy", create_table = "schema", region = "eu-central-1"`, "eu-central-1", "latest"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, a := tableAccount(t)
			items := planeOrders(20)
			a.put("orders", items...)
			a.recover("orders")
			if test.at == "" {
				test.at = time.Now().Add(time.Second).UTC().Truncate(time.Second).Format(time.RFC3339)
				for wanted, _ := time.Parse(time.RFC3339, test.at); time.Now().Before(wanted); time.Sleep(10 * time.Millisecond) {
					continue
				}
			}
			apply(t, resource.TestStep{
				Config: a.createConfig(test.destination, `method = "backup_restore"`, fmt.Sprintf("backup_restore = { point_in_time = %q }", test.at)),
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttr(thisCopy, "backup_arn", ""), resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"),
					func(state *terraform.State) error {
						// AWS restores the encryption, but with no key to another Region.
						left := fmt.Sprint(state.RootModule().Resources[thisCopy].Primary.Attributes)
						if got, want := strings.Contains(left, ":encryption"), name == "its own key"; got != want {
							return fmt.Errorf("encryption is named among what is not copied: %v, want %v in %s", got, want, left)
						}
						return nil
					},
				),
			})
			there := a.in(test.region)
			equal(t, there.scan("copy"), items, "id", "sort")
			made := there.description("copy")
			switch {
			case strings.Contains(test.destination, "schema"):
				if *made.DeletionProtectionEnabled || made.StreamSpecification != nil {
					t.Errorf("the schema is %+v", made)
				}
			case there.settingsOf("copy") != a.settingsOf("orders"):
				t.Errorf("the table that was made is\n%s\nwant\n%s", there.settingsOf("copy"), a.settingsOf("orders"))
			}
			if want := strings.Contains(test.destination, key); want != (made.SSEDescription != nil && aws.ToString(made.SSEDescription.KMSMasterKeyArn) == key) && test.region != "eu-west-1" {
				t.Errorf("the encryption is %+v", made.SSEDescription)
			}
			if got := countCalls(server, "CreateBackup"); got != 0 {
				t.Errorf("%d backups were made", got)
			}
		})
	}
}

// A backup is restored to another Region too, and is gone at the end from the source's.
func TestAccTableCopy_restoresToAnotherRegion(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	items := planeOrders(20)
	a.put("orders", items...)
	const key = "arn:aws:kms:eu-central-1:123456789012:key/b"
	apply(t, resource.TestStep{
		Config: a.createConfig(fmt.Sprintf(`table = "copy", create_table = "full", region = "eu-central-1", kms_key_arn = %q`, key), `method = "backup_restore"`),
		Check:  resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"),
	})
	there := a.in("eu-central-1")
	equal(t, there.scan("copy"), items, "id", "sort")
	if there.settingsOf("copy") != a.settingsOf("orders") || aws.ToString(there.description("copy").SSEDescription.KMSMasterKeyArn) != key {
		t.Errorf("the table that was made is\n%s\nwant\n%s", there.settingsOf("copy"), a.settingsOf("orders"))
	}
	if left := a.backups("orders"); len(left) != 0 || countCalls(server, "RestoreTableFromBackup") != 1 {
		t.Errorf("the backups are %v", left)
	}
}

// A run that stops at any request goes on there: with the same backup and the same restore.
func TestAccTableCopy_restoreGoesOn(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	items := planeOrders(20)
	a.put("orders", items...)
	refused := func(operation string, says ...string) resource.TestStep {
		return resource.TestStep{
			PreConfig: func() {
				server.OnRequest(func(call controlplane.Call, _ []byte) error {
					if call.Operation == operation {
						return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
					}
					return nil
				})
			},
			Config:      a.restoreConfig(),
			ExpectError: saying(append([]string{"Permission Missing"}, append(says, operation)...)...),
		}
	}
	apply(t,
		refused("CreateBackup", "no table was made"), refused("DescribeBackup", "The backup arn:aws:dynamodb:"), refused("RestoreTableFromBackup", "was made, and is kept"),
		refused("UpdateTimeToLive", "its other settings may not"), refused("DeleteBackup"),
		resource.TestStep{
			PreConfig: func() { server.OnRequest(nil) },
			Config:    a.restoreConfig(),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"), resource.TestCheckResourceAttr(thisCopy, "resumed", "true"),
			),
		})
	equal(t, a.scan("copy"), items, "id", "sort")
	a.likeOrders("copy")
	if left := a.backups("orders"); len(left) != 0 {
		t.Errorf("the backups are %v", left)
	}
	if got := countCalls(server, "RestoreTableFromBackup"); got != 2 { // The first one was refused.
		t.Errorf("the table was restored in %d requests", got)
	}
}

// A backup that is never AVAILABLE fails the run with all that is left named.
func TestAccTableCopy_restoreTimesOut(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	server.SetLooks("CreateBackup", 1_000_000)
	apply(t, resource.TestStep{
		Config:      a.restoreConfig(`timeouts = { create = "10s" }`),
		ExpectError: saying("Run Timed Out", "no table was made", "/backup/", "timeouts.create"),
	})
}

// What AWS ends without a table fails the run, and the next apply restores from the same backup.
func TestAccTableCopy_restoreFails(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	items := planeOrders(20)
	a.put("orders", items...)
	apply(t,
		resource.TestStep{
			PreConfig:   func() { server.FailRestores(1) },
			Config:      a.restoreConfig(),
			ExpectError: saying("Restore Failed", "no table was made", "The backup arn:aws:dynamodb:", "GONE"),
		},
		resource.TestStep{Config: a.restoreConfig()},
	)
	equal(t, a.scan("copy"), items, "id", "sort")
	if got := countCalls(server, "CreateBackup"); got > 2 { // The first one after the table was made comes too early.
		t.Errorf("%d backups were made", got)
	}
}

// What AWS cannot restore is refused by the plan, with what to do instead.
func TestAccTableCopy_restoreRefused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	other := newAccount(t).through(server.URL).in("eu-west-1")
	a.put("orders", planeOrders(1)...)
	backup := a.backUp("orders")
	schema, definitions := keySchema("id:S")
	a.createWith(&dynamodb.CreateTableInput{TableName: aws.String("there"), KeySchema: schema, AttributeDefinitions: definitions})
	calls := len(server.Calls())
	t.Cleanup(func() { noWrites(t, server, calls) })
	full := `table = "copy", create_table = "full"`
	method := `method = "backup_restore"`
	for name, test := range map[string]struct {
		destination string
		more        []string
		says        []string
	}{
		"transform":       {full, []string{method, `transform = [{ remove = ["a"] }]`}, []string{"A Restore Cannot Do This", "method = \"scan\""}},
		"filter":          {full, []string{method, `filter = { expression = "attribute_exists(amount)" }`}, []string{"A Restore Cannot Do This", "as a whole"}},
		"sample":          {full, []string{method, `sample_percent = 10`}, []string{"A Restore Cannot Do This"}},
		"conflict":        {full, []string{method, `on_conflict = "skip"`}, []string{"A Restore Cannot Do This", "is new"}},
		"verify":          {full, []string{method, `verify = "count"`}, []string{"A Restore Cannot Do This", "does not say how many"}},
		"a file":          {`file = "dump.jsonl"`, []string{method}, []string{"A Restore Cannot Do This", "the destination is none"}},
		"no new table":    {`table = "copy"`, []string{method}, []string{"AWS Makes The Table"}},
		"a table":         {`table = "there", create_table = "schema"`, []string{method}, []string{"Table Exists"}},
		"no recovery":     {full, []string{method, `backup_restore = { point_in_time = "latest" }`}, []string{"No Point-In-Time Recovery", "AWS restores tables"}},
		"another backup":  {full, []string{method, fmt.Sprintf("backup_restore = { backup_arn = %q }", strings.Replace(backup, "table/orders", "table/others", 1))}, []string{"BackupNotFoundException"}},
		"two":             {full, []string{method, fmt.Sprintf("backup_restore = { backup_arn = %q, point_in_time = \"latest\" }", backup)}, []string{"Two Things To Restore"}},
		"another method":  {full, []string{`backup_restore = { keep_backup = true }`}, []string{"Restore Without Its Method"}},
		"no time":         {full, []string{method, `backup_restore = { point_in_time = "yesterday" }`}, []string{"Invalid Time", "latest"}},
		"another account": {fmt.Sprintf(`table = %q, create_table = "schema"`, controlplane.TableARN("eu-west-1", other.accessKey, "copy")), []string{method}, []string{"A Restore Stays In Its Account", "export_import"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apply(t, resource.TestStep{Config: a.createConfig(test.destination, test.more...), PlanOnly: true, ExpectError: saying(test.says...)})
		})
	}
}

// The policies that are told for a restore have every action that it calls, and those that AWS needs to fill the table.
func TestAccIAMPolicy_restore(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	a.recover("orders")
	a.put("orders", planeOrders(3)...)
	for i, more := range []string{"", `backup_restore = { keep_backup = true }`, `backup_restore = { point_in_time = "latest" }`} {
		since, copyARN := len(server.Calls()), strings.Replace(a.arn("orders"), "orders", fmt.Sprint("copy", i), 1)
		arguments := fmt.Sprintf("source = { table = %q }\n  destination = { table = %q, create_table = \"full\" }\n  method = \"backup_restore\"\n  %s", a.arn("orders"), copyARN, more)
		providerBlock, _, _ := strings.Cut(a.createConfig(`table = "none"`), "resource ")
		apply(t, resource.TestStep{
			Config: hcl(providerBlock, fmt.Sprintf("resource \"dynamoops_table_copy\" \"this\" {\n  %[1]s\n}\ndata \"dynamoops_iam_policy\" \"this\" {\n  operation = \"copy\"\n  %[1]s\n}", arguments)),
			Check: resource.TestCheckResourceAttrWith("data.dynamoops_iam_policy.this", "json", func(policy string) error {
				allowed, called := actionsIn(policy), map[string]bool{}
				for _, call := range needed(server.Calls()[since:]) {
					called[call.Service+":"+call.Operation] = true
				}
				for action := range called {
					if !allowed[action] {
						t.Errorf("%s: %s was called and is not allowed", more, action)
					}
				}
				for action := range allowed {
					if backup := strings.Contains(action, "Backup") || strings.Contains(action, "Restore"); backup && !called[action] {
						t.Errorf("%s: %s is allowed and was not called", more, action)
					}
				}
				return nil
			}),
		})
	}
}
