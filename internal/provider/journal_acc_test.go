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

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// withJournal is the provider block with another journal.
func (a *account) withJournal(block string) string {
	return strings.Replace(a.provider(), fmt.Sprintf("journal { path = %q }", a.journal), block, 1)
}

const copyAll = `
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { table = "copy" }
}`

func TestAccJournal_configuration(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.create("copy", "id:S")
	for name, test := range map[string]struct{ block, says string }{
		"two places":          {"journal {\n path = \"p\"\n s3 {\n bucket = \"journals\"\n }\n }", "Invalid Attribute Combination"},
		"no bucket":           {"journal {\n s3 {\n prefix = \"p\"\n }\n }", `Attribute "journal.s3.bucket" must be specified`},
		"a file":              {fmt.Sprintf("journal {\n path = %q\n }", writeFile(t, filepath.Join(t.TempDir(), "file"), "")), "Journal Cannot Be Used"},
		"a name that is none": {"journal {\n s3 {\n bucket = \"s3://journals\"\n }\n }", "must be the name of a bucket"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apply(t, resource.TestStep{Config: hcl(a.withJournal(test.block), copyAll), PlanOnly: true, ExpectError: saying(test.says)})
		})
	}
}

// A plan finds that a journal in S3 cannot be used, and says what is missing.
func TestAccJournal_unusable(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server := s3local.New(t)
	bucket := server.Bucket(t)
	denied := s3local.New(t)
	deniedBucket := denied.Bucket(t)
	denied.OnRequest(func(*http.Request) *s3local.Refusal {
		return &s3local.Refusal{Status: http.StatusForbidden, Code: "AccessDenied"}
	})
	for name, test := range map[string]struct {
		server *s3local.Server
		bucket string
		says   string
	}{
		"no such bucket": {server, bucket + "x", "There is no such bucket as that of the journal."},
		"denied":         {denied, deniedBucket, "These credentials may not call s3:ListBucket on the journal."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("from", "id:S")
			a.create("copy", "id:S")
			a.s3 = test.server.URL
			block := fmt.Sprintf("journal {\n    s3 {\n      bucket = %q\n    }\n  }", test.bucket)
			apply(t, resource.TestStep{Config: hcl(a.withJournal(block), copyAll), PlanOnly: true, ExpectError: saying("Journal Cannot Be Used", test.says)})
		})
	}
}

// A run that fails, and whose progress cannot be saved, says both, and promises nothing.
func TestAccJournal_cannotBeSaved(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server := s3local.New(t)
	bucket := server.Bucket(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.create("copy", "id:S")
	a.put("from", orders(500)...)
	a.s3 = server.URL
	var failing atomic.Bool
	server.OnRequest(func(r *http.Request) *s3local.Refusal {
		if !failing.Load() || r.Method != http.MethodPut {
			return nil
		}
		return &s3local.Refusal{Status: http.StatusForbidden, Code: "AccessDenied"}
	})
	var batches atomic.Int64
	p := newProxy(t, a.url, func(operation string) *faultproxy.Reply {
		if operation != "BatchWriteItem" || batches.Add(1) < 15 {
			return nil
		}
		failing.Store(true)
		return denied()
	})
	w := newWorkspace(t)
	w.write("main.tf", hcl(a.through(p.URL).withJournal(fmt.Sprintf("journal {\n    s3 {\n      bucket = %q\n    }\n  }", bucket)), `
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { table = "copy" }
  throughput  = { concurrency = 1, segments = 40 }
}`))
	said, err := w.terraform("apply", "-auto-approve", "-no-color")
	if err == nil || !strings.Contains(said, "Permission Missing") || !strings.Contains(said, "Journal Cannot Be Used") || strings.Contains(said, "resumes there") {
		t.Errorf("%v\n%s", err, said)
	}
}
