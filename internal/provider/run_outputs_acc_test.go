// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/provider"
)

var uuidPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// resourceOutputs are the names of what a resource computes.
func resourceOutputs(kind string) []string {
	resources := map[string]resource.Resource{
		"dynamoops_table_copy": provider.NewTableCopyResource(), "dynamoops_table_purge": provider.NewTablePurgeResource(),
	}
	var schema resource.SchemaResponse
	resources[kind].Schema(context.Background(), resource.SchemaRequest{}, &schema)
	var outputs []string
	for name, attribute := range schema.Schema.Attributes {
		if attribute.IsComputed() {
			outputs = append(outputs, name)
		}
	}
	return outputs
}

// ledger checks that a resource has every output, that they fit together, and that done, the name of the output that counts
// what was written or deleted, and items_filtered have these values.
func ledger(address, done string, count, filtered int64) statecheck.StateCheck {
	return stateCheck(func(state *tfjson.State) error {
		outputs, err := outputsOf(state, address)
		if err != nil {
			return err
		}
		scanned := outputs.integer("items_scanned")
		sum := outputs.integer("items_dropped") + outputs.integer(done) + outputs.integer("items_skipped") + outputs.integer("items_failed")
		if sum != scanned {
			return fmt.Errorf("%s: items_scanned is %d, the rest of the ledger adds up to %d", address, scanned, sum)
		}
		if scanned != count || outputs.integer(done) != count || outputs.integer("items_filtered") != filtered {
			return fmt.Errorf("%s: items_scanned = %d, %s = %d, items_filtered = %d; want %d, %d, %d",
				address, scanned, done, outputs.integer(done), outputs.integer("items_filtered"), count, count, filtered)
		}
		if fault := outputs.fault(); fault != "" {
			return fmt.Errorf("%s: %s does not fit in %v", address, fault, outputs)
		}
		return nil
	})
}

// runOutputs are the values of a resource in the state.
type runOutputs map[string]any

// outputsOf finds a resource in the state, and checks that it has every output.
func outputsOf(state *tfjson.State, address string) (runOutputs, error) {
	for _, r := range state.Values.RootModule.Resources {
		if r.Address != address {
			continue
		}
		for _, output := range resourceOutputs(r.Type) {
			if r.AttributeValues[output] == nil && output != "destination_file" { // Null where the destination is not a file.
				return nil, fmt.Errorf("%s has no %s", address, output)
			}
		}
		return r.AttributeValues, nil
	}
	return nil, fmt.Errorf("%s is not in the state", address)
}

func (o runOutputs) text(name string) string { text, _ := o[name].(string); return text }

func (o runOutputs) float(name string) float64 {
	number, _ := o[name].(json.Number)
	value, _ := number.Float64()
	return value
}

func (o runOutputs) integer(name string) int64 { return int64(o.float(name)) }

// fault names an output that cannot be true.
func (o runOutputs) fault() string {
	started, startErr := time.Parse(time.RFC3339, o.text("started_at"))
	completed, completeErr := time.Parse(time.RFC3339, o.text("completed_at"))
	read, written := o.text("source_table_arn")+o.text("table_arn"), o.text("destination_table_arn")+o.text("table_arn")
	byAWS := false // Then it tells neither units nor bytes.
	if o.text("export_arn") != "" {
		if read = ""; o["verified"] == true {
			read = written
		}
		byAWS = o.text("import_arn") != "" || strings.HasSuffix(o.text("export_arn"), path.Base(o.text("destination_s3_prefix")))
	}
	switch {
	case startErr != nil || !strings.HasSuffix(o.text("started_at"), "Z"):
		return "started_at"
	case completeErr != nil || !strings.HasSuffix(o.text("completed_at"), "Z") || completed.Before(started):
		return "completed_at"
	case o.float("duration_seconds") < 0 || o.float("duration_seconds") > completed.Sub(started).Seconds()+1:
		return "duration_seconds"
	case !uuidPattern.MatchString(o.text("id")):
		return "id"
	case o.text("method_reason") == "":
		return "method_reason"
	case o.text("table_id_before") != o.text("table_id_after"):
		return "table_id_after"
	case o.integer("throttled_requests") != 0:
		return "throttled_requests"
	case o.integer("items_scanned") > 0 && (o.float("consumed_read_units") > 0) != (read != ""):
		return "consumed_read_units"
	case o.integer("items_scanned") > 0 && (o.float("consumed_write_units") > 0) != (written != "" && !byAWS):
		return "consumed_write_units"
	case o["bytes_written"] != nil && (o.integer("bytes_written") > 0) != (o.integer("items_written") > 0 && !byAWS):
		return "bytes_written"
	}
	return ""
}

// stateCheck is a check as a function.
type stateCheck func(*tfjson.State) error

func (check stateCheck) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = check(req.State)
}

// value checks one output that is a text.
func value(address, output, want string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(output), knownvalue.StringExact(want))
}
