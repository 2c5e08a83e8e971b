// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// runs are the two resources, with arguments that are at their defaults left out and written down.
var runs = map[string]struct {
	done              string
	config, defaulted string
}{
	"dynamoops_table_copy": {
		done: "items_written",
		config: `
  source      = { table = "orders" }
  destination = { table = "copy" }`,
		defaulted: `
  source      = { table = "orders", consistent_read = false }
  destination = { table = "copy" }
  method      = "auto"
  on_conflict = "overwrite"
  transform   = []
  triggers    = {}`,
	},
	"dynamoops_table_purge": {
		done: "items_deleted",
		config: `
  table  = "orders"
  filter = { expression = "attribute_exists(id)" }`,
		defaulted: `
  table          = "orders"
  filter         = { expression = "attribute_exists(id)", names = {} }
  method         = "auto"
  recheck_filter = true
  allow          = []
  triggers       = {}`,
	},
}

// A run happens when the plan says create or replace, and at no other time.
func TestAccRunRule(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for kind, run := range runs {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("orders", "id:S")
			a.create("copy", "id:S")
			a.put("orders", orders(5)...)
			p := newProxy(t, a.url, nil)
			address := kind + ".this"
			config := func(arguments ...string) string {
				return hcl(a.through(p.URL).provider(), fmt.Sprintf("resource %q \"this\" {%s\n}", kind, strings.Join(arguments, "\n  ")))
			}
			var called int
			remember := stateCheck(func(*tfjson.State) error { called = requests(p); return nil })
			notCalled := func() error {
				if now := requests(p); now != called {
					return fmt.Errorf("DynamoDB was called %d times", now-called)
				}
				return nil
			}
			untouched := stateCheck(func(*tfjson.State) error { return notCalled() })
			const timeouts = `timeouts = { create = "1h" }`
			same, other := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
			id := tfjsonpath.New("id")

			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				// Destroying is forgetting.
				CheckDestroy: func(*terraform.State) error { return notCalled() },
				Steps: []resource.TestStep{
					{
						Config:            config(run.config),
						ConfigPlanChecks:  planned(address, plancheck.ResourceActionCreate, true),
						ConfigStateChecks: []statecheck.StateCheck{ledger(address, run.done, 5, 0), remember, same.AddStateValue(address, id), other.AddStateValue(address, id)},
					},
					{ // What was left out is written down.
						Config:            config(run.defaulted),
						ConfigPlanChecks:  planned(address, plancheck.ResourceActionUpdate, false),
						ConfigStateChecks: []statecheck.StateCheck{ledger(address, run.done, 5, 0), untouched, same.AddStateValue(address, id)},
					},
					{ // And left out again; a timeout is no part of the run either.
						Config:            config(run.config, timeouts),
						ConfigPlanChecks:  planned(address, plancheck.ResourceActionUpdate, false),
						ConfigStateChecks: []statecheck.StateCheck{ledger(address, run.done, 5, 0), untouched, same.AddStateValue(address, id)},
					},
					{
						RefreshState: true,
						Check:        func(*terraform.State) error { return notCalled() },
					},
					{
						Config:            config(run.config, timeouts, `triggers = { release = "2" }`),
						ConfigPlanChecks:  planned(address, plancheck.ResourceActionDestroyBeforeCreate, true),
						ConfigStateChecks: []statecheck.StateCheck{remember, other.AddStateValue(address, id)},
					},
				},
			})
			if called == 0 {
				t.Error("the runs did not go through the proxy")
			}
		})
	}
}

// planned checks what the plan says: the action, and whether the outputs are unknown, all of them or none.
func planned(address string, action plancheck.ResourceActionType, unknown bool) resource.ConfigPlanChecks {
	checks := []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}
	kind, _, _ := strings.Cut(address, ".")
	for _, output := range resourceOutputs(kind) {
		if unknown {
			checks = append(checks, plancheck.ExpectUnknownValue(address, tfjsonpath.New(output)))
		} else if output != "destination_file" { // Null, which is known and not in a plan.
			checks = append(checks, plancheck.ExpectKnownValue(address, tfjsonpath.New(output), isKnown{}))
		}
	}
	return resource.ConfigPlanChecks{PreApply: checks}
}

// isKnown accepts any value that is known.
type isKnown struct{}

func (isKnown) String() string { return "any known value" }

func (isKnown) CheckValue(value any) error {
	if value == nil {
		return fmt.Errorf("there is no value")
	}
	return nil
}

func TestAccRunRule_failedRunLeavesNoState(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for kind, run := range runs {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("orders", "id:S")
			a.create("copy", "id:S")
			a.put("orders", orders(5)...)
			var fails atomic.Bool
			fails.Store(true)
			p := newProxy(t, a.url, func(operation string) *faultproxy.Reply {
				if fails.Load() && (operation == "BatchWriteItem" || operation == "DeleteItem") {
					return denied()
				}
				return nil
			})
			config := hcl(a.through(p.URL).provider(), fmt.Sprintf("resource %q \"this\" {%s\n}", kind, run.config))
			apply(t,
				resource.TestStep{Config: config, ExpectError: saying("Permission Missing", "So far:", "items read, 0 filtered out, 0 ")},
				resource.TestStep{
					PreConfig:         func() { fails.Store(false) },
					Config:            config,
					ConfigPlanChecks:  planned(kind+".this", plancheck.ResourceActionCreate, true),
					ConfigStateChecks: []statecheck.StateCheck{ledger(kind+".this", run.done, 5, 0)},
				},
			)
		})
	}
}

func TestAccRunRule_importIsRefused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for kind, run := range runs {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			apply(t, resource.TestStep{
				Config:       hcl(newAccount(t).provider(), fmt.Sprintf("resource %q \"this\" {%s\n}", kind, run.config)),
				ResourceName: kind + ".this", ImportState: true, ImportStateId: "orders",
				ExpectError: saying("A Run Cannot Be Imported", "Nothing in AWS can be adopted"),
			})
		})
	}
}

// Two resources of one apply that would use one table against each other have to say which comes first.
func TestAccRunRule_twoRunsOnOneTable(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, second := range map[string]string{"another run": "other", "the same run": "from"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("from", "id:S")
			a.create("other", "id:S")
			a.create("copy", "id:S")
			a.put("from", orders(5)...)
			a.put("other", orders(5)...)
			config := func(url, dependsOn string) string {
				return hcl(a.through(url).provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "first" {
  source      = { table = "from" }
  destination = { table = "copy" }
}
resource "dynamoops_table_copy" "second" {
  source      = { table = %q }
  destination = { table = "copy" }
  %s
}`, second, dependsOn))
			}
			apply(t, resource.TestStep{
				Config: config(slowed(t, a).URL, ""), ExpectError: saying("Table Is In Use By Another Run", "depends_on to one of the two resources, so that Terraform runs them one after the other"),
			})
			apply(t, resource.TestStep{
				Config:            config(a.url, "depends_on = [dynamoops_table_copy.first]"),
				ConfigStateChecks: []statecheck.StateCheck{ledger("dynamoops_table_copy.second", "items_written", 5, 0)},
			})
			equal(t, a.scan("copy"), orders(5), "id")
		})
	}
}

// slowed is a proxy that makes the first copy that writes wait until the second has looked at both of its tables too, after
// which that one asks for the lock at once. Each run, and each plan of it, looks at two tables.
func slowed(t *testing.T, a *account) *faultproxy.Proxy {
	t.Helper()
	var described atomic.Int64
	return newProxy(t, a.url, func(operation string) *faultproxy.Reply {
		switch operation {
		case "DescribeTable":
			described.Add(1)
		case "BatchWriteItem":
			for range 1000 {
				if described.Load()%4 == 0 {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			time.Sleep(time.Second)
		}
		return nil
	})
}
