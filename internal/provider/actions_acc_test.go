// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/terraformcli"
)

// newActionWorkspace is a workspace with a Terraform that knows actions.
func newActionWorkspace(t *testing.T) *workspace {
	t.Helper()
	acceptance(t)
	cli, err := terraformcli.WithActions()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkspace(t)
	w.cli = cli
	return w
}

const orderActions = `
action "dynamoops_table_copy" "seed" {
  config {
    source      = { table = "orders" }
    destination = { table = "copy" }
    method      = "scan"
    filter = {
      expression = "#s = :open"
      names      = { "#s" = "status" }
      values     = { ":open" = "OPEN" }
    }
    throughput = { segments = 4 }
    timeout    = "10m"
  }
}

action "dynamoops_table_purge" "empty" {
  config {
    table  = "copy"
    method = "delete_items"
  }
}
`

// orderCopy is an account with 30 orders, a third of them open, and a table to copy them to.
func orderCopy(t *testing.T) *account {
	a := newAccount(t)
	a.create("orders", "id:S")
	a.create("copy", "id:S")
	a.put("orders", orders(30)...)
	return a
}

func TestAccActions_invoke(t *testing.T) {
	t.Parallel()
	w := newActionWorkspace(t)
	a := orderCopy(t)
	w.write("main.tf", hcl(a.provider(), orderActions))
	for _, test := range []struct {
		action, says string
		holds        int
	}{
		{"dynamoops_table_copy.seed", "by scan: 10 items read, 20 filtered out, 10 written, 0 skipped", 10},
		{"dynamoops_table_copy.seed", "10 written", 10},
		{"dynamoops_table_purge.empty", "by delete_items: 10 items read, 0 filtered out, 10 deleted, 0 skipped", 0},
		{"dynamoops_table_purge.empty", "0 deleted", 0},
	} {
		output := w.must("apply", "-auto-approve", "-no-color", "-invoke=action."+test.action)
		if !strings.Contains(output, test.says) {
			t.Errorf("%s does not say %q:\n%s", test.action, test.says, output)
		}
		if got := len(a.scan("copy")); got != test.holds {
			t.Errorf("after %s the table holds %d items, want %d", test.action, got, test.holds)
		}
	}
}

// A trigger runs the action when the resource changes, and only then.
func TestAccActions_trigger(t *testing.T) {
	t.Parallel()
	w := newActionWorkspace(t)
	a := orderCopy(t)
	w.write("main.tf", hcl(a.provider(), orderActions, `
variable "release" {}

resource "terraform_data" "release" {
  input = var.release
  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.dynamoops_table_purge.empty, action.dynamoops_table_copy.seed]
    }
  }
}
`))
	stale := item{"id": s("stale"), "status": s("OPEN")}
	for _, step := range []struct {
		release string
		runs    bool
	}{{"1", true}, {"1", false}, {"2", true}} {
		a.put("copy", stale)
		output := w.must("apply", "-auto-approve", "-no-color", "-var=release="+step.release)
		want := 11
		if step.runs {
			want = 10
		}
		if got := len(a.scan("copy")); got != want {
			t.Errorf("after release %s the table holds %d items, want %d:\n%s", step.release, got, want, output)
		}
	}
}

// What is wrong is found at plan time, as it is for the resources; what only the run can find fails the action.
func TestAccActions_fail(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		table, more string
		want        []string
	}{
		"missing table":  {"gone", ``, []string{"Table Not Found", `There is no table "gone"`}},
		"protected":      {"prod-orders", ``, []string{"Table Is Protected", `"prod-*"`}},
		"no filter":      {"copy", `recheck_filter = false`, []string{"Invalid Attribute Combination", `"filter" must be specified`}},
		"no duration":    {"copy", `timeout = "soon"`, []string{"Invalid Duration"}},
		"no triggers":    {"copy", `triggers = {}`, []string{"Unsupported argument", "triggers"}},
		"no permission":  {"denied", ``, []string{"Permission Missing", "dynamodb:BatchWriteItem", "0 deleted"}},
		"out of time":    {"slow", `timeout = "1s"`, []string{"Run Timed Out", "timeout"}},
		"filter refused": {"copy", `filter = { expression = "status = :v", values = { ":v" = 1 } }`, []string{"status", "reserved"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newActionWorkspace(t)
			a := newAccount(t)
			for _, table := range []string{"copy", "prod-orders", "denied", "slow"} {
				a.create(table, "id:S")
				a.put(table, orders(3)...)
			}
			throttled := faultproxy.Error(400, "ProvisionedThroughputExceededException", "slower")
			p := newProxy(t, a.url, nil)
			p.OnRequest(func(operation string, body []byte) *faultproxy.Reply {
				switch {
				case operation != "BatchWriteItem":
				case strings.Contains(string(body), "denied"):
					return denied()
				case strings.Contains(string(body), "slow"):
					return throttled
				}
				return nil
			})
			w.write("main.tf", hcl(a.through(p.URL).provider(`protected_tables = ["prod-*"]`), fmt.Sprintf(`
action "dynamoops_table_purge" "this" {
  config {
    table = %q
    %s
  }
}`, test.table, test.more)))
			output, err := w.terraform("apply", "-auto-approve", "-no-color", "-invoke=action.dynamoops_table_purge.this")
			if err == nil || !saying(test.want...).MatchString(output) {
				t.Errorf("got %v, want an error that says %q:\n%s", err, test.want, output)
			}
		})
	}
}

// A run says how far it has come while it goes on, and an interrupt ends it.
func TestAccActions_progressAndInterrupt(t *testing.T) {
	t.Parallel()
	w := newActionWorkspace(t)
	a := orderCopy(t)
	release := make(chan struct{})
	p := newProxy(t, a.url, func(operation string) *faultproxy.Reply {
		if operation == "BatchWriteItem" {
			<-release
		}
		return nil
	})
	letGo := sync.OnceFunc(func() { close(release) })
	t.Cleanup(letGo)
	w.write("main.tf", hcl(a.through(p.URL).provider(), orderActions))

	command := w.command("apply", "-auto-approve", "-no-color", "-invoke=action.dynamoops_table_copy.seed")
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	progress := 0
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		if strings.Contains(lines.Text(), "10 items read") && strings.Contains(lines.Text(), "0 written") {
			if progress++; progress == 1 {
				if err := command.Process.Signal(os.Interrupt); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := errors.Join(lines.Err(), command.Wait()); err == nil {
		t.Error("an interrupted action succeeded")
	}
	if progress == 0 || !saying("Run Cancelled", "10 items read", "0 written").MatchString(said.String()) {
		t.Errorf("%d lines of progress before the interrupt, in:\n%s", progress, &said)
	}
}
