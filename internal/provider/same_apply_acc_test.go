// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A copy reads what another one writes in the same apply, a file, and is refused with the way if it names the file by its path.
func TestAccSameApply_fileOfACopy(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.create("dst", "id:S")
	a.put("from", orders(12)...)
	w := newWorkspace(t)
	config := func(file, release string) {
		w.write("main.tf", hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "dump" {
  source      = { table = "from" }
  destination = { file = "${path.module}/dump.jsonl" }
  triggers    = { release = %q }
}
resource "dynamoops_table_copy" "load" {
  source      = { file = %s }
  destination = { table = "dst" }
  depends_on  = [dynamoops_table_copy.dump]
}
output "file" { value = dynamoops_table_copy.dump.destination_file }
output "none" { value = dynamoops_table_copy.load.destination_file == null }`, release, file)))
	}
	config("dynamoops_table_copy.dump.destination.file", "1")
	if output, err := w.terraform("plan", "-no-color"); err == nil ||
		!saying("File Cannot Be Used", "dynamoops_table_copy.NAME.destination_file", "depends_on alone does not").MatchString(output) {
		t.Fatalf("by its path: %v\n%s", err, output)
	}
	config("dynamoops_table_copy.dump.destination_file", "1")
	output := w.must("apply", "-auto-approve", "-no-color")
	if !strings.Contains(output, `file = "./dump.jsonl"`) || !strings.Contains(output, "none = true") {
		t.Errorf("outputs:\n%s", output)
	}
	equal(t, a.scan("dst"), orders(12), "id")
	w.must("plan", "-detailed-exitcode")
	config("dynamoops_table_copy.dump.destination.file", "1") // The same path: nothing runs.
	w.must("plan", "-detailed-exitcode")

	// Another dump is another file to load, even where the old one is not any more.
	config("dynamoops_table_copy.dump.destination_file", "2")
	a.put("from", with(item{"id": s("new")}, orders(1)[0]))
	if err := os.Remove(filepath.Join(w.folder, "dump.jsonl")); err != nil {
		t.Fatal(err)
	}
	if output := w.must("apply", "-auto-approve", "-no-color"); !strings.Contains(output, "2 added, 0 changed, 2 destroyed") {
		t.Errorf("the second release:\n%s", output)
	}
	if got, want := len(a.scan("dst")), len(a.scan("from")); got != want {
		t.Errorf("%d items, want %d", got, want)
	}

	// A state of a version that did not know the output gets it.
	state := filepath.Join(w.folder, "terraform.tfstate")
	text, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	old := strings.ReplaceAll(string(text), `"destination_file": "./dump.jsonl",`, "")
	if old == string(text) {
		t.Fatal("the state has no destination_file")
	}
	writeFile(t, state, old)
	w.must("plan", "-detailed-exitcode")
}

// ready delays what is checked until a change that the same apply makes.
const ready = `
resource "terraform_data" "ready" {
  depends_on = [terraform_data.change]
}
`

// changing is a resource of another provider, whose creation has change called.
func changing(t *testing.T, w *workspace, change func() error) {
	t.Helper()
	w.write("change.tf", `
resource "terraform_data" "change" {
  provisioner "local-exec" {
    command = "touch asked; while [ ! -e done ]; do sleep 0.1; done"
  }
}`)
	go func() {
		for t.Context().Err() == nil {
			if _, err := os.Stat(filepath.Join(w.folder, "asked")); err == nil {
				if err := change(); err != nil {
					t.Error(err)
				}
				if err := os.WriteFile(filepath.Join(w.folder, "done"), nil, 0o600); err != nil {
					t.Error(err)
				}
				return
			} else if !errors.Is(err, fs.ErrNotExist) {
				t.Error(err)
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}()
}

// What the same apply adds to a table is missing in the plan. The message says so, and the documented way delays the check.
func TestAccSameApply_index(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.create("dst", "id:S")
	a.put("from", orders(9)...)
	w := newWorkspace(t)
	changing(t, w, func() error {
		_, err := a.client.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
			TableName:            aws.String("from"),
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("status"), AttributeType: types.ScalarAttributeTypeS}},
			GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
				IndexName: aws.String("by-status"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
				KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("status"), KeyType: types.KeyTypeHash}},
			}}},
		})
		for err == nil {
			var is *dynamodb.DescribeTableOutput
			is, err = a.client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("from")})
			if err == nil && is.Table.GlobalSecondaryIndexes[0].IndexStatus == types.IndexStatusActive {
				return nil
			}
		}
		return err
	})
	refusedThenDelayed(t, w, a.provider(), `
resource "dynamoops_table_copy" "this" {
  source      = { table = %s, index = "by-status" }
  destination = { table = "dst" }
  %s
}`, "from", "Index Not Found", "If this same apply creates the index")
	equal(t, a.scan("dst"), orders(9), "id")
}

// Point-in-time recovery, too, may be turned on by the apply that purges.
func TestAccSameApply_recovery(t *testing.T) {
	t.Parallel()
	acceptance(t)
	_, a := tableAccount(t)
	a.put("orders", item{"id": s("1"), "sort": s("a")}, item{"id": s("2"), "sort": s("b")})
	w := newWorkspace(t)
	changing(t, w, func() error {
		for {
			_, err := a.client.UpdateContinuousBackups(t.Context(), &dynamodb.UpdateContinuousBackupsInput{
				TableName: aws.String("orders"), PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
			})
			if _, early := errors.AsType[*types.ContinuousBackupsUnavailableException](err); !early { // The table is new.
				return err
			}
		}
	})
	providerBlock := a.recreateProvider()
	refusedThenDelayed(t, w, providerBlock, `
resource "dynamoops_table_purge" "this" {
  table        = %s
  method       = "delete_items"
  require_pitr = true
  %s
}`, "orders", "No Point-In-Time Recovery", "If this same apply turns it on")
	if left := a.scan("orders"); len(left) > 0 {
		t.Errorf("%d items are left", len(left))
	}
}

// refusedThenDelayed plans the run, which is refused before the change, and applies it in the documented way. The second plan is empty.
func refusedThenDelayed(t *testing.T, w *workspace, providerBlock, run, table string, says ...string) {
	t.Helper()
	w.write("main.tf", hcl(providerBlock, fmt.Sprintf(run, fmt.Sprintf("%q", table), "depends_on = [terraform_data.change]")))
	says = append(says, "depends_on does not change that", `"What a plan checks"`)
	if output, err := w.terraform("plan", "-no-color"); err == nil || !saying(says...).MatchString(output) {
		t.Fatalf("%v\n%s", err, output)
	}
	w.write("main.tf", hcl(providerBlock, ready, fmt.Sprintf(run, `"`+table+`${substr(terraform_data.ready.id, 0, 0)}"`, "")))
	w.must("apply", "-auto-approve", "-no-color")
	w.must("plan", "-detailed-exitcode")
}
