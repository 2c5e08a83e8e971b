// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

// A filter is checked as it is sent: with what recheck_filter adds to it, in bytes and in operators. What the plan lets pass, DynamoDB
// takes.
func TestRecheckedFilterFits(t *testing.T) {
	t.Parallel()
	long := func(bytes int) string {
		const around = "n < :n AND attribute_not_exists()"
		return strings.Replace(around, "()", "("+strings.Repeat("z", bytes-len(around))+")", 1)
	}
	many := func(operators int) string { // NOT counts, and so do the two of a comparison joined to others.
		return strings.TrimSuffix(strings.Repeat("NOT ", 1-operators%2)+strings.Repeat("n < :n OR ", (operators+1)/2), " OR ")
	}
	for name, test := range map[string]struct {
		expression string
		unchecked  bool
		says       []string
	}{
		"as long as may be":          {expression: long(4009)},
		"too long":                   {expression: long(4010), says: []string{"recheck_filter", "4097 bytes", "4009 bytes", "recheck_filter = false"}},
		"of 4,096 bytes":             {expression: long(4096), says: []string{"recheck_filter"}},
		"of 4,096 bytes, as it is":   {expression: long(4096), unchecked: true},
		"of 4,097 bytes, as it is":   {expression: long(4097), unchecked: true, says: []string{"Filter Expression Too Long"}},
		"with most operators":        {expression: many(296)},
		"with too many operators":    {expression: many(297), says: []string{"recheck_filter", "301 operators", "296 operators"}},
		"of 300 operators":           {expression: many(300), says: []string{"recheck_filter"}},
		"of 300 operators, as it is": {expression: many(300), unchecked: true},
		"of 301 operators, as it is": {expression: many(301), unchecked: true, says: []string{"301 operators"}},
		"in parentheses":             {expression: "(" + long(4007) + ")"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRefuser(t)
			j := job.Purge{
				Table: "dst", Method: job.MethodDeleteItems, RecheckFilter: !test.unchecked,
				Filter: &filter.Filter{Expression: test.expression, Values: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: "5"}}},
			}
			found := firstOf(r.engine.CheckPurge(t.Context(), j))
			if test.says != nil {
				if found == nil {
					t.Fatal("the plan lets it pass")
				}
				saying(t, found, test.says...)
				if found.Attribute != "filter.expression" {
					t.Errorf("the attribute is %s", found.Attribute)
				}
				return
			}
			if found != nil {
				t.Fatalf("the plan says %v", found)
			}
			for n, want := range map[int]int64{1: 1, 9: 0} {
				_, err := r.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("dst"), Item: map[string]types.AttributeValue{
					"id": &types.AttributeValueMemberS{Value: fmt.Sprint(n)}, "n": &types.AttributeValueMemberN{Value: fmt.Sprint(n)},
				}})
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(test.expression, "NOT ") {
					continue // Every item passes: the run is what counts.
				}
				result, err := r.engine.Purge(t.Context(), j, engine.Observer{})
				if err != nil {
					t.Fatal(err)
				}
				if result.Ledger.Written != want {
					t.Errorf("with n = %d the ledger is %+v", n, result.Ledger)
				}
			}
			if _, err := r.engine.Purge(t.Context(), j, engine.Observer{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// An index that is being built or deleted is not read: the plan says so. Nor is it judged by while it is built.
func TestIndexNotActive(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "orders", 3)
	p.create(t, "copy", 0)
	update := func(table string, update types.GlobalSecondaryIndexUpdate) {
		t.Helper()
		if _, err := p.account.DynamoDB.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
			TableName: &table, GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{update},
			AttributeDefinitions: []types.AttributeDefinition{
				{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeN}, {AttributeName: aws.String("k"), AttributeType: types.ScalarAttributeTypeS},
			},
		}); err != nil {
			t.Fatal(err)
		}
	}
	j := job.Copy{Source: job.Source{Table: "orders", Index: "by-k"}, Destination: job.Destination{Table: "copy"}}
	fromOthers := job.Copy{Source: job.Source{Table: "others", Index: "by-k"}, Destination: job.Destination{Table: "copy"}}
	const never = 1 << 20
	p.SetLooks("UpdateTable", never)
	creation := types.GlobalSecondaryIndexUpdate{Create: &types.CreateGlobalSecondaryIndexAction{
		IndexName: aws.String("by-k"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("k"), KeyType: types.KeyTypeHash}},
	}}
	update("orders", creation)
	filtered := j
	filtered.Filter = &filter.Filter{Expression: "attribute_exists(id)"}
	for _, j := range []job.Copy{j, filtered} {
		found := p.engine.CheckCopy(t.Context(), j)
		if len(found) != 1 || found[0].Attribute != "source.index" {
			t.Fatalf("the plan says %v", found)
		}
		saying(t, found[0], "Index Not Active", `"by-k" is CREATING`, "Wait until")
	}
	if _, err := p.engine.Copy(t.Context(), j, engine.Observer{}); err == nil {
		t.Error("the index is read while it is built")
	}
	// To write to such a table, or to delete from it, is all right.
	if found := firstOf(p.engine.CheckCopy(t.Context(), job.Copy{Source: job.Source{Table: "copy"}, Destination: job.Destination{Table: "orders"}})); found != nil {
		t.Errorf("the plan of a copy to it says %v", found)
	}
	if found := firstOf(p.engine.CheckPurge(t.Context(), job.Purge{Table: "orders", Method: job.MethodDeleteItems})); found != nil {
		t.Errorf("the plan of a purge says %v", found)
	}
	if _, err := p.purge(t, "orders", job.MethodRecreate); err == nil {
		t.Error("the table is recreated while its index is built")
	}
	p.create(t, "others", 3)
	p.SetLooks("UpdateTable", 0)
	update("others", creation)
	if found := firstOf(p.engine.CheckCopy(t.Context(), fromOthers)); found != nil {
		t.Errorf("the plan says %v of an index that is there", found)
	}
	p.SetLooks("UpdateTable", never)
	update("others", types.GlobalSecondaryIndexUpdate{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("by-k")}})
	saying(t, firstOf(p.engine.CheckCopy(t.Context(), fromOthers)), "Index Not Active", `"by-k" is DELETING`, "Name another index")
}
