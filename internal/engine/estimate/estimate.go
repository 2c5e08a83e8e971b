// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package estimate

import (
	"math"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Estimate is about what a run would do. It is computed from DescribeTable, whose counts and sizes are up to six hours
// old ("DescribeTable" in the Amazon DynamoDB API Reference), as if every item passed the filter and were in the
// sample, and without a verification.
type Estimate struct {
	// Items and Bytes are what is read: as DynamoDB counts it, or of a file or objects as DynamoDB JSON.
	Items, Bytes int64
	// ReadUnits and WriteUnits are capacity units, those of the destination's indexes among them.
	ReadUnits, WriteUnits float64
	// Seconds is how long that takes at the rate that the tables and the job's limits allow.
	Seconds float64
	// Method and MethodReason are those that the run would have.
	Method, MethodReason string
}

// Sizes in which capacity units are counted ("DynamoDB read and write operations" in the Developer Guide): a strongly
// consistent read unit is 4 KB, one that is not 8 KB, and a write unit is 1 KB, begun anew for each item.
const (
	strongUnit   = 4 << 10
	eventualUnit = 8 << 10
	writeUnit    = 1 << 10
)

// What a new on-demand table takes in a second ("Initial throughput for on-demand capacity mode" in the Developer
// Guide).
const (

	// RecreateSeconds is about how long DynamoDB takes to delete a table and to make one, whatever it holds.
	RecreateSeconds = 60
	// AWSSeconds is about how long AWS takes at least to restore, to export or to import a table. What more a large one
	// takes is not known.
	AWSSeconds = 300
)

// Read adds what reading costs. Reading, writing and the indexes go on at the same time, so the slowest of them counts.
func (e *Estimate) Read(t *tables.Table, index string, consistent bool, limit float64) {
	unit := float64(eventualUnit)
	if consistent {
		unit = strongUnit
	}
	e.ReadUnits = math.Ceil(float64(e.Bytes) / unit)
	rate, _ := t.Rates(index)
	e.Seconds = max(e.Seconds, e.ReadUnits/rate, over(e.ReadUnits, limit))
}

// Write adds what writing costs.
func (e *Estimate) Write(t *tables.Table, d Demand, limit float64) {
	e.WriteUnits = d.Table
	for name, units := range d.Indexes {
		e.WriteUnits += units
		_, rate := t.Rates(name)
		e.Seconds = max(e.Seconds, units/rate)
	}
	_, rate := t.Rates("")
	e.Seconds = max(e.Seconds, d.Table/rate, over(e.WriteUnits, limit))
}

// Demand is how many write units a table and its indexes are to take.
type Demand struct {
	Table   float64
	Indexes map[string]float64
}

// UnitsFor is how many write units so many items cost, all taken as of the same size.
func UnitsFor(items, bytes int64) float64 {
	if items == 0 {
		return 0
	}
	return float64(items) * max(1, math.Ceil(float64(bytes)/float64(items)/writeUnit))
}

// over is how long the units take at the limit, which is 0 for none.
func over(units, limit float64) float64 {
	if limit == 0 {
		return 0
	}
	return units / limit
}
