// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// given are arguments by name: objects and maps as args, lists and sets as []any, what has any type as a tftypes.Value.
type args = map[string]any

// filtered is a filter whose values those are.
func filtered(values tftypes.Value) args {
	return args{"filter": args{"expression": "contains(:v, a)", "values": values}}
}

// inJSON is a filter whose values those are as DynamoDB JSON.
func inJSON(values string) args {
	return args{"filter": args{"expression": "contains(:v, a)", "values_json": values}}
}

// ofV is an object with the value of :v.
func ofV(v tftypes.Value) tftypes.Value { return hclObject(map[string]tftypes.Value{":v": v}) }

var (
	texts  = tftypes.Map{ElementType: tftypes.String}
	noText = tftypes.NewValue(tftypes.String, nil)
)

// respelled are arguments that mean the same, written differently.
var respelled = map[string]struct {
	kind          string
	before, after args
}{
	"tuple and list":       {"purge", filtered(ofV(hclTuple(hclString("a"), hclString("b")))), filtered(ofV(hclList(tftypes.String, hclString("a"), hclString("b"))))},
	"tuple and list below": {"purge", filtered(ofV(hclTuple(hclTuple(hclNumber("1"))))), filtered(ofV(hclTuple(hclList(tftypes.Number, hclNumber("1")))))},
	"object and map":       {"purge", filtered(ofV(hclObject(map[string]tftypes.Value{"k": hclString("a")}))), filtered(ofV(tftypes.NewValue(texts, map[string]tftypes.Value{"k": hclString("a")})))},
	"empty object and map": {"copy", filtered(ofV(hclObject(nil))), filtered(ofV(tftypes.NewValue(texts, map[string]tftypes.Value{})))},
	"empty tuple and list": {"copy", filtered(ofV(hclTuple())), filtered(ofV(hclList(tftypes.String)))},
	"values as a map":      {"purge", filtered(ofV(hclString("a"))), filtered(tftypes.NewValue(texts, map[string]tftypes.Value{":v": hclString("a")}))},
	"no values":            {"purge", filtered(hclNull()), filtered(hclObject(nil))},
	"no values of a type":  {"purge", filtered(hclNull()), filtered(tftypes.NewValue(texts, nil))},
	"empty map of values":  {"copy", filtered(hclObject(nil)), filtered(tftypes.NewValue(texts, map[string]tftypes.Value{}))},
	"null and its type":    {"purge", filtered(ofV(hclNull())), filtered(ofV(noText))},
	"null in a list":       {"purge", filtered(ofV(hclTuple(hclString("a"), hclNull()))), filtered(ofV(hclList(tftypes.String, hclString("a"), noText)))},
	"digits of a number":   {"purge", filtered(ofV(hclNumber("1"))), filtered(ofV(hclNumber("1.00")))},
	"number with exponent": {"purge", filtered(ofV(hclNumber("1000"))), filtered(ofV(hclNumber("1e3")))},
	"precision":            {"purge", filtered(ofV(hclNumber("0.5"))), filtered(ofV(tftypes.NewValue(tftypes.Number, 0.5)))},
	"values in JSON":       {"purge", filtered(ofV(hclTuple(hclNumber("10"), hclNull()))), inJSON(`{":v": {"L": [{"N": "1e1"}, {"NULL": true}]}}`)},
	"set in JSON":          {"copy", filtered(ofV(hclSet(tftypes.Number, hclNumber("1"), hclNumber("20")))), inJSON(`{":v": {"NS": ["20.0", "1"]}}`)},
	"order in JSON":        {"copy", inJSON(`{":v": {"S": "a"}, ":w": {"M": {"a": {"S": ""}, "b": {"S": ""}}}}`), inJSON(`{":w":{"M":{"b":{"S":""},"a":{"S":""}}},":v":{"S":"a"}}`)},
	"no values in JSON":    {"purge", args{"filter": args{"expression": "contains(:v, a)"}}, inJSON(`{}`)},
	"no names":             {"purge", args{"filter": args{"expression": "a = b"}}, args{"filter": args{"expression": "a = b", "names": args{}}}},
	"method":               {"purge", args{}, args{"method": "auto"}},
	"recheck_filter":       {"purge", args{}, args{"recheck_filter": true}},
	"backup_before":        {"purge", args{"backup_before": false}, args{}},
	"require_pitr":         {"purge", args{}, args{"require_pitr": false}},
	"allow":                {"purge", args{}, args{"allow": []any{}}},
	"triggers":             {"purge", args{"triggers": args{}}, args{}},
	"duration of a role":   {"purge", args{"assume_role": args{"role_arn": "r", "duration": "1h"}}, args{"assume_role": args{"role_arn": "r", "duration": "60m"}}},
	"method of a copy":     {"copy", args{}, args{"method": "auto"}},
	"no export":            {"copy", args{}, args{"export": args{}}},
	"export's time":        {"copy", args{"export": args{"point_in_time": "2026-11-24T08:00:00Z"}}, args{"export": args{"point_in_time": "2026-11-24T08:00:00+00:00"}}},
	"time of another zone": {"copy", args{"export": args{"point_in_time": "2026-11-24T08:00:00Z"}}, args{"export": args{"point_in_time": "2026-11-24T09:00:00.0+01:00"}}},
	"no backup_restore":    {"copy", args{"backup_restore": args{}}, args{}},
	"default of a restore": {"copy", args{}, args{"backup_restore": args{"keep_backup": false, "replace_destination": false}}},
	"restore's time":       {"copy", args{"backup_restore": args{"point_in_time": "2026-11-24T08:00:00Z"}}, args{"backup_restore": args{"point_in_time": "2026-11-24T08:00:00+00:00", "keep_backup": false}}},
	"no steps":             {"copy", args{}, args{"transform": []any{}}},
	"empty part of a step": {"copy", args{"transform": []any{args{"remove": []any{"a"}}}}, args{"transform": []any{args{"remove": []any{"a"}, "set": args{}}}}},
	"sample_percent":       {"copy", args{}, args{"sample_percent": 100}},
	"on_conflict":          {"copy", args{}, args{"on_conflict": "overwrite"}},
	"verify":               {"copy", args{"verify": "none"}, args{}},
	"consistent_read":      {"copy", args{"source": args{"table": "orders"}}, args{"source": args{"table": "orders", "consistent_read": false}}},
	"format":               {"copy", args{"source": args{"s3": args{"bucket": "b"}}}, args{"source": args{"s3": args{"bucket": "b", "format": "dynamodb_json"}}}},
	"create_table":         {"copy", args{"destination": args{"table": "copy"}}, args{"destination": args{"table": "copy", "create_table": "never"}}},
	"role of the source": {
		"copy", args{"source": args{"table": "orders", "assume_role": args{"role_arn": "r", "duration": "90m"}}},
		args{"source": args{"table": "orders", "assume_role": args{"role_arn": "r", "duration": "1h30m"}}},
	},
}

// Arguments that mean the same never start a run, in whichever order they were written. The plan keeps what the state has, unless the
// argument was left out before or is now.
func TestSpellingStartsNoRun(t *testing.T) {
	t.Parallel()
	for name, test := range respelled {
		for _, changed := range [][2]args{{test.before, test.after}, {test.after, test.before}} {
			prior, planned, resp := change(t, test.kind, changed[0], changed[1])
			if len(resp.Diagnostics)+len(resp.RequiresReplace) > 0 {
				t.Errorf("%s: the plan replaces %v, and says %v", name, resp.RequiresReplace, resp.Diagnostics)
			}
			for argument, value := range planned {
				_, before := changed[0][argument]
				_, after := changed[1][argument]
				if before == after && !value.Equal(prior[argument]) {
					t.Errorf("%s: the plan has %s = %s instead of %s", name, argument, value, prior[argument])
				}
			}
		}
	}
}

// A change of what an argument means starts a run, and the plan says which argument that is: Terraform shows it, or else the provider.
func TestMeaningStartsARun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind          string
		before, after args
		argument      string
		unseen        bool
	}{
		"list and set":           {"purge", filtered(ofV(hclTuple(hclString("a")))), filtered(ofV(hclSet(tftypes.String, hclString("a")))), "filter", true},
		"numbers as list or set": {"purge", filtered(ofV(hclList(tftypes.Number, hclNumber("1")))), filtered(ofV(hclSet(tftypes.Number, hclNumber("1")))), "filter", true},
		"list and set below":     {"copy", filtered(ofV(hclTuple(hclTuple(hclString("a"))))), filtered(ofV(hclTuple(hclSet(tftypes.String, hclString("a"))))), "filter", true},
		"text and number":        {"purge", filtered(ofV(hclString("1"))), filtered(ofV(hclNumber("1"))), "filter", false},
		"values in JSON":         {"purge", filtered(ofV(hclString("1"))), inJSON(`{":v": {"N": "1"}}`), "filter", false},
		"binary and its text":    {"copy", filtered(ofV(hclString("AAE="))), inJSON(`{":v": {"B": "AAE="}}`), "filter", false},
		"text and bool":          {"purge", filtered(ofV(hclString("true"))), filtered(ofV(tftypes.NewValue(tftypes.Bool, true))), "filter", false},
		"null and none":          {"purge", filtered(hclObject(nil)), filtered(ofV(hclNull())), "filter", false},
		"null and empty text":    {"purge", filtered(ofV(hclNull())), filtered(ofV(hclString(""))), "filter", false},
		"a digit":                {"purge", filtered(ofV(hclNumber("12345678901234567890123456789012345678"))), filtered(ofV(hclNumber("12345678901234567890123456789012345679"))), "filter", false},
		"order in a list":        {"purge", filtered(ofV(hclTuple(hclString("a"), hclString("b")))), filtered(ofV(hclTuple(hclString("b"), hclString("a")))), "filter", false},
		"no filter":              {"purge", filtered(ofV(hclString("a"))), args{}, "filter", false},
		"name and ARN":           {"purge", args{"table": "orders"}, args{"table": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"}, "table", false},
		"Region":                 {"purge", args{}, args{"region": "eu-west-1"}, "region", false},
		"allow":                  {"purge", args{"allow": []any{"stream"}}, args{"allow": []any{"stream", "kinesis"}}, "allow", false},
		"recheck_filter":         {"purge", args{}, args{"recheck_filter": false}, "recheck_filter", false},
		"triggers":               {"purge", args{}, args{"triggers": args{"a": ""}}, "triggers", false},
		"duration of a role":     {"purge", args{"assume_role": args{"role_arn": "r", "duration": "1h"}}, args{"assume_role": args{"role_arn": "r", "duration": "2h"}}, "assume_role", false},
		"a second":               {"copy", args{"export": args{"point_in_time": "2026-11-24T08:00:00Z"}}, args{"export": args{"point_in_time": "2026-11-24T08:00:01Z"}}, "export", false},
		"latest":                 {"copy", args{"backup_restore": args{"point_in_time": "2026-11-24T08:00:00Z"}}, args{"backup_restore": args{"point_in_time": "latest"}}, "backup_restore", false},
		"order of steps": {
			"copy", args{"transform": []any{args{"remove": []any{"a"}}, args{"mask": []any{"b"}}}},
			args{"transform": []any{args{"mask": []any{"b"}}, args{"remove": []any{"a"}}}}, "transform", false,
		},
		"sample_percent": {"copy", args{}, args{"sample_percent": 99.999999}, "sample_percent", false},
		"version of key": {"copy", args{}, args{"hmac_key_wo_version": 1}, "hmac_key_wo_version", false},
		"create_table":   {"copy", args{"destination": args{"table": "copy"}}, args{"destination": args{"table": "copy", "create_table": "full"}}, "destination", false},
	} {
		for _, changed := range [][2]args{{test.before, test.after}, {test.after, test.before}} {
			_, _, resp := change(t, test.kind, changed[0], changed[1])
			if len(resp.RequiresReplace) == 0 || resp.RequiresReplace[0].Steps()[0] != tftypes.AttributeName(test.argument) {
				t.Errorf("%s: the plan replaces %v", name, resp.RequiresReplace)
			}
			if warned := len(resp.Diagnostics) == 1 && resp.Diagnostics[0].Summary == "Filter Value Changes Its Type"; warned != test.unseen || len(resp.Diagnostics) > 1 {
				t.Errorf("%s: the plan says %v", name, resp.Diagnostics)
			}
		}
	}
}

// change is what the provider plans for a resource that has run with arguments and is to have others.
func change(t *testing.T, kind string, before, after args) (prior, planned map[string]tftypes.Value, _ *tfprotov6.PlanResourceChangeResponse) {
	t.Helper()
	of, required := NewTablePurgeResource(), args{"table": "orders"}
	if kind == "copy" {
		of, required = NewTableCopyResource(), args{"source": args{"table": "orders"}, "destination": args{"table": "copy"}}
	}
	state, config := record(t, of, required, before, true), record(t, of, required, after, false)
	proposed := record(t, of, required, after, true)
	resp, err := newServer("test").PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: "dynamoops_table_" + kind, PriorState: encoded(t, state), Config: encoded(t, config), ProposedNewState: encoded(t, proposed),
	})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := resp.PlannedState.Unmarshal(state.Type())
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		of tftypes.Value
		to *map[string]tftypes.Value
	}{{state, &prior}, {plan, &planned}} {
		if err := part.of.As(part.to); err != nil {
			t.Fatal(err)
		}
	}
	return prior, planned, resp
}

// record is a resource with those arguments, and with outputs if it has run.
func record(t *testing.T, of resource.Resource, required, given args, hasRun bool) tftypes.Value {
	t.Helper()
	form := schemaOf(t.Context(), of)
	all := maps.Clone(required)
	maps.Copy(all, given)
	values := map[string]tftypes.Value{}
	for name, attribute := range form.Attributes {
		typ := attribute.GetType().TerraformType(t.Context())
		if values[name] = hclOf(t, typ, all[name]); hasRun && attribute.IsComputed() {
			values[name] = someValue(name, typ)
		}
	}
	return tftypes.NewValue(form.Type().TerraformType(t.Context()), values)
}

// hclOf is an argument of that type.
func hclOf(t *testing.T, typ tftypes.Type, given any) tftypes.Value {
	t.Helper()
	if value, ok := given.(tftypes.Value); ok || given == nil {
		if given == nil {
			return tftypes.NewValue(typ, nil)
		}
		return value
	}
	members, _ := given.(args)
	elements, _ := given.([]any)
	var list []tftypes.Value
	values := map[string]tftypes.Value{}
	switch typ := typ.(type) {
	case tftypes.Object:
		for name, member := range typ.AttributeTypes {
			values[name] = hclOf(t, member, members[name])
		}
		return tftypes.NewValue(typ, values)
	case tftypes.Map:
		for name, member := range members {
			values[name] = hclOf(t, typ.ElementType, member)
		}
		return tftypes.NewValue(typ, values)
	case tftypes.List:
		for _, element := range elements {
			list = append(list, hclOf(t, typ.ElementType, element))
		}
		return tftypes.NewValue(typ, append([]tftypes.Value{}, list...))
	case tftypes.Set:
		for _, element := range elements {
			list = append(list, hclOf(t, typ.ElementType, element))
		}
		return tftypes.NewValue(typ, append([]tftypes.Value{}, list...))
	}
	return tftypes.NewValue(typ, given)
}
