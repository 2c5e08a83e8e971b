// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tables

import (
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// Limits are units a second at each end of a run, 0 for no limit.
type Limits struct {
	Read, Write float64
	// OfTable reports whether Write counts the table's own units only, and not those of its indexes.
	OfTable bool
}

// LimitsOf converts percentages to units. A table is nil if that end is not a table or is not known yet; index is the
// one that is read in place of its table.
func LimitsOf(t job.Throughput, reads *Table, index string, writes *Table) (Limits, []*problem.Problem) {
	var found problem.List
	l := Limits{t.ReadUnits, t.WriteUnits, t.WriteUnits == 0}
	if t.ReadPercent > 0 && reads != nil {
		read, _ := reads.capacity(index)
		l.Read = percentage(&found, reads, "read", t.ReadPercent, read)
	}
	if t.WritePercent > 0 && writes != nil {
		_, write := writes.capacity("")
		l.Write = percentage(&found, writes, "write", t.WritePercent, write)
	}
	return l, found
}

// percentage returns that share of the units, which are 0 for a table without a limit.
func percentage(found *problem.List, t *Table, side string, percent, units float64) float64 {
	if units == 0 {
		p := t.About("throughput."+side+"_percent", "Percentage Of No Limit")
		p.Cause = "The table is on-demand and has no maximum, so there is nothing to take a percentage of."
		p.Next = fmt.Sprintf("Set throughput.%s_units, or give the table a maximum.", side)
		found.Add(p)
	}
	return units * percent / 100
}
