// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// limits are a run's units a second on each side, 0 for no limit.
type limits struct {
	read, write float64
	// ofTable says that write is of the table's own units: a share of them, or what it turns out to take. Its indexes have their own.
	ofTable bool
}

// limitsOf turns shares into units. The tables are nil where a file is, or what is not known yet; index is the one that is
// read in place of its table.
func limitsOf(t job.Throughput, reads *table, index string, writes *table) (limits, []*problem.Problem) {
	var found problem.List
	l := limits{t.ReadUnits, t.WriteUnits, t.WriteUnits == 0}
	if t.ReadPercent > 0 && reads != nil {
		read, _ := reads.capacity(index)
		l.read = percentage(&found, reads, "read", t.ReadPercent, read)
	}
	if t.WritePercent > 0 && writes != nil {
		_, write := writes.capacity("")
		l.write = percentage(&found, writes, "write", t.WritePercent, write)
	}
	return l, found
}

// percentage is so much of the units, which are 0 for a table without a limit.
func percentage(found *problem.List, t *table, side string, percent, units float64) float64 {
	if units == 0 {
		p := t.about("throughput."+side+"_percent", "Percentage Of No Limit")
		p.Cause = "The table is on-demand and has no maximum, so there is nothing to take a percentage of."
		p.Next = fmt.Sprintf("Set throughput.%s_units, or give the table a maximum.", side)
		found.Add(p)
	}
	return units * percent / 100
}

// capacity returns the units a second that the table can do, or its global index of that name; 0 where there is no limit.
func (t *table) capacity(index string) (read, write float64) {
	provisioned, onDemand := t.Description.ProvisionedThroughput, t.Description.OnDemandThroughput
	for _, i := range t.Description.GlobalSecondaryIndexes {
		if value(i.IndexName) == index {
			provisioned, onDemand = i.ProvisionedThroughput, i.OnDemandThroughput
		}
	}
	if !t.onDemand() {
		p := value(provisioned)
		return float64(value(p.ReadCapacityUnits)), float64(value(p.WriteCapacityUnits))
	}
	o := value(onDemand) // -1 means no maximum.
	return float64(max(0, value(o.MaxReadRequestUnits))), float64(max(0, value(o.MaxWriteRequestUnits)))
}

// onDemand says whether the table is billed by request. One that was always provisioned has no summary.
func (t *table) onDemand() bool {
	return value(t.Description.BillingModeSummary).BillingMode == types.BillingModePayPerRequest
}

// readPacer is for so many units a second, nil for no limit.
func readPacer(unitsPerSecond float64) *flow.Pacer {
	if unitsPerSecond == 0 {
		return nil
	}
	return flow.NewPacer(unitsPerSecond)
}
