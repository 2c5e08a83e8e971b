// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// The same two items in the forms that a file may have. Only DynamoDB JSON has sets and binaries.
const (
	plainLines = `{"id": "ü-1", "amount": 12345678901234567890123456789012345678, "gift": true, "note": null, "lines": [{"sku": "A", "n": 1.50}], "empty": ""}

{"id": "2", "amount": -1e-3, "lines": [], "more": {}}
`
	dynamoLines = `{"id":{"S":"ü-1"},"amount":{"N":"12345678901234567890123456789012345678"},"gift":{"BOOL":true},"note":{"NULL":true},"lines":{"L":[{"M":{"sku":{"S":"A"},"n":{"N":"1.50"}}}]},"empty":{"S":""}}
{"id":{"S":"2"},"amount":{"N":"-0.001"},"lines":{"L":[]},"more":{"M":{}}}`
)

func fileItems() []item {
	return []item{
		{
			"id": s("ü-1"), "amount": n("12345678901234567890123456789012345678"), "gift": &types.AttributeValueMemberBOOL{Value: true},
			"note": &types.AttributeValueMemberNULL{Value: true}, "lines": list(object(item{"sku": s("A"), "n": n("1.5")})), "empty": s(""),
		},
		{"id": s("2"), "amount": n("-0.001"), "lines": list(), "more": object(item{})},
	}
}

// exported wraps lines of DynamoDB JSON as AWS's exports do.
func exported(lines string) string {
	return `{"Item":` + strings.ReplaceAll(lines, "\n", "}\n"+`{"Item":`) + "}\n"
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(text))
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

func zstandard(t *testing.T, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(w.EncodeAll([]byte(text), nil))
}

func writeFile(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAccTableCopy_fromFile(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	files := map[string]string{
		"plain.jsonl":    plainLines,
		"dynamodb.jsonl": dynamoLines,
		"windows.jsonl":  strings.ReplaceAll(dynamoLines, "\n", "\r\n"),
		"export.json":    exported(dynamoLines),
		"plain.gz":       gzipped(t, plainLines),
		"no-suffix":      gzipped(t, exported(dynamoLines)),
		"plain.zst":      zstandard(t, plainLines),
		"named.zst":      dynamoLines, // The content tells, not the name.
	}
	folder := t.TempDir()
	for name, content := range files {
		writeFile(t, filepath.Join(folder, name), content)
		a.create(name, "id:S")
	}
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), fmt.Sprintf(`
locals {
  names = sort(fileset(%[1]q, "*"))
}
resource "dynamoops_table_copy" "this" {
  count       = length(local.names)
  source      = { file = "%[1]s/${local.names[count.index]}" }
  destination = { table = local.names[count.index] }
}
output "written" {
  value = join(" ", [for run in dynamoops_table_copy.this : "${run.destination.table}=${run.items_scanned}/${run.items_written}${run.source_table_arn}"])
}`, folder)),
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("written", knownvalue.StringExact(
			"dynamodb.jsonl=2/2 export.json=2/2 named.zst=2/2 no-suffix=2/2 plain.gz=2/2 plain.jsonl=2/2 plain.zst=2/2 windows.jsonl=2/2"))},
	})
	for name := range files {
		t.Logf("file %s", name)
		equal(t, a.scan(name), fileItems(), "id")
	}
}

func TestAccTableCopy_toFileAndBack(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	items := orders(60)
	items[7] = with(everyType(), items[7])
	a.put("from", items...)
	folder := t.TempDir()
	names := []string{"dump.jsonl", "dump.jsonl.gz", "dump.zst"}
	var back []statecheck.StateCheck
	for index, name := range names {
		a.create(name, "id:S")
		back = append(back, ledger(fmt.Sprintf("dynamoops_table_copy.back[%d]", index), "items_written", 60, 0))
	}
	dump := hcl(a.provider(), fmt.Sprintf(`
locals {
  names = ["dump.jsonl", "dump.jsonl.gz", "dump.zst"]
}
resource "dynamoops_table_copy" "dump" {
  count       = length(local.names)
  source      = { table = "from" }
  destination = { file = "%s/${local.names[count.index]}" }
}`, folder))
	apply(t,
		resource.TestStep{Config: dump, ConfigStateChecks: []statecheck.StateCheck{ledger("dynamoops_table_copy.dump[0]", "items_written", 60, 0)}},
		resource.TestStep{
			Config: hcl(dump, `
resource "dynamoops_table_copy" "back" {
  count       = length(local.names)
  source      = { file = dynamoops_table_copy.dump[count.index].destination.file }
  destination = { table = local.names[count.index] }
}`),
			ConfigStateChecks: back,
		},
	)
	for _, name := range names {
		equal(t, a.scan(name), items, "id")
		file := filepath.Join(folder, name)
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o, want 600", name, mode)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		starts := map[string]string{"dump.jsonl": `{"Item":{`, "dump.jsonl.gz": "\x1f\x8b", "dump.zst": "\x28\xb5\x2f\xfd"}
		if !bytes.HasPrefix(content, []byte(starts[name])) {
			t.Errorf("%s begins with %.9q", name, content)
		}
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != len(names) {
		t.Errorf("the folder holds %v, %v", left, err)
	}
}
