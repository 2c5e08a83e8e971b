// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// age makes what the journal holds older: all times in it lie further back by so much.
func (a *account) age(by time.Duration) {
	a.t.Helper()
	all := journal.Local(a.journal)
	names, err := all.Names(a.t.Context())
	if err != nil || len(names) == 0 {
		a.t.Fatalf("the journal holds %v, %v", names, err)
	}
	for _, name := range names {
		record, err := all.Open(a.t.Context(), name)
		if err != nil {
			a.t.Fatal(err)
		}
		var content map[string]any
		if _, err := record.Load(a.t.Context(), &content); err != nil {
			a.t.Fatal(err)
		}
		aged(content, by)
		if err := record.Save(a.t.Context(), content); err != nil {
			a.t.Fatal(err)
		}
		if err := record.Close(); err != nil {
			a.t.Fatal(err)
		}
	}
}

func aged(content map[string]any, by time.Duration) {
	for name, value := range content {
		switch value := value.(type) {
		case map[string]any:
			aged(value, by)
		case string:
			if at, err := time.Parse(time.RFC3339Nano, value); err == nil && !at.IsZero() && strings.HasSuffix(name, "At") {
				content[name] = at.Add(-by)
			}
		}
	}
}

// A backup that an attempt has left behind more than a day ago is not restored: the run makes one of what the table holds now, and
// names the other.
func TestAccTableCopy_restoreOfAnOldBackup(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	items := planeOrders(20)
	a.put("orders", items...)
	w := newWorkspace(t)
	w.write("main.tf", a.restoreConfig())
	refuse(server, "RestoreTableFromBackup")
	if output, err := w.terraform("apply", "-auto-approve", "-no-color"); err == nil || !saying("Permission Missing", "was made, and is kept").MatchString(output) {
		t.Fatalf("%v\n%s", err, output)
	}
	server.OnRequest(nil)
	left := a.backups("orders")
	a.age(30 * 24 * time.Hour)
	later := item{"id": s("later"), "sort": s("a")}
	a.put("orders", later)
	if output := w.must("apply", "-auto-approve", "-no-color"); !saying("Backup Of An Earlier Attempt", *left[0].BackupArn, "older than a day").MatchString(output) {
		t.Errorf("the backup is not named:\n%s", output)
	}
	equal(t, a.scan("copy"), append(items, later), "id", "sort")
	if now := a.backups("orders"); len(now) != 1 || *now[0].BackupArn != *left[0].BackupArn {
		t.Errorf("the backups are %+v", now)
	}
}

// A restore that was asked for hours after the first time, and of which no answer came, is the run's all the same.
func TestAccTableCopy_restoreOfWhichNothingWasHeard(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, test := range map[string]struct{ operation, more string }{
		"backup":   {"RestoreTableFromBackup", ""},
		"recovery": {"RestoreTableToPointInTime", `backup_restore = { point_in_time = "latest" }`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, a := tableAccount(t)
			items := planeOrders(20)
			a.put("orders", items...)
			a.recover("orders")
			a.url = losing(t, server.URL, test.operation)
			apply(t,
				resource.TestStep{
					PreConfig: func() {
						server.OnRequest(func(call controlplane.Call, _ []byte) error {
							if call.Operation == test.operation {
								return &smithy.GenericAPIError{Code: "InternalServerError", Fault: smithy.FaultServer}
							}
							return nil
						})
					},
					Config:      a.restoreConfig(test.more, `timeouts = { create = "3s" }`),
					ExpectError: saying("Run Timed Out"),
				},
				resource.TestStep{
					PreConfig: func() {
						server.OnRequest(nil)
						a.age(3 * time.Hour)
					},
					Config: a.restoreConfig(test.more),
					Check: resource.ComposeAggregateTestCheckFunc(
						resource.TestCheckResourceAttr(thisCopy, "resumed", "true"), resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"),
					),
				})
			equal(t, a.scan("copy"), items, "id", "sort")
			a.likeOrders("copy")
		})
	}
}

// losing is the URL of the server where the answer to an operation that is carried out is lost.
func losing(t *testing.T, server, operation string) string {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	between := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(answer *http.Response) error {
			if answer.StatusCode == http.StatusOK && strings.HasSuffix(answer.Request.Header.Get("X-Amz-Target"), "."+operation) {
				return errors.New("lost")
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(between.Close)
	return between.URL
}

// A restore that AWS ends with the table left there is named with it, by each apply until the table can be used, or is gone.
func TestAccTableCopy_restoreLeavesATable(t *testing.T) {
	t.Parallel()
	acceptance(t)
	usable := func(server *controlplane.Server, a *account) {
		server.EditTable(a.region, a.accessKey, "copy", func(d *types.TableDescription) { d.TableStatus = types.TableStatusActive })
	}
	const recovery = `backup_restore = { point_in_time = "latest" }`
	for name, test := range map[string]struct {
		more  string
		solve func(*controlplane.Server, *account)
	}{
		"backup": {"", usable}, "recovery": {recovery, usable}, "deleted": {recovery, func(_ *controlplane.Server, a *account) { a.drop("copy") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, a := tableAccount(t)
			items := planeOrders(20)
			a.put("orders", items...)
			a.recover("orders")
			failed := saying("Restore Failed", "table/copy", "INACCESSIBLE_ENCRYPTION_CREDENTIALS")
			apply(t,
				resource.TestStep{
					PreConfig:   func() { server.LeaveRestores(1, types.TableStatusInaccessibleEncryptionCredentials) },
					Config:      a.restoreConfig(test.more),
					ExpectError: failed,
				},
				resource.TestStep{Config: a.restoreConfig(test.more), ExpectError: failed},
				resource.TestStep{
					PreConfig: func() { test.solve(server, a) },
					Config:    a.restoreConfig(test.more),
					Check:     resource.TestCheckResourceAttr(thisCopy, "destination_created", "true"),
				},
			)
			equal(t, a.scan("copy"), items, "id", "sort")
			a.likeOrders("copy")
		})
	}
}
