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
	"testing"

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
	p.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
		if operation != "BatchWriteItem" {
			return nil
		}
		return faultproxy.Error(400, "ValidationException", "The parameter cannot be converted to a numeric value: "+plantedValue)
	})
	for _, failing := range []string{
		`source = { table = "orders" }`, `source = { file = "broken.jsonl" }`, `source = { file = "items.jsonl" }`,
		"source = { table = \"orders\" }\n  transform = [{ set = { a = \"int(item.text)\" } }]",
		"source = { table = \"orders\" }\n  transform = [{ set = { a = \"item[item.text]\" } }]",
		"source = { table = \"orders\" }\n  transform = [{ remove = [\"text.x\"] }]",
		"source = { table = \"orders\" }\n  transform = [{ set = { id = \"hmac(item.none)\" } }]\n  hmac_key_wo = var.salt",
		"source = { table = \"orders\" }\n  filter = { expression = \"id = = :v\", values = { \":v\" = \"" + plantedFilter + "\" } }",
		"source = { table = \"orders\" }\n  filter = { expression = \"size(text, :v)\", values = { \":v\" = \"" + plantedFilter + "\" } }",
	} {
		w.write("main.tf", hcl(block, fmt.Sprintf("resource \"dynamoops_table_copy\" \"failing\" {\n  %s\n  destination = { table = \"copy\" }\n}", failing)))
		output, err := w.terraform("apply", "-no-color", "-auto-approve")
		if err == nil || !strings.Contains(output, "Error: ") {
			t.Fatalf("%s did not fail:\n%s", failing, output)
		}
		failures.WriteString(output[strings.Index(output, "Error: "):])
	}

	trace, err := os.ReadFile(log)
	if err != nil || !bytes.Contains(linesOf(trace, "provider.terraform-provider-dynamoops"), []byte("[TRACE]")) {
		t.Fatalf("no trace log: %v", err)
	}
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
	lacks(t, "the provider's log", linesOf(trace, "provider.terraform-provider-dynamoops"), append(secrets, plantedKey, plantedFilter)...)
	lacks(t, "a diagnostic", []byte(failures.String()), append(secrets, plantedKey, plantedFilter)...)
	for name, content := range rest(t, a.journal) { // To go on there, it may hold keys.
		lacks(t, name, content, append(secrets, plantedFilter)...)
	}
}

// linesOf are the lines of a log that hold the text.
func linesOf(log []byte, text string) []byte {
	var lines []byte
	for line := range bytes.Lines(log) {
		if bytes.Contains(line, []byte(text)) {
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
