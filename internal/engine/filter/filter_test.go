// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// expression is one row of testdata/expressions.json.
type expression struct {
	Expression string
	Names      map[string]string
	Values     map[string]attribute
	DynamoDB   string
	Causes     []string
}

// attribute is an attribute value in DynamoDB JSON, of the types that the rows use.
type attribute struct {
	S    *string
	N    *string
	BOOL *bool
	NULL *bool
	L    *[]struct{}
	M    *struct{}
	SS   []string
	NS   []string
}

func (a attribute) value(t *testing.T) types.AttributeValue {
	t.Helper()
	switch {
	case a.S != nil:
		return &types.AttributeValueMemberS{Value: *a.S}
	case a.N != nil:
		return &types.AttributeValueMemberN{Value: *a.N}
	case a.BOOL != nil:
		return &types.AttributeValueMemberBOOL{Value: *a.BOOL}
	case a.NULL != nil:
		return &types.AttributeValueMemberNULL{Value: *a.NULL}
	case a.L != nil:
		return &types.AttributeValueMemberL{}
	case a.M != nil:
		return &types.AttributeValueMemberM{}
	case a.SS != nil:
		return &types.AttributeValueMemberSS{Value: a.SS}
	case a.NS != nil:
		return &types.AttributeValueMemberNS{Value: a.NS}
	}
	t.Fatal("a value of a type that the test does not know")
	return nil
}

// leftToDynamoDB are messages of DynamoDB that Check does not foresee.
var leftToDynamoDB = []string{
	`Syntax error; token: "0", near: "00`,
	`Syntax error; token: "remove"`, // Not on the list of reserved words.
	"List index is not within the allowable range",
	"The BETWEEN operator requires upper bound to be greater than or equal to lower bound",
}

func TestCheckAgreesWithDynamoDB(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/expressions.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []expression
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	accepted := 0
	for _, row := range rows {
		f := Filter{Expression: row.Expression, Names: row.Names}
		if row.Values != nil {
			f.Values = map[string]types.AttributeValue{}
		}
		for placeholder, a := range row.Values {
			f.Values[placeholder] = a.value(t)
		}
		got := causes(f.Check())
		if !slices.Equal(got, row.Causes) {
			t.Errorf("%q: got %q, want %q", row.Expression, got, row.Causes)
		}
		left := slices.ContainsFunc(leftToDynamoDB, func(message string) bool { return strings.HasPrefix(row.DynamoDB, message) })
		switch refused := len(got) > 0; {
		case row.DynamoDB == "" && refused:
			t.Errorf("%q: DynamoDB accepts what is refused: %q", row.Expression, got)
		case row.DynamoDB != "" && !refused && !left:
			t.Errorf("%q: accepted, but DynamoDB says %q", row.Expression, row.DynamoDB)
		case !refused:
			accepted++
		}
	}
	if accepted < 100 || len(rows)-accepted < 100 {
		t.Errorf("%d of %d rows are accepted: the table no longer holds many of both kinds", accepted, len(rows))
	}
}

func causes(found []*problem.Problem) []string {
	var all []string
	for _, p := range found {
		all = append(all, p.Cause)
	}
	return all
}

func TestCheckLimits(t *testing.T) {
	t.Parallel()
	join := func(n int, part, by string) string { return strings.TrimSuffix(strings.Repeat(part+by, n), by) }
	tests := map[string]struct {
		most, over string
		cause      string
	}{
		"bytes":            {"a = :v" + strings.Repeat(" ", 4090), "a = :v" + strings.Repeat(" ", 4091), "The expression has 4097 bytes."},
		"operands of IN":   {"a IN (" + join(100, ":v", ",") + ")", "a IN (" + join(101, ":v", ",") + ")", "IN has 101 operands."},
		"operators, AND":   {join(150, "a=:v", " AND "), join(151, "a=:v", " AND "), "The expression has 301 operators and functions."},
		"operators, NOT":   {strings.Repeat("NOT ", 299) + "a=:v", strings.Repeat("NOT ", 300) + "a=:v", "The expression has 301 operators and functions."},
		"operators, range": {join(150, "a BETWEEN :v AND :v", " OR "), join(151, "a BETWEEN :v AND :v", " OR "), "The expression has 301 operators and functions."},
		"operators, calls": {join(150, "contains(a,:v)", " OR "), join(151, "contains(a,:v)", " OR "), "The expression has 301 operators and functions."},
		"operators, size":  {join(100, "size(a)=:v", " OR "), join(101, "size(a)=:v", " OR "), "The expression has 302 operators and functions."},
		"path":             {join(33, "a", ".") + " = :v", join(34, "a", ".") + " = :v", "The path has 33 dots and indexes."},
		"path with list":   {"a" + strings.Repeat("[0]", 32) + " = :v", "a" + strings.Repeat("[0]", 33) + " = :v", "The path has 33 dots and indexes."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values := map[string]types.AttributeValue{":v": &types.AttributeValueMemberS{Value: "x"}}
			if found := (&Filter{Expression: test.most, Values: values}).Check(); len(found) > 0 {
				t.Errorf("at the limit: %q", causes(found))
			}
			got := causes((&Filter{Expression: test.over, Values: values}).Check())
			if len(got) != 1 || !strings.Contains(got[0], test.cause) {
				t.Errorf("over the limit: got %q, want %q", got, test.cause)
			}
		})
	}
}

func TestReservedWords(t *testing.T) {
	t.Parallel()
	words := reservedWords()
	if len(words) != 573 {
		t.Errorf("%d words, want the 573 of the developer guide", len(words))
	}
	if !slices.IsSorted(words) || len(slices.Compact(slices.Clone(words))) != len(words) {
		t.Error("the words are not sorted, or some are there twice")
	}
	for _, word := range words {
		for _, spelling := range []string{word, strings.ToLower(word)} {
			f := Filter{Expression: "nested." + spelling + " = :v", Values: map[string]types.AttributeValue{":v": &types.AttributeValueMemberS{}}}
			refused := len(f.Check()) > 0
			if want := !slices.Contains(acceptedWords, word); refused != want {
				t.Errorf("%s: refused %v, want %v", spelling, refused, want)
			}
			f.Expression, f.Names = "#w = :v", map[string]string{"#w": spelling}
			if found := f.Check(); len(found) > 0 {
				t.Errorf("%s as a placeholder: %q", spelling, causes(found))
			}
		}
	}
	f := Filter{Expression: "status = :v OR b.status <> :v", Values: map[string]types.AttributeValue{":v": &types.AttributeValueMemberS{}}}
	found := f.Check()
	if len(found) != 1 || found[0].Attribute != "expression" || found[0].Next != `Write #status in the expression, and add "#status" = "status" to names.` {
		t.Errorf("got %+v", found)
	}
}

func TestProblemsHoldNoValue(t *testing.T) {
	t.Parallel()
	const planted = "planted-secret"
	deep := types.AttributeValue(&types.AttributeValueMemberS{Value: planted})
	for range 40 {
		deep = &types.AttributeValueMemberL{Value: []types.AttributeValue{deep}}
	}
	values := map[string]types.AttributeValue{
		":s": &types.AttributeValueMemberS{Value: planted}, ":t": &types.AttributeValueMemberS{Value: planted}, "u": &types.AttributeValueMemberS{Value: planted},
		":deep": deep, ":n": &types.AttributeValueMemberN{Value: planted}, ":b": &types.AttributeValueMemberBOOL{Value: true},
	}
	f := Filter{Expression: "attribute_type(a, :s) AND a BETWEEN :s AND :n AND begins_with(b, :deep) AND c < :b AND d = :gone", Values: values}
	found := f.Check()
	if len(found) < 8 {
		t.Errorf("only %d findings: %q", len(found), causes(found))
	}
	for _, p := range found {
		if text := p.Error() + p.Detail(); strings.Contains(text, planted) {
			t.Errorf("the message holds a value: %s", text)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"", "a = :v", "#s.b[3] IN (:v, size(c))", "((NOT a BETWEEN :v AND b", "\xff[", "attribute_type(a,", "é == \"x\"", "a[1].\n.#"} {
		f.Add(seed)
	}
	names := map[string]string{"#s": "status"}
	values := map[string]types.AttributeValue{":v": &types.AttributeValueMemberS{Value: "x"}}
	f.Fuzz(func(t *testing.T, expression string) {
		for _, filter := range []Filter{{Expression: expression}, {expression, names, values}, {"a = :v", map[string]string{expression: expression}, maps.Clone(values)}} {
			for _, p := range filter.Check() {
				if p.Summary == "" || p.Cause == "" || p.Next == "" || !slices.Contains([]string{"expression", "names", "values"}, p.Attribute) {
					t.Errorf("a finding that is not complete: %+v", p)
				}
			}
		}
	})
}
