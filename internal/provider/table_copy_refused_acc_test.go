// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// createIndexed makes a table with the key id (S) and an index on email (S).
func (a *account) createIndexed(table string) {
	a.t.Helper()
	schema, definitions := keySchema("id:S")
	index, more := keySchema("email:S")
	a.createWith(&dynamodb.CreateTableInput{
		TableName: aws.String(table), KeySchema: schema, AttributeDefinitions: append(definitions, more...),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-email"), KeySchema: index, Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
}

// Items that DynamoDB refuses for good end a copy, or are set aside one by one while all others are written.
func TestAccTableCopy_itemsRefused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.createIndexed("copy")
	good := orders(300)
	bad := map[string]bool{}
	for i := range 7 {
		id := fmt.Sprintf("bad-%d", i)
		bad[id] = true
		a.put("from", item{"id": s(id), "email": n("4713")}) // The index wants a string.
	}
	a.put("from", good...)
	config := func(onItemError string) string {
		return hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source        = { table = "from" }
  destination   = { table = "copy" }
  on_item_error = %q
}`, onItemError))
	}
	apply(t, resource.TestStep{Config: config("fail"), ExpectError: saying("Request Refused By DynamoDB", "Table: copy", `on_item_error = "skip"`, "Index Key")})
	apply(t,
		resource.TestStep{
			Config: config("skip"),
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_scanned", "307"),
				resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_written", "300"),
				resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_failed", "7"),
			),
		},
		// Only the next run minds: a change runs nothing.
		resource.TestStep{Config: config("fail"), Check: resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_failed", "7")},
	)
	equal(t, a.scan("copy"), good, "id")

	files, err := filepath.Glob(filepath.Join(a.journal, "dead-letters-*.jsonl"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files of refused items: %v, %v", files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		var letter struct {
			Item  map[string]map[string]string
			Error string
		}
		if err := json.Unmarshal([]byte(line), &letter); err != nil {
			t.Fatal(err)
		}
		id := letter.Item["id"]["S"]
		if !bad[id] || letter.Item["email"]["N"] != "4713" || !strings.Contains(letter.Error, "Index Key") {
			t.Errorf("the file of refused items holds %v", letter)
		}
		delete(bad, id)
	}
	if len(bad) != 0 {
		t.Errorf("%v are not in the file of refused items", bad)
	}

	// Corrected, the file is a source.
	corrected := filepath.Join(t.TempDir(), "corrected.jsonl")
	if err := os.WriteFile(corrected, []byte(strings.ReplaceAll(string(content), `{"N":"4713"}`, `{"S":"me"}`)), 0o600); err != nil {
		t.Fatal(err)
	}
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { file = %q }
  destination = { table = "copy" }
}`, corrected)),
		Check: resource.TestCheckResourceAttr("dynamoops_table_copy.this", "items_written", "7"),
	})
}

// What was set aside is in one file. A run whose file is not there, or lacks some, on another machine for example, begins at the beginning.
func TestAccTableCopy_itemsRefusedElsewhere(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, test := range map[string]struct {
		change  func(t *testing.T, path string)
		resumed string
	}{
		"there":   {func(*testing.T, string) {}, "true"},
		"missing": {func(t *testing.T, path string) { check(t, os.Remove(path)) }, "false"},
		"shorter": {func(t *testing.T, path string) { check(t, os.Truncate(path, 0)) }, "false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("from", "id:S")
			a.create("copy", "id:S")
			all := orders(500)
			good := chosen(all, func(i item) bool { return !isOpen(i) })
			a.put("from", all...)
			config := func(a *account) string {
				return hcl(a.provider(), `
resource "dynamoops_table_copy" "this" {
  source        = { table = "from" }
  destination   = { table = "copy" }
  transform     = [{ set = { none = "item.status == 'OPEN' ? item.none : ''" } }, { remove = ["none"] }]
  on_item_error = "skip"
  verify        = "full"
  throughput    = { concurrency = 1, segments = 40 }
}`)
			}
			apply(t, resource.TestStep{Config: config(a.through(denyAfter(t, a, "BatchWriteItem", 8))), ExpectError: saying("Permission Missing")})
			files := deadLetters(t, a)
			if len(files) != 1 {
				t.Fatalf("files of refused items: %v", files)
			}
			test.change(t, files[0])
			apply(t, resource.TestStep{Config: config(a), Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr("dynamoops_table_copy.this", "resumed", test.resumed),
				counts(map[string]int{"items_written": len(good), "items_failed": 500 - len(good)}),
			)})
			equal(t, a.scan("copy"), good, "id")
			content, err := os.ReadFile(files[0])
			check(t, err)
			ids := map[string]bool{}
			for line := range strings.Lines(string(content)) {
				id, _, _ := strings.Cut(line[strings.Index(line, "order-"):], `"`)
				ids[id] = true
			}
			if files := deadLetters(t, a); len(files) != 1 || len(ids) != 500-len(good) {
				t.Errorf("%d items are in the file of refused ones, of %v", len(ids), files)
			}
		})
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// deadLetters are the files of refused items.
func deadLetters(t *testing.T, a *account) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(a.journal, "dead-letters-*.jsonl"))
	check(t, err)
	return files
}

// Two items that would be one at the destination are an error, also where refused items are skipped.
func TestAccTableCopy_twoItemsWithOneKey(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.createIndexed("from")
	a.create("copy", "email:S")
	a.put("from", item{"id": s("1"), "email": s("one")}, item{"id": s("2"), "email": s("one")})
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), `
resource "dynamoops_table_copy" "this" {
  source        = { table = "from", index = "by-email" }
  destination   = { table = "copy" }
  on_item_error = "skip"
}`),
		ExpectError: saying("Two Items With One Key", "would keep only one of them"),
	})
	equal(t, a.scan("copy"), nil, "email")
}
