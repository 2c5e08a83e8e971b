// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// permission is an action on a resource.
type permission struct{ action, resource string }

// calls notes the permissions that requests need.
type calls struct {
	mu   sync.Mutex
	made map[permission]bool
}

// note reads off a request what it needs. Tables are named by their ARNs.
func (c *calls) note(operation string, body []byte) *faultproxy.Reply {
	var request struct {
		TableName, IndexName string
		RequestItems         map[string]json.RawMessage
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return faultproxy.Error(400, "SerializationException", err.Error())
	}
	named := slices.Collect(maps.Keys(request.RequestItems))
	if request.IndexName != "" {
		request.TableName += "/index/" + request.IndexName
	}
	if request.TableName != "" {
		named = append(named, request.TableName)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range named {
		c.made[permission{"dynamodb:" + operation, resource}] = true
	}
	return nil
}

// on are the permissions needed on a table and its indexes.
func (c *calls) on(table string) map[permission]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	needed := map[permission]bool{}
	for p := range c.made {
		if p.resource == table || strings.HasPrefix(p.resource, table+"/") {
			needed[p] = true
		}
	}
	return needed
}

// allowed are the permissions that a policy gives. It may hold nothing but plain ones: a wildcard would not be the least.
func allowed(policy string) (map[permission]bool, error) {
	var document struct {
		Version   string
		Statement []struct {
			Effect, Resource string
			Action           []string
		}
	}
	decoder := json.NewDecoder(strings.NewReader(policy))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	given := map[permission]bool{}
	for _, statement := range document.Statement {
		for _, action := range statement.Action {
			if statement.Effect != "Allow" || strings.ContainsAny(action+statement.Resource, "*?") {
				return nil, fmt.Errorf("%s of %s on %s", statement.Effect, action, statement.Resource)
			}
			given[permission{action, statement.Resource}] = true
		}
	}
	if document.Version != "2012-10-17" || len(given) == 0 {
		return nil, errors.New("no policy: " + policy)
	}
	return given, nil
}

// Each method works with the policy that is told for it: that has every action which the run calls, and no other.
// A purge that leaves the method open is not here: it also looks whether a recreate is possible, and deletes items where it may not.
func TestAccIAMPolicy_isTheLeast(t *testing.T) {
	t.Parallel()
	acceptance(t)
	const filter = `filter = { expression = "#s = :open", names = { "#s" = "status" }, values = { ":open" = "OPEN" } }`
	for name, test := range map[string]struct{ operation, source, more string }{
		"copy":                  {"copy", ``, ``},
		"copy scan":             {"copy", ``, `method = "scan"`},
		"copy filter":           {"copy", ``, filter},
		"copy consistent":       {"copy", `consistent_read = true`, `on_conflict = "overwrite"`},
		"copy index":            {"copy", `index = "by-status"`, filter},
		"copy skips refused":    {"copy", ``, `on_item_error = "skip"`},
		"copy keeps items":      {"copy", ``, `on_conflict = "skip"`},
		"copy counts":           {"copy", ``, `verify = "count"`},
		"copy compares":         {"copy", ``, "verify = \"full\"\n  on_conflict = \"skip\""},
		"purge delete_items":    {"purge", ``, `method = "delete_items"`},
		"purge filter":          {"purge", ``, filter},
		"purge without recheck": {"purge", ``, filter + "\n  recheck_filter = false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			from, to := policyTables(a)
			if strings.Contains(test.more, "on_item_error") {
				a.put("from", item{"id": s("refused"), "weight": s("heavy")})
			}
			sides := fmt.Sprintf("table = %q", to)
			if test.operation == "copy" {
				source := fmt.Sprintf("table = %q", from)
				if test.source != "" {
					source += "\n    " + test.source
				}
				sides = fmt.Sprintf("source = {\n    %s\n  }\n  destination = { table = %q }", source, to)
			}
			made := &calls{made: map[permission]bool{}}
			p := newProxy(t, a.url, nil)
			p.OnRequest(made.note)
			check := func(attribute, table string) resource.TestCheckFunc {
				return resource.TestCheckResourceAttrWith("data.dynamoops_iam_policy.this", attribute, func(policy string) error {
					given, err := allowed(policy)
					if needed := made.on(table); err == nil && (len(needed) == 0 || !maps.Equal(given, needed)) {
						return fmt.Errorf("the policy allows\n%v\nthe run called\n%v", given, needed)
					}
					return err
				})
			}
			checks := []resource.TestCheckFunc{
				check("destination_json", to),
				resource.TestCheckResourceAttrWith("data.dynamoops_iam_policy.this", "json", func(policy string) error {
					given, err := allowed(policy)
					if err == nil && !maps.Equal(given, made.made) {
						return fmt.Errorf("the policy allows\n%v\nthe run called\n%v", given, made.made)
					}
					return err
				}),
			}
			if test.operation == "copy" {
				checks = append(checks, check("source_json", from))
			} else {
				checks = append(checks, resource.TestCheckNoResourceAttr("data.dynamoops_iam_policy.this", "source_json"))
			}
			apply(t, resource.TestStep{
				Config: hcl(a.through(p.URL).provider(), fmt.Sprintf(`
data "dynamoops_iam_policy" "this" {
  operation = %[1]q
  %[2]s
  %[3]s
}
resource "dynamoops_table_%[1]s" "this" {
  %[2]s
  %[3]s
}`, test.operation, sides, test.more)),
				Check: resource.ComposeAggregateTestCheckFunc(checks...),
			})
		})
	}
}

// policyTables are two tables with items: one with the index by-status, and one whose index refuses items with a weight that
// is not a number.
func policyTables(a *account) (from, to string) {
	for table, attribute := range map[string]string{"from": "status:S", "dest": "weight:N"} {
		schema, definitions := keySchema("id:S")
		key, definition := keySchema(attribute)
		name, _, _ := strings.Cut(attribute, ":")
		a.createWith(&dynamodb.CreateTableInput{
			TableName: aws.String(table), KeySchema: schema, AttributeDefinitions: append(definitions, definition...),
			GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
				IndexName: aws.String("by-" + name), KeySchema: key, Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
			}},
		})
		a.put(table, orders(9)...)
	}
	return a.arn("from"), a.arn("dest")
}

// Who assumes a role may do that; the rest is the role's.
func TestAccIAMPolicy_roles(t *testing.T) {
	t.Parallel()
	acceptance(t)
	const (
		source      = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
		destination = "arn:aws:dynamodb:us-east-1:444455556666:table/orders"
		reader      = "arn:aws:iam::111122223333:role/reader"
	)
	reads := map[permission]bool{{"dynamodb:DescribeTable", source}: true, {"dynamodb:Scan", source + "/index/by-status"}: true}
	writes := map[permission]bool{{"dynamodb:DescribeTable", destination}: true, {"dynamodb:BatchWriteItem", destination}: true}
	own := maps.Clone(writes)
	own[permission{"sts:AssumeRole", reader}] = true
	gives := func(attribute string, want map[permission]bool) resource.TestCheckFunc {
		return resource.TestCheckResourceAttrWith("data.dynamoops_iam_policy.this", attribute, func(policy string) error {
			given, err := allowed(policy)
			if err == nil && !maps.Equal(given, want) {
				return fmt.Errorf("the policy allows\n%v\nwant\n%v", given, want)
			}
			return err
		})
	}
	config := func(to string) string {
		return hcl(newAccount(t).provider(), fmt.Sprintf(`
data "dynamoops_iam_policy" "this" {
  operation   = "copy"
  source      = { table = %q, index = "by-status", assume_role = { role_arn = %q } }
  destination = { %s }
}`, source, reader, to))
	}
	none := func(attribute string) resource.TestCheckFunc {
		return resource.TestCheckNoResourceAttr("data.dynamoops_iam_policy.this", attribute)
	}
	assumes := map[permission]bool{{"sts:AssumeRole", reader}: true}
	apply(t,
		resource.TestStep{
			Config: config(fmt.Sprintf("table = %q", destination)),
			Check:  resource.ComposeAggregateTestCheckFunc(gives("source_json", reads), gives("destination_json", writes), gives("json", own)),
		},
		resource.TestStep{
			Config: config(fmt.Sprintf("table = %q, profile = \"writer\"", destination)),
			Check:  resource.ComposeAggregateTestCheckFunc(gives("destination_json", writes), gives("json", assumes)),
		},
		resource.TestStep{
			Config: config(`file = "dump.jsonl"`),
			Check:  resource.ComposeAggregateTestCheckFunc(gives("source_json", reads), none("destination_json"), gives("json", assumes)),
		},
	)
}

func TestAccIAMPolicy_refuses(t *testing.T) {
	t.Parallel()
	acceptance(t)
	const table = `"arn:aws:dynamodb:eu-west-1:111122223333:table/orders"`
	for name, test := range map[string]struct {
		arguments string
		want      []string
	}{
		"name":                {`operation = "purge"` + "\n" + `table = "orders"`, []string{"Table Not Given By Its ARN", "Give the table's ARN"}},
		"other operation":     {`operation = "copy"` + "\n" + `table = ` + table, []string{"Invalid Attribute Combination", "Correct the operation or the tables"}},
		"half a copy":         {`operation = "copy"` + "\n" + `source = { table = ` + table + ` }`, []string{"Invalid Attribute Combination", "A copy needs source and destination"}},
		"no operation":        {`table = ` + table, []string{"operation", "required"}},
		"unknown operation":   {`operation = "move"` + "\n" + `table = ` + table, []string{"operation", `"copy" "purge"`}},
		"method of the other": {`operation = "purge"` + "\n" + `method = "scan"` + "\n" + `table = ` + table, []string{"method", `"delete_items"`}},
		"unknown method":      {`operation = "purge"` + "\n" + `method = "burn"` + "\n" + `table = ` + table, []string{"method"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusedAtPlan(t, newAccount(t), fmt.Sprintf("data \"dynamoops_iam_policy\" \"this\" {\n%s\n}", test.arguments), test.want...)
		})
	}
}
