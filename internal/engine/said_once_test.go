// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

// What is wrong with a run is said once, and what follows from it is not.
func TestSaidOnce(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "orders", 0)
	p.engine.ProtectedTables = []string{"prod-*"}
	for name, test := range map[string]struct {
		job  job.Purge
		want string
	}{
		"no recovery":                       {job.Purge{Table: "orders", RequirePITR: true}, "No Point-In-Time Recovery"},
		"no recovery, to be recreated":      {job.Purge{Table: "orders", RequirePITR: true, Method: job.MethodRecreate}, "No Point-In-Time Recovery"},
		"no recovery, items to be deleted":  {job.Purge{Table: "orders", RequirePITR: true, Method: job.MethodDeleteItems}, "No Point-In-Time Recovery"},
		"protected, and there is no such":   {job.Purge{Table: "prod-orders"}, "Table Is Protected"},
		"filter for a table that is remade": {job.Purge{Table: "orders", FilterLater: true, Method: job.MethodRecreate}, "Filter And Recreate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if found := p.engine.CheckPurge(t.Context(), test.job); len(found) != 1 || found[0].Summary != test.want {
				t.Errorf("the plan says %v, want %s once", found, test.want)
			}
		})
	}
	j := job.Copy{Source: job.Source{Table: "orders"}, Destination: job.Destination{Table: "prod-orders"}}
	if found := p.engine.CheckCopy(t.Context(), j); len(found) != 1 || found[0].Summary != "Table Is Protected" {
		t.Errorf("the plan of a copy says %v", found)
	}
}
