// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// impure has functions of Terraform that return something else each time. Terraform evaluates the configuration twice in an
// apply: for the last plan, and once more. The filters let every order pass.
const impure = `
resource "dynamoops_table_purge" "this" {
  table    = "purged"
  method   = "delete_items"
  triggers = { always = uuid(), at = timestamp(), planned = plantimestamp() }
  filter   = { expression = "id <> :not", values = { ":not" = "purge ${uuid()}" } }
}

resource "terraform_data" "new" {
  input = uuid()
}

# It is read in the apply, after that.
data "dynamoops_table" "later" {
  table      = "orders"
  depends_on = [terraform_data.new]
}

resource "dynamoops_table_copy" "this" {
  source         = { table = "orders" }
  destination    = { file = "%s/${uuid()}.jsonl" }
  filter         = { expression = "id <> :not", values = { ":not" = "copy ${uuid()}" } }
  sample_percent = 100
  transform      = [{ set = { by = "'${uuid()}'" } }]
  triggers       = { always = uuid(), count = data.dynamoops_table.later.item_count }
}
`

// A run is the planned one, and its state too, whatever the configuration is when Terraform evaluates it once more.
func TestAccPlanned_evaluatedAgain(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	for _, table := range []string{"orders", "purged"} {
		a.create(table, "id:S")
		a.put(table, orders(3)...)
	}
	var filters requestedValues
	p := newProxy(t, a.url, nil)
	p.OnRequest(filters.record)
	folder := t.TempDir()
	w := newWorkspace(t)
	w.write("main.tf", hcl(a.through(p.URL).provider(), fmt.Sprintf(impure, filepath.ToSlash(folder))))

	ids := map[any]bool{}
	for _, apply := range []func(){
		func() { w.must("apply", "-auto-approve", "-no-color") },
		func() { w.must("apply", "-auto-approve", "-no-color") },
		func() { // A saved plan is applied later, by another process.
			w.must("plan", "-no-color", "-out=plan.bin")
			w.must("apply", "-no-color", "plan.bin")
		},
	} {
		a.put("purged", orders(3)...)
		filters.forget()
		apply()
		if left := len(a.scan("purged")); left != 0 {
			t.Errorf("%d items were not deleted", left)
		}
		for address, values := range w.state() {
			if !strings.HasPrefix(address, "dynamoops_table_") {
				continue
			}
			if ids[values["id"]] {
				t.Errorf("%s did not run", address)
			}
			ids[values["id"]] = true
			filter, _ := values["filter"].(map[string]any)
			prefix := strings.TrimSuffix(strings.TrimPrefix(address, "dynamoops_table_"), ".this")
			used, planned := filters.of(prefix), fmt.Sprint(filter["values"])
			if len(used) != 1 || !strings.Contains(planned, used[0]) {
				t.Errorf("%s used the filter values %q, and its state has %s", address, used, planned)
			}
			destination, isCopy := values["destination"].(map[string]any)
			if !isCopy {
				continue
			}
			path, _ := destination["file"].(string)
			written, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			set := fmt.Sprint(values["transform"])
			var line struct {
				Item struct{ By struct{ S string } }
			}
			if err := json.Unmarshal(bytes.SplitN(written, []byte("\n"), 2)[0], &line); err != nil || !strings.Contains(set, "'"+line.Item.By.S+"'") {
				t.Errorf("the file that the state names has %q, and the state %s: %v", line.Item.By.S, set, err)
			}
		}
	}
	if files, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || len(files) != 3 {
		t.Errorf("three copies made the files %q, %v", files, err)
	}
}

// An action is invoked with one evaluation of its configuration, which its checks and its run use.
func TestAccPlanned_action(t *testing.T) {
	t.Parallel()
	w := newActionWorkspace(t)
	a := newAccount(t)
	a.create("purged", "id:S")
	a.put("purged", orders(3)...)
	var filters requestedValues
	p := newProxy(t, a.url, nil)
	p.OnRequest(filters.record)
	filters.forget()
	w.write("main.tf", hcl(a.through(p.URL).provider(), `
action "dynamoops_table_purge" "this" {
  config {
    table  = "purged"
    method = "delete_items"
    filter = { expression = "id <> :not", values = { ":not" = "action ${uuid()} ${timestamp()}" } }
  }
}

resource "terraform_data" "release" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.dynamoops_table_purge.this]
    }
  }
}`))
	w.must("plan", "-no-color", "-out=plan.bin")
	w.must("apply", "-no-color", "plan.bin")
	if used := filters.of("action"); len(used) != 1 {
		t.Errorf("the filter had the values %q", used)
	}
	if left := len(a.scan("purged")); left != 0 {
		t.Errorf("%d items were not deleted", left)
	}
}

// state is what the resources have in the state. None is tainted, which a run is that Terraform does not accept.
func (w *workspace) state() map[string]map[string]any {
	w.t.Helper()
	var state tfjson.State
	if err := json.Unmarshal([]byte(w.must("show", "-json")), &state); err != nil {
		w.t.Fatal(err)
	}
	values := map[string]map[string]any{}
	for _, r := range state.Values.RootModule.Resources {
		if r.Tainted {
			w.t.Errorf("%s is tainted", r.Address)
		}
		values[r.Address] = r.AttributeValues
	}
	return values
}

// requestedValues are the values of filters that requests have had.
type requestedValues struct {
	lock  sync.Mutex
	known map[string]bool
}

func (v *requestedValues) record(_ string, body []byte) *faultproxy.Reply {
	var request struct {
		ExpressionAttributeValues map[string]struct{ S string }
	}
	if json.Unmarshal(body, &request) == nil {
		v.lock.Lock()
		defer v.lock.Unlock()
		for _, value := range request.ExpressionAttributeValues {
			v.known[value.S] = true
		}
	}
	return nil
}

func (v *requestedValues) forget() {
	v.lock.Lock()
	defer v.lock.Unlock()
	v.known = map[string]bool{}
}

// of are the values with that prefix.
func (v *requestedValues) of(prefix string) []string {
	v.lock.Lock()
	defer v.lock.Unlock()
	var found []string
	for value := range v.known {
		if strings.HasPrefix(value, prefix) {
			found = append(found, value)
		}
	}
	return found
}
