// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// DynamoDB may not know at once of a backup and of a table that it has begun to make. Nothing is begun twice then, nor is the run over.
func TestAccTableCopy_restoreSeenLate(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	items := planeOrders(20)
	a.put("orders", items...)
	restoring, unseen := false, map[string]int{"DescribeBackup": 2, "DescribeTable": 2}
	server.OnRequest(func(call controlplane.Call, _ []byte) error {
		restoring = restoring || call.Operation == "RestoreTableFromBackup"
		early := call.Operation == "DescribeBackup" || restoring && call.Operation == "DescribeTable" && call.Table == "copy"
		if !early || unseen[call.Operation] == 0 {
			return nil
		}
		unseen[call.Operation]--
		code := map[string]string{"DescribeBackup": "BackupNotFoundException", "DescribeTable": "ResourceNotFoundException"}[call.Operation]
		return &smithy.GenericAPIError{Code: code, Message: "not found"}
	})
	apply(t, resource.TestStep{
		Config: a.restoreConfig(),
		Check:  resource.TestCheckResourceAttr(thisCopy, "resumed", "false"),
	})
	equal(t, a.scan("copy"), items, "id", "sort")
	if got := countCalls(server, "RestoreTableFromBackup"); got != 1 || unseen["DescribeBackup"]+unseen["DescribeTable"] != 0 {
		t.Errorf("%d restores were asked for, and %v was not unseen", got, unseen)
	}
	if left := a.backups("orders"); len(left) != 0 {
		t.Errorf("the backups are %v", left)
	}
}

// The answer to CreateBackup is lost. The backup is found by its name, and there is no other one, of which nobody would know.
func TestAccTableCopy_backupOfWhichNothingWasHeard(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	items := planeOrders(20)
	a.put("orders", items...)
	a.url = losing(t, server.URL, "CreateBackup")
	apply(t, resource.TestStep{Config: a.restoreConfig()})
	equal(t, a.scan("copy"), items, "id", "sort")
	if left := a.backups("orders"); len(left) != 0 {
		t.Errorf("the backups are %+v", left)
	}
}

// Point-in-time recovery that has just been turned on is on, and not available for some time yet.
func TestAccTableCopy_recoveryComesLate(t *testing.T) {
	t.Parallel()
	acceptance(t)
	x := newImporting(t)
	for operation, config := range map[string]string{
		"RestoreTableToPointInTime": x.restoreConfig(`backup_restore = { point_in_time = "latest" }`),
		"ExportTableToPointInTime":  x.importing("schema"),
	} {
		refused := 0
		x.server.OnRequest(func(call controlplane.Call, _ []byte) error {
			if call.Operation == operation && refused < 2 {
				refused++
				return &types.PointInTimeRecoveryUnavailableException{}
			}
			return nil
		})
		apply(t, resource.TestStep{Config: config})
	}
	for _, table := range []string{"copy", "imported"} {
		equal(t, x.scan(table), x.items, "id", "sort")
	}
}

// The last minutes cannot be restored yet, which the plan says, and what can be.
func TestAccTableCopy_recoveryLags(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	a.recover("orders")
	since := time.Now().UTC()
	server.LagRecovery(5 * time.Minute)
	apply(t, resource.TestStep{
		Config:      a.restoreConfig(fmt.Sprintf("backup_restore = { point_in_time = %q }", since.Add(time.Second).Format(time.RFC3339))),
		PlanOnly:    true,
		ExpectError: saying("Point In Time Out Of Reach", "between "+since.Format("2006-01-02"), "and "+since.Format("2006-01-02"), "latest"),
	})
}

// Somebody deletes the backup that a failed run has named. The next apply says so, and the one after makes another.
func TestAccTableCopy_restoreLosesItsBackup(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	items := planeOrders(20)
	a.put("orders", items...)
	apply(t,
		resource.TestStep{
			PreConfig:   func() { refuse(server, "RestoreTableFromBackup") },
			Config:      a.restoreConfig(),
			ExpectError: saying("Permission Missing", "was made, and is kept"),
		},
		resource.TestStep{
			PreConfig: func() {
				server.OnRequest(nil)
				a.deleteBackups("orders")
			},
			Config:      a.restoreConfig(),
			ExpectError: saying("Backup Failed", "DELETED", "makes another backup"),
		},
		resource.TestStep{Config: a.restoreConfig()},
	)
	equal(t, a.scan("copy"), items, "id", "sort")
	a.likeOrders("copy")
}

// The same for the backup that is made before a table is recreated.
func TestAccTablePurge_losesItsBackup(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	a.put("orders", planeOrders(3)...)
	config := a.recreateConfig("allow = [\"stream\"]\n  backup_before = true")
	apply(t,
		resource.TestStep{
			PreConfig:   func() { refuse(server, "DescribeBackup") },
			Config:      config,
			ExpectError: saying("Permission Missing", "The table was not dropped"),
		},
		resource.TestStep{
			PreConfig: func() {
				server.OnRequest(nil)
				a.deleteBackups("orders")
			},
			Config:      config,
			ExpectError: saying("Backup Failed", "The table was not dropped", "DELETED"),
		},
		resource.TestStep{Config: config},
	)
	if left, backups := a.scan("orders"), a.backups("orders"); len(left) != 0 || len(backups) != 1 {
		t.Errorf("the table holds %v, and the backups are %v", left, backups)
	}
}

// refuse has the server refuse an operation.
func refuse(server *controlplane.Server, operation string) {
	server.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation == operation {
			return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: fmt.Sprint(operation, " is refused")}
		}
		return nil
	})
}

// deleteBackups deletes those that somebody has made of the table, once they are there.
func (a *account) deleteBackups(table string) {
	a.t.Helper()
	for _, backup := range a.backups(table) {
		for a.backups(table)[0].BackupStatus != types.BackupStatusAvailable {
			continue
		}
		if _, err := a.client.DeleteBackup(a.t.Context(), &dynamodb.DeleteBackupInput{BackupArn: backup.BackupArn}); err != nil {
			a.t.Fatal(err)
		}
	}
}
