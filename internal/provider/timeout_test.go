// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A timeout that is over before the run begins, or that is none, is refused by the plan of whatever has one.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	isTimeout := func(steps string) bool {
		return strings.HasSuffix(steps, ".timeouts.create") || strings.HasSuffix(steps, ".timeout")
	}
	for given, valid := range map[string]bool{
		"0s": false, "0": false, "-1h": false, "1ms": false, "999ms": false, "soon": false, "": false, "90": false,
		"1s": true, "90m": true, "1h30m": true, "9999h": true,
	} {
		found := 0
		for name, it := range configurables(t) {
			text := func(typ tftypes.Type) (tftypes.Value, bool) {
				if !typ.Is(tftypes.String) {
					return tftypes.Value{}, false
				}
				return tftypes.NewValue(typ, given), true
			}
			for _, v := range variants(it.form.ValueType(), text) {
				if !isTimeout(v.at) {
					continue
				}
				found++
				diags, err := it.validate(v.value)
				if err != nil {
					t.Fatal(err)
				}
				if refused := refusesTimeout(diags); refused == valid {
					t.Errorf("%s: %s = %q: refused %v", name, v.at, given, refused)
				}
			}
		}
		if found != 4 { // The resources and the actions.
			t.Fatalf("%d timeouts", found)
		}
	}
}

func refusesTimeout(diags []*tfprotov6.Diagnostic) bool {
	for _, d := range diags {
		if d.Summary == "Invalid Duration" && strings.Contains(d.Detail, "of 1s or more") {
			return true
		}
	}
	return false
}
