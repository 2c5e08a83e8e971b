// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// What is planted in items, keys and credentials.
const (
	plantedValue  = "planted-value-4711"
	plantedKey    = "planted-key-4712"
	plantedFilter = "planted-filter-4713"
	plantedSalt   = "planted-salt-4714"
	plantedNumber = "31415926535897932384626433832795028841"
)

// No item's value and no credential is in anything that Terraform and the provider write, and no filter's value but where
// the configuration is kept, at the most talkative level of logging.
func TestAccSecrets_stayWithinTheRun(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	a.create("copy", "id:S")
	a.create("loaded", "id:S")
	a.create("hashed", "id:S")
	a.create("other-key", "number:N")
	a.put("orders", item{"id": s(plantedKey), "text": s(plantedValue), "amount": n(plantedNumber), "bytes": b(plantedValue)})

	w := newWorkspace(t)
	log := filepath.Join(t.TempDir(), "trace.log")
	w.environment = append(w.environment, "TF_LOG=TRACE", "TF_VAR_salt="+plantedSalt, "TF_LOG_PATH="+log, "AWS_ACCESS_KEY_ID="+a.accessKey, "AWS_SECRET_ACCESS_KEY="+a.secretKey)
	w.write("items.jsonl", fmt.Sprintf(`{"id": %q, "text": %q, "amount": %s}`+"\n", plantedKey, plantedValue, plantedNumber))
	w.write("broken.jsonl", fmt.Sprintf(`{"id": {"S": %q}, "text": {"S": %q}, "amount": {"N": "%s1"}}`+"\n", plantedKey, plantedValue, plantedNumber))
	p := newProxy(t, a.url, nil)
	environment := *a // The credentials are in the environment.
	environment.accessKey, environment.secretKey = "", ""
	block := strings.NewReplacer("access_key                  = \"\"", "", "secret_key                  = \"\"", "").Replace(environment.through(p.URL).provider())
	block = hcl(block, "variable \"salt\" {\n  ephemeral = true\n}")
	w.write("main.tf", hcl(block, `
resource "dynamoops_table_copy" "table" {
  source      = { table = "orders" }
  destination = { table = "copy" }
}
resource "dynamoops_table_copy" "file" {
  source      = { file = "items.jsonl" }
  destination = { table = "loaded" }
}
resource "dynamoops_table_copy" "transformed" {
  source      = { table = "orders" }
  destination = { table = "hashed" }
  transform   = [{ set = { id = "hmac(item.id)" } }, { mask = ["text"] }]
  hmac_key_wo = var.salt
}
resource "dynamoops_table_purge" "filter" {
  table      = "orders"
  filter     = { expression = "filtered <> :v AND amount > :n", values = { ":v" = "`+plantedFilter+`", ":n" = 1 } }
  depends_on = [dynamoops_table_copy.table, dynamoops_table_copy.transformed]
}`))
	var said, failures strings.Builder
	said.WriteString(w.must("plan", "-no-color", "-out=plan.bin"))
	planJSON := w.must("show", "-json", "plan.bin")
	said.WriteString(w.must("apply", "-no-color", "plan.bin"))
	if left := len(a.scan("orders")); left != 0 {
		t.Fatalf("the runs left %d items", left)
	}
	state, err := os.ReadFile(filepath.Join(w.folder, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}

	// Runs that fail, on items and on what DynamoDB says of them.
	a.put("orders", item{"id": s(plantedKey), "text": s(plantedValue)})
	var message atomic.Pointer[string]
	p.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
		if operation != "BatchWriteItem" && operation != "PutItem" {
			return nil
		}
		return faultproxy.Error(400, "ValidationException", *message.Load())
	})
	w.write("equal.jsonl", fmt.Sprintf(`{"id": {"S": %q}, "tags": {"SS": [%q, %[2]q]}}`+"\n", plantedKey, plantedValue))
	messages := []string{
		"The parameter cannot be converted to a numeric value: " + plantedValue,
		"One or more parameter values were invalid: Input collection [" + plantedValue + ", " + plantedNumber + "] contains duplicates",
		"Something that DynamoDB does not say today: " + plantedKey,
	}
	for i, failing := range []string{
		`source = { table = "orders" }`, `source = { file = "broken.jsonl" }`, `source = { file = "items.jsonl" }`, `source = { file = "equal.jsonl" }`,
		"source = { table = \"orders\" }\n  on_item_error = \"skip\"", "source = { file = \"items.jsonl\" }\n  on_conflict = \"skip\"",
		"source = { table = \"orders\" }\n  transform = [{ set = { a = \"int(item.text)\" } }]",
		"source = { table = \"orders\" }\n  transform = [{ set = { a = \"item[item.text]\" } }]",
		"source = { table = \"orders\" }\n  transform = [{ remove = [\"text.x\"] }]",
		"source = { table = \"orders\" }\n  transform = [{ set = { id = \"hmac(item.none)\" } }]\n  hmac_key_wo = var.salt",
		"source = { table = \"orders\" }\n  filter = { expression = \"id = = :v\", values = { \":v\" = \"" + plantedFilter + "\" } }",
		"source = { table = \"orders\" }\n  filter = { expression = \"size(text, :v)\", values = { \":v\" = \"" + plantedFilter + "\" } }",
	} {
		message.Store(&messages[i%len(messages)])
		w.write("main.tf", hcl(block, fmt.Sprintf("resource \"dynamoops_table_copy\" \"failing\" {\n  %s\n  destination = { table = \"copy\" }\n}", failing)))
		output, err := w.terraform("apply", "-no-color", "-auto-approve")
		if err == nil || !strings.Contains(output, "Error: ") {
			t.Fatalf("%s did not fail:\n%s", failing, output)
		}
		failures.WriteString(output[strings.Index(output, "Error: "):])
	}

	trace := readTrace(t, log)
	secrets := []string{plantedSalt, plantedValue, base64.StdEncoding.EncodeToString([]byte(plantedValue)), plantedNumber, a.secretKey}
	places := map[string][]byte{"the plan": []byte(planJSON), "the state": state, "what Terraform said": []byte(said.String())}
	for name, content := range rest(t, w.folder) {
		places[name] = content
	}
	for place, content := range places {
		lacks(t, place, content, append(secrets, plantedKey)...)
	}
	lacks(t, "the trace log", trace, append(secrets, plantedKey)...)
	// Terraform itself logs what the state holds where a type is dynamic.
	lacks(t, "the provider's log", ownLines(trace), append(secrets, plantedKey, plantedFilter)...)
	lacks(t, "a diagnostic", []byte(failures.String()), append(secrets, plantedKey, plantedFilter)...)
	for name, content := range rest(t, a.journal) { // To go on there, it may hold keys.
		lacks(t, name, content, append(secrets, plantedFilter)...)
	}
}

// Nor is one in what is written when AWS exports and loads the items, when they go to S3 and back, when some are set aside, when the
// destination is not as it should be, and when an action does it.
func TestAccSecrets_ofOtherWays(t *testing.T) {
	t.Parallel()
	w := newActionWorkspace(t)
	x := newExporting(t)
	for _, table := range []string{"back", "skipped", "differs", "acted"} {
		x.create(table, "id:S", "amount:N")
	}
	key := item{"id": s(plantedKey), "amount": n(plantedNumber)}
	x.put("from", with(key, item{"text": s(plantedValue), "bytes": b(plantedValue)}))
	log := filepath.Join(t.TempDir(), "trace.log")
	w.environment = append(w.environment, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	block := x.provider()
	w.write("main.tf", hcl(block, fmt.Sprintf(`
resource "dynamoops_table_copy" "exported" {
  source      = { table = "from" }
  destination = { table = "dest" }
  method      = "export_import"
  export      = { s3_bucket = %[1]q, s3_prefix = "on-the-way" }
}
resource "dynamoops_table_copy" "to_s3" {
  source      = { table = "from" }
  destination = { s3 = { bucket = %[1]q, prefix = "files/" } }
  method      = "scan"
}
resource "dynamoops_table_copy" "from_s3" {
  source      = { s3 = { bucket = %[1]q, prefix = dynamoops_table_copy.to_s3.destination_s3_prefix } }
  destination = { table = "back" }
}
resource "dynamoops_table_copy" "skipped" {
  source        = { table = "from" }
  destination   = { table = "skipped" }
  transform     = [{ remove = ["text.x"] }]
  on_item_error = "skip"
}
action "dynamoops_table_copy" "act" {
  config {
    source      = { table = "from" }
    destination = { table = "acted" }
    filter      = { expression = "filtered <> :v", values = { ":v" = %[2]q } }
  }
}`, x.storage.bucket, plantedFilter)))
	var said strings.Builder
	said.WriteString(w.must("apply", "-no-color", "-auto-approve"))
	said.WriteString(w.must("apply", "-no-color", "-auto-approve", "-invoke=action.dynamoops_table_copy.act"))
	for _, table := range []string{"dest", "back", "acted"} {
		if got := len(x.scan(table)); got != len(x.items)+1 {
			t.Fatalf("%s holds %d items", table, got)
		}
	}
	if set := len(x.scan("skipped")); set == len(x.items)+1 {
		t.Fatal("no item was set aside")
	}
	if !strings.Contains(said.String(), "Items Were Set Aside") {
		t.Error("it is not said that items were set aside")
	}
	var written atomic.Bool
	var once sync.Once
	x.server.OnRequest(func(call controlplane.Call, _ []byte) error {
		switch {
		case call.Table != "differs":
		case call.Operation == "BatchWriteItem":
			written.Store(true)
		case call.Operation == "Scan" && written.Load(): // Every segment waits for the change, not only the first to come.
			once.Do(func() { x.put("differs", with(key, item{"text": s(plantedValue + " of somebody else")})) })
		}
		return nil
	})
	for arguments, action := range map[string]bool{
		`destination = { table = "differs" }` + "\n" + `verify = "full"`:                     false,
		`destination = { table = "acted" }` + "\n" + `transform = [{ remove = ["text.x"] }]`: true,
	} {
		block, invoke := hcl(x.provider(), fmt.Sprintf("resource \"dynamoops_table_copy\" \"fails\" {\n  source = { table = \"from\" }\n  %s\n}", arguments)), []string{}
		if action {
			block = hcl(x.provider(), fmt.Sprintf("action \"dynamoops_table_copy\" \"fails\" {\n config {\n  source = { table = \"from\" }\n  %s\n}\n}", arguments))
			invoke = []string{"-invoke=action.dynamoops_table_copy.fails"}
		}
		w.write("main.tf", block)
		output, err := w.terraform(append([]string{"apply", "-no-color", "-auto-approve"}, invoke...)...)
		if err == nil || !strings.Contains(output, "Error: Destination Differs") && !strings.Contains(output, "Error: Transform Failed") {
			t.Fatalf("%s did not fail:\n%s", arguments, output)
		}
		said.WriteString(output)
	}

	trace := readTrace(t, log)
	secrets := []string{plantedKey, plantedValue, base64.StdEncoding.EncodeToString([]byte(plantedValue)), plantedNumber, x.secretKey}
	lacks(t, "what Terraform said", []byte(said.String()), secrets[:4]...) // The configuration, with the credentials, is shown as it is.
	lacks(t, "the provider's log", ownLines(trace), append(secrets, plantedFilter)...)
	for name, content := range rest(t, w.folder) {
		if filepath.Base(name) != "main.tf" { // It holds the credentials.
			lacks(t, name, content, secrets...)
		}
	}
	for name, content := range rest(t, x.journal) { // To go on there, it may hold keys.
		lacks(t, name, content, append(secrets[1:], plantedFilter)...)
	}
}

// readTrace is the log, which must have what the provider says at the most talkative level.
func readTrace(t *testing.T, log string) []byte {
	t.Helper()
	trace, err := os.ReadFile(log)
	if err != nil || !bytes.Contains(ownLines(trace), []byte("[TRACE]")) {
		t.Fatalf("no trace log: %v", err)
	}
	return trace
}

// ownLines are the lines of a log that the provider has written.
func ownLines(log []byte) []byte {
	var lines []byte
	for line := range bytes.Lines(log) {
		if bytes.Contains(line, []byte("provider.terraform-provider-dynamoops")) {
			lines = append(lines, line...)
		}
	}
	return lines
}

func lacks(t *testing.T, place string, content []byte, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if at := bytes.Index(content, []byte(secret)); at >= 0 {
			t.Errorf("%s: %q is in it: %q", place, secret, content[max(0, at-150):min(len(content), at+len(secret)+20)])
		}
	}
}

// rest are the files that Terraform and the provider have written besides, such as the journal and the backup of the state.
func rest(t *testing.T, folders ...string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, ".jsonl") {
				return err
			}
			files[path], err = os.ReadFile(path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}
