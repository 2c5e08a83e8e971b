// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// storage is an S3 of its own with a bucket for the account.
type storage struct {
	*s3local.Server
	bucket string
}

func (a *account) withS3() storage {
	a.t.Helper()
	server := s3local.New(a.t)
	a.s3 = server.URL
	return storage{server, server.Bucket(a.t)}
}

func (s storage) put(t *testing.T, key, content string) {
	t.Helper()
	if _, err := s.Client().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(s.bucket), Key: aws.String(key), Body: strings.NewReader(content)}); err != nil {
		t.Fatal(err)
	}
}

func (s storage) get(t *testing.T, key string) string {
	t.Helper()
	answer, err := s.Client().GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(s.bucket), Key: aws.String(key)})
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// A table comes back from S3 as it was, in a table and in a file.
func TestAccTableCopy_toS3AndBack(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	store := a.withS3()
	items := orders(700)
	items[7] = with(everyType(), items[7])
	for _, table := range []string{"from", "back", "from-file"} {
		a.create(table, "id:S")
	}
	a.put("from", items...)
	file := filepath.Join(t.TempDir(), "dump.jsonl")
	export := hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "export" {
  source      = { table = "from" }
  destination = { s3 = { bucket = %q, prefix = "backups/" } }
  verify      = "full"
}`, store.bucket))
	const back = `
resource "dynamoops_table_copy" "back" {
  source      = { s3 = { bucket = dynamoops_table_copy.export.destination.s3.bucket, prefix = dynamoops_table_copy.export.destination_s3_prefix%s } }
  destination = { table = "back" }
}`
	dumped := hcl(export, fmt.Sprintf(back, ""), fmt.Sprintf(`
resource "dynamoops_table_copy" "file" {
  source      = { s3 = { bucket = %q, prefix = "backups" } }
  destination = { file = %q }
  transform   = [{ drop_if = "false" }]
  verify      = "full"
}`, store.bucket, file))
	all := hcl(dumped, `
resource "dynamoops_table_copy" "from_file" {
  source      = { file = dynamoops_table_copy.file.destination.file }
  destination = { table = "from-file" }
}`)
	apply(t,
		resource.TestStep{
			Config: export,
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestMatchResourceAttr("dynamoops_table_copy.export", "destination_s3_prefix", saying("backups/AWSDynamoDB/")),
				resource.TestCheckResourceAttr("dynamoops_table_copy.export", "destination_table_arn", ""),
				resource.TestCheckResourceAttr("dynamoops_table_copy.export", "verified", "true"),
			),
			ConfigStateChecks: []statecheck.StateCheck{ledger("dynamoops_table_copy.export", "items_written", 700, 0)},
		},
		resource.TestStep{Config: dumped, ConfigStateChecks: []statecheck.StateCheck{
			ledger("dynamoops_table_copy.back", "items_written", 700, 0), ledger("dynamoops_table_copy.file", "items_written", 700, 0),
		}},
		resource.TestStep{Config: all},
		// The default written down is no other copy.
		resource.TestStep{
			Config:           strings.Replace(all, "destination_s3_prefix }", `destination_s3_prefix, format = "dynamodb_json" }`, 1),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction("dynamoops_table_copy.back", plancheck.ResourceActionNoop)}},
		},
		// Another format is, and the plan finds that the manifests of the folder are not items.
		resource.TestStep{
			Config:      strings.Replace(all, "destination_s3_prefix }", `destination_s3_prefix, format = "jsonl" }`, 1),
			ExpectError: saying("Malformed File"),
		},
	)
	equal(t, a.scan("back"), items, "id")
	equal(t, a.scan("from-file"), items, "id")
}

// Objects of one item a line are read whatever they are compressed with.
func TestAccTableCopy_linesFromS3(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	store := a.withS3()
	a.create("copy", "id:S")
	store.put(t, "fixtures/a/plain.jsonl", plainLines)
	store.put(t, "fixtures/b.gz", gzipped(t, exported(`{"id":{"S":"3"}}`)))
	store.put(t, "fixtures/c", zstandard(t, `{"id":"4"}`))
	store.put(t, "fixtures-other/d", `{"id":"5"}`)
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { s3 = { bucket = %q, prefix = "fixtures", format = "jsonl" } }
  destination = { table = "copy" }
}
data "dynamoops_estimate" "this" {
  source      = { s3 = { bucket = %[1]q, prefix = "fixtures", format = "jsonl" } }
  destination = { table = "copy" }
}`, store.bucket)),
		Check:             resource.TestCheckResourceAttr("data.dynamoops_estimate.this", "estimated_items", "4"),
		ConfigStateChecks: []statecheck.StateCheck{ledger("dynamoops_table_copy.this", "items_written", 4, 0)},
	})
	equal(t, a.scan("copy"), append(fileItems(), item{"id": s("3")}, item{"id": s("4")}), "id")
}

// What cannot be read or written is found when it is planned.
func TestAccTableCopy_s3Refused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	store := a.withS3()
	a.create("orders", "id:S")
	const id = "AWSDynamoDB/01693685827463-2d8752fd"
	store.put(t, "lines/one", "{\"id\":\"1\"}\n{\"id\":7}\n")
	manifest := func(name, content string) {
		sum := md5.Sum([]byte(content))
		store.put(t, name+".json", content)
		store.put(t, name+".md5", base64.StdEncoding.EncodeToString(sum[:]))
	}
	manifest("damaged/"+id+"/manifest-summary", `{"outputFormat":"DYNAMODB_JSON","itemCount":5}`)
	manifest("damaged/"+id+"/manifest-files", "")
	manifest("ion/"+id+"/manifest-summary", `{"outputFormat":"ION"}`)
	store.put(t, "begun/"+id+"/_started", "")
	for _, prefix := range []string{"two/AWSDynamoDB/1", "two/AWSDynamoDB/2"} {
		store.put(t, prefix+"/manifest-summary.json", `{}`)
	}
	s3 := func(arguments string) string { return fmt.Sprintf("s3 = { bucket = %q, %s }", store.bucket, arguments) }
	const table = `table = "orders"`
	for name, test := range map[string]struct {
		source, destination, more string
		want                      []string
	}{
		"no bucket to read":   {`s3 = { bucket = "none-such" }`, table, "", []string{"S3 Cannot Be Used", "There is no such bucket"}},
		"no bucket to write":  {table, `s3 = { bucket = "none-such" }`, "", []string{"S3 Cannot Be Used", "There is no such bucket as that of s3://none-such."}},
		"no export":           {s3(`prefix = "nothing"`), table, "", []string{"No Export There", "nothing"}},
		"not complete":        {s3(`prefix = "begun"`), table, "", []string{"No Export There"}},
		"two exports":         {s3(`prefix = "two"`), table, "", []string{"More Than One Export", "two/AWSDynamoDB/2"}},
		"damaged":             {s3(`prefix = "damaged"`), table, "", []string{"Damaged Objects", "counts 5 items, its files 0"}},
		"ION":                 {s3(`prefix = "ion"`), table, "", []string{"Not A Full Export", "ION"}},
		"no lines":            {s3(`prefix = "nothing", format = "jsonl"`), table, "", []string{"Nothing To Read"}},
		"a line without key":  {s3(`prefix = "lines", format = "jsonl"`), table, "", []string{"Malformed File", "Line 2 of", "lines/one"}},
		"filter":              {s3(`prefix = "lines", format = "jsonl"`), table, `filter = { expression = "attribute_exists(a)" }`, []string{"A File Has No Filter"}},
		"endpoint beside s3":  {s3(`prefix = "lines"`) + `, endpoint = "http://localhost:1"`, table, "", []string{"Invalid Attribute Combination", "endpoint means nothing beside s3"}},
		"index beside s3":     {s3(`prefix = "lines"`) + `, index = "by-status"`, table, "", []string{"index means nothing beside s3"}},
		"table and s3":        {table, table + ", " + s3(`prefix = "x"`), "", []string{"Exactly one of table, s3 and file must be given. 2 are."}},
		"no name of a bucket": {`s3 = { bucket = "s3://bucket" }`, table, "", []string{"must be the name of a bucket"}},
		"no such format":      {s3(`format = "csv"`), table, "", []string{`"dynamodb_json" "jsonl"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusedAtPlan(t, a, fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source = { %s }
  destination = { %s }
  %s
}`, test.source, test.destination, test.more), test.want...)
		})
	}
}

// A copy to S3 that fails leaves nothing that could be taken for an export.
func TestAccTableCopy_toS3Fails(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	store := a.withS3()
	a.create("from", "id:S")
	a.put("from", orders(300)...)
	config := func(a *account) string {
		return hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { s3 = { bucket = %q } }
}`, store.bucket))
	}
	apply(t, resource.TestStep{Config: config(a.through(denyAfter(t, a, "Scan", 4))), ExpectError: saying("Permission Missing", "dynamodb:Scan")})
	if keys := store.Keys(t.Context(), t, store.bucket, ""); len(keys) != 0 {
		t.Errorf("%q are left", keys)
	}
	store.OnRequest(func(r *http.Request) *s3local.Refusal {
		if strings.HasSuffix(r.URL.Path, "manifest-files.json") {
			return &s3local.Refusal{Status: http.StatusForbidden, Code: "AccessDenied"}
		}
		return nil
	})
	apply(t, resource.TestStep{Config: config(a), ExpectError: saying("S3 Cannot Be Used", "These credentials may not call s3:PutObject on s3://"+store.bucket+".")})
	if keys := store.Keys(t.Context(), t, store.bucket, ""); len(keys) != 0 {
		t.Errorf("%q are left", keys)
	}
}

// A copy from S3 goes on where it was, and counts each item once; damage that is found on the way ends it.
func TestAccTableCopy_fromS3GoesOn(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	store := a.withS3()
	a.create("copy", "id:S")
	const objects, each = 40, 30 // More objects than are read at once.
	var want []item
	for number := range objects {
		var lines strings.Builder
		for line := range each {
			id := fmt.Sprintf("%02d-%02d", number, line)
			fmt.Fprintf(&lines, "{\"id\":%q}\n", id)
			want = append(want, item{"id": s(id)})
		}
		store.put(t, fmt.Sprintf("in/%02d", number), lines.String())
	}
	config := func(a *account) string {
		return hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { s3 = { bucket = %q, prefix = "in", format = "jsonl" } }
  destination = { table = "copy" }
  throughput  = { concurrency = 1 }
}`, store.bucket))
	}
	apply(t, resource.TestStep{Config: config(a.through(denyAfter(t, a, "BatchWriteItem", 40))), ExpectError: saying("Permission Missing", "resumes there")})
	apply(t, resource.TestStep{
		Config: config(a),
		Check: resource.ComposeTestCheckFunc(
			resource.TestCheckResourceAttr("dynamoops_table_copy.this", "resumed", "true"),
			resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_written", fmt.Sprint(objects*each)),
		),
	})
	equal(t, a.scan("copy"), want, "id")
	store.put(t, "in/39", store.get(t, "in/39")+"{\"id\":\n")
	apply(t, resource.TestStep{Config: config(a), ExpectError: saying("Malformed File", "Line 31 of s3://"+store.bucket+"/in/39")})
}

// The policy for a side in S3 has every action which the run calls there, and no other.
func TestAccTableCopy_s3Policy(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	store := a.withS3()
	a.create("from", "id:S")
	a.create("copy", "id:S")
	a.put("from", orders(9)...)
	var mu sync.Mutex
	made := map[string]map[string]bool{"out": {}, "in": {}}
	side := "out"
	store.OnRequest(func(r *http.Request) *s3local.Refusal {
		mu.Lock()
		defer mu.Unlock()
		action := map[string]string{http.MethodPut: "s3:PutObject", http.MethodGet: "s3:GetObject", http.MethodHead: "s3:GetObject", http.MethodPost: "s3:DeleteObject"}[r.Method]
		if r.URL.Query().Has("list-type") || r.URL.Path == "/"+store.bucket || r.URL.Path == "/"+store.bucket+"/" && r.Method == http.MethodHead {
			action = "s3:ListBucket"
		}
		made[side][action] = true
		return nil
	})
	export := fmt.Sprintf(`s3 = { bucket = %q, prefix = "p" }`, store.bucket)
	for _, run := range []struct {
		side, from, to, attribute string
		want                      map[string]string // Resources without the bucket's ARN, by action.
	}{
		{"out", fmt.Sprintf("table = %q", a.arn("from")), export, "destination_json", map[string]string{"s3:ListBucket": "", "s3:PutObject": "/p/*", "s3:DeleteObject": "/p/*"}},
		{"in", export, fmt.Sprintf("table = %q", a.arn("copy")), "source_json", map[string]string{"s3:ListBucket": "", "s3:GetObject": "/p/*"}},
	} {
		mu.Lock()
		side = run.side
		mu.Unlock()
		apply(t, resource.TestStep{
			Config: hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { %[1]s }
  destination = { %[2]s }
}
data "dynamoops_iam_policy" "this" {
  operation   = "copy"
  source      = { %[1]s }
  destination = { %[2]s }
}`, run.from, run.to)),
			Check: resource.TestCheckResourceAttrWith("data.dynamoops_iam_policy.this", run.attribute, func(policy string) error {
				given, err := allowed(strings.ReplaceAll(policy, "/*", "/ALL")) // Keys of new exports are not known before.
				want := map[permission]bool{}
				for action, resource := range run.want {
					want[permission{action, "arn:aws:s3:::" + store.bucket + strings.ReplaceAll(resource, "/*", "/ALL")}] = true
				}
				if err == nil && !maps.Equal(given, want) {
					err = fmt.Errorf("the policy allows\n%v\nwant\n%v", given, want)
				}
				return err
			}),
		})
		mu.Lock()
		for action := range made[run.side] {
			if _, ok := run.want[action]; !ok {
				t.Errorf("the run %s called %s", run.side, action)
			}
		}
		for action := range run.want {
			if !made[run.side][action] && action != "s3:DeleteObject" { // Only when a run fails.
				t.Errorf("the run %s did not call %s", run.side, action)
			}
		}
		mu.Unlock()
	}
}
