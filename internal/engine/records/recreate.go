// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// recreateLeftover is the record of a recreate. Runs of its table find it by the table, and finish it or give it up.
type recreateLeftover struct{ steps.State }

func (*recreateLeftover) outdated(string, Change) (rest any, means string, ok bool) {
	return nil, "", false
}

func (*recreateLeftover) inTheWay(context.Context, *tables.Env, string, Use, Use) *problem.Problem {
	return nil
}

// RecreateName returns the name of the record of the table's recreate. A table has one.
func RecreateName(table settings.Identity) string {
	return journal.RecreateName(table.ARN, table.Region)
}

// TrustRecreate refuses a record that is not one of a recreate of its table. Once the table is gone, nothing can prove
// the settings that the record holds.
func TrustRecreate(e *tables.Env, name string, state *steps.State) *problem.Problem {
	if state.Snapshot == nil {
		return attempt.Refused(e, name, "it has no settings")
	}
	if name != RecreateName(state.Snapshot.Table) {
		return attempt.Refused(e, name, "it is the record of another table")
	}
	if why := state.Foreign(name, e.Now()); why != "" {
		return attempt.Refused(e, name, why)
	}
	return nil
}
