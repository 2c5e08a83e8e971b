// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

// A restore whose provider is killed in each of its waits, and as the settings are put back, is finished by the next apply with the
// same backup and the same restore. The new table has every setting but those that connect the old one with others.
func TestRestoreIsKilled(t *testing.T) {
	t.Parallel()
	r := newEverySetting(t, `
resource "dynamoops_table_copy" "restored" {
  source      = { table = "orders" }
  destination = { table = "restored", create_table = "full" }
  method      = "backup_restore"
}
`)
	r.server.SetLooks("CreateBackup", 3)
	r.server.SetLooks("RestoreTableFromBackup", 3)
	waits, restored := 0, false
	for _, moment := range []struct{ operation, table string }{
		{"CreateBackup", "orders"}, {"DescribeBackup", ""}, {"RestoreTableFromBackup", "restored"}, {"DescribeTable", "restored"},
		{"UpdateTimeToLive", "restored"}, {"DeleteBackup", ""},
	} {
		r.applyAndKillAt(r.server, r.command(t.Context(), "apply", "-auto-approve", "-no-color"), func(call controlplane.Call) bool {
			restored = restored || call.Operation == "RestoreTableFromBackup"
			if call.Operation != moment.operation || moment.table != "" && call.Table != moment.table || moment.operation == "DescribeTable" && !restored {
				return false
			}
			waits++
			return true
		})
	}
	if output, err := r.command(t.Context(), "apply", "-auto-approve", "-no-color").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	attributes := r.state()["dynamoops_table_copy.restored"]
	if attributes["resumed"] != true || attributes["destination_created"] != true || attributes["backup_arn"] != "" || waits < 6 {
		t.Errorf("after %d kills the state says %v", waits, attributes)
	}
	if left := fmt.Sprint(attributes["settings_not_copied"]); left != "[kinesis_destinations event_source_mappings]" {
		t.Errorf("not copied are %s", left)
	}
	counts := map[string]int{}
	for _, call := range r.server.Calls() {
		counts[call.Operation]++
	}
	backups, err := r.account.DynamoDB.ListBackups(t.Context(), &dynamodb.ListBackupsInput{BackupType: types.BackupTypeFilterUser})
	if counts["CreateBackup"] != 1 || r.server.Restores() != 1 || err != nil || len(backups.BackupSummaries) != 0 {
		t.Errorf("%d backups were asked for, and %d restores begun; left are %+v, %v", counts["CreateBackup"], r.server.Restores(), backups, err)
	}
	items, err := r.account.DynamoDB.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("restored"), ConsistentRead: aws.Bool(true)})
	if err != nil || items.Count != 3 {
		t.Errorf("the items are %+v, %v", items, err)
	}
	r.madeLikeOrders("restored")
}

// A restore from point-in-time recovery, which has nothing that tells it apart but its time, is found again too.
func TestRecoveryIsKilled(t *testing.T) {
	t.Parallel()
	r := newEverySetting(t, `
resource "dynamoops_table_copy" "restored" {
  source         = { table = "orders" }
  destination    = { table = "restored", create_table = "schema" }
  method         = "backup_restore"
  backup_restore = { point_in_time = "latest" }
}
`)
	r.server.SetLooks("RestoreTableToPointInTime", 3)
	restored := false
	for _, operation := range []string{"RestoreTableToPointInTime", "DescribeTable"} {
		r.applyAndKillAt(r.server, r.command(t.Context(), "apply", "-auto-approve", "-no-color"), func(call controlplane.Call) bool {
			at := call.Operation == operation && call.Table == "restored" && (restored || operation != "DescribeTable")
			restored = restored || call.Operation == "RestoreTableToPointInTime"
			return at
		})
	}
	if output, err := r.command(t.Context(), "apply", "-auto-approve", "-no-color").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	items, err := r.account.DynamoDB.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("restored"), ConsistentRead: aws.Bool(true)})
	if attributes := r.state()["dynamoops_table_copy.restored"]; attributes["resumed"] != true || r.server.Restores() != 1 || err != nil || items.Count != 3 {
		t.Errorf("%d restores have begun, the state says %v, and the items are %+v, %v", r.server.Restores(), attributes, items, err)
	}
}

// A destination that is replaced by a restore, with the provider killed in each wait and at each kind of change, ends as the table that was
// asked for: the source's items, its own settings. One backup is made, and the table is dropped once.
func TestReplacementIsKilled(t *testing.T) {
	t.Parallel()
	r := newEverySetting(t, `
resource "dynamoops_table_copy" "replaced" {
  source         = { table = "orders" }
  destination    = { table = "staging" }
  method         = "backup_restore"
  backup_restore = { replace_destination = true }
}
`)
	staging := everysetting.Table()
	staging.TableName, staging.TableClass = aws.String("staging"), types.TableClassStandard
	staging.ProvisionedThroughput = everysetting.Units(70, 80)
	r.account.Create(t, staging)
	var stale types.AttributeValue = &types.AttributeValueMemberS{Value: "stale"}
	if _, err := r.account.DynamoDB.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("staging"), Item: map[string]types.AttributeValue{"id": stale, "z": stale}}); err != nil {
		t.Fatal(err)
	}
	was := r.account.Everything(t, "staging")
	plan, err := r.command(t.Context(), "plan", "-no-color").CombinedOutput()
	for _, warning := range []string{"Warning: Destination Will Be Dropped", "Warning: Stream ARN Will Change"} {
		if err != nil || !strings.Contains(unwrapped(string(plan)), warning) {
			t.Errorf("the plan lacks %q: %v\n%s", warning, err, plan)
		}
	}
	r.server.SetLooks("CreateBackup", 3)
	r.server.SetLooks("DeleteTable", 3)
	r.server.SetLooks("RestoreTableFromBackup", 3)
	done := map[string]bool{}
	for _, moment := range []struct{ after, operation string }{
		{"", "CreateBackup"}, {"CreateBackup", "DescribeBackup"}, {"", "UpdateTable"}, {"", "DeleteTable"}, {"DeleteTable", "DescribeTable"},
		{"", "RestoreTableFromBackup"}, {"RestoreTableFromBackup", "DescribeTable"}, {"", "TagResource"}, {"TagResource", "UpdateTable"}, {"", "DeleteBackup"},
	} {
		r.applyAndKillAt(r.server, r.command(t.Context(), "apply", "-auto-approve", "-no-color"), func(call controlplane.Call) bool {
			at := call.Operation == moment.operation && (moment.after == "" || done[moment.after])
			done[call.Operation] = true
			return at
		})
	}
	if output, err := r.command(t.Context(), "apply", "-auto-approve", "-no-color").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if attributes := r.state()["dynamoops_table_copy.replaced"]; attributes["resumed"] != true || attributes["backup_arn"] != "" {
		t.Errorf("the state says %v", attributes)
	}
	counts := map[string]int{}
	for _, call := range r.server.Calls() {
		counts[call.Operation]++
	}
	backups, err := r.account.DynamoDB.ListBackups(t.Context(), &dynamodb.ListBackupsInput{BackupType: types.BackupTypeFilterUser})
	if counts["CreateBackup"] != 1 || counts["DeleteTable"] != 1 || r.server.Restores() != 1 || err != nil || len(backups.BackupSummaries) != 0 {
		t.Errorf("%d backups and %d drops were asked for; left are %+v, %v", counts["CreateBackup"], counts["DeleteTable"], backups, err)
	}
	items, err := r.account.DynamoDB.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("staging"), ConsistentRead: aws.Bool(true)})
	if err != nil || items.Count != 3 || slices.ContainsFunc(items.Items, func(item map[string]types.AttributeValue) bool {
		return reflect.DeepEqual(item["id"], stale)
	}) {
		t.Errorf("the items are %+v, %v", items, err)
	}
	r.account.Settle(t, "staging")
	if is := r.account.Everything(t, "staging"); is != was {
		t.Errorf("the table is\n%s\nand was\n%s", is, was)
	}
}

// A copy that makes its destination, killed as it makes the table, writes the items and puts settings back, is finished by the next
// apply with the table that it has made.
func TestCreationIsKilled(t *testing.T) {
	t.Parallel()
	r := newEverySetting(t, `
resource "dynamoops_table_copy" "made" {
  source      = { table = "orders" }
  destination = { table = "made", create_table = "full" }
  verify      = "full"
}
`)
	for _, operation := range []string{"CreateTable", "BatchWriteItem", "UpdateTable", "UpdateTimeToLive", "RegisterScalableTarget"} {
		r.applyAndKillAt(r.server, r.command(t.Context(), "apply", "-auto-approve", "-no-color"), func(call controlplane.Call) bool { return call.Operation == operation })
	}
	if output, err := r.command(t.Context(), "apply", "-auto-approve", "-no-color").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	attributes, made := r.state()["dynamoops_table_copy.made"], 0
	for _, call := range r.server.Calls() {
		if call.Operation == "CreateTable" && call.Table == "made" {
			made++
		}
	}
	if attributes["destination_created"] != true || attributes["verified"] != true || made != 1 {
		t.Errorf("the table was made in %d requests; the state says %v", made, attributes)
	}
	expectNumber(t, attributes, "items_written", 3)
	r.madeLikeOrders("made")
}

// madeLikeOrders checks that the table has every setting of the other one, but those that connect that with others.
func (r *reset) madeLikeOrders(table string) {
	r.t.Helper()
	r.account.Settle(r.t, table)
	was, is := ownSettings(r.was), ownSettings(strings.ReplaceAll(r.account.Everything(r.t, table), table, "orders"))
	if !slices.Equal(was, is) {
		r.t.Errorf("the table is\n%s\nand was\n%s", strings.Join(is, "\n"), strings.Join(was, "\n"))
	}
}

// alarms have ids of their own.
var alarms = regexp.MustCompile(`"Alarms":\[[^\]]*\]`)

// ownSettings are all that AWS says of a table, less what connects it with others.
func ownSettings(everything string) []string {
	return slices.DeleteFunc(strings.Split(alarms.ReplaceAllString(everything, ""), "\n"), func(line string) bool {
		return line == "null" || line == "[]" || strings.Contains(line, "arn:aws:kinesis:") || strings.Contains(line, "arn:aws:lambda:")
	})
}
