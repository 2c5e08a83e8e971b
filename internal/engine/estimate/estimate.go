// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package estimate

import (
	"math"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Estimate is about what a run would do. It comes from DescribeTable, whose counts and sizes are up to six hours old
// ("DescribeTable" in the Amazon DynamoDB API Reference). It assumes that every item passes the filter and is in the
// sample, and that nothing is verified.
type Estimate struct {
	// Items and Bytes are what is read. Bytes are as DynamoDB counts them, or for a file or objects in S3 those of
	// DynamoDB JSON.
	Items, Bytes int64
	// ReadUnits and WriteUnits are capacity units, including those of the destination's indexes.
	ReadUnits, WriteUnits float64
	// Seconds is how long the run takes at the rate that the tables and the job's limits allow.
	Seconds float64
	// Method and MethodReason are what the run would choose.
	Method, MethodReason string
}

// The sizes of capacity units ("DynamoDB read and write operations" in the Developer Guide): 4 KB for a strongly
// consistent read, 8 KB for any other, and 1 KB for a write, rounded up for each item.
const (
	strongUnit   = 4 << 10
	eventualUnit = 8 << 10
	writeUnit    = 1 << 10
)

// What a new on-demand table takes in a second ("Initial throughput for on-demand capacity mode" in the Developer
// Guide).
const (

	// RecreateSeconds is about how long DynamoDB takes to delete and to create a table, whatever it holds.
	RecreateSeconds = 60
	// AWSSeconds is about how long AWS takes at least to restore, to export or to import a table. How much longer a large
	// table takes is not known.
	AWSSeconds = 300
)

// Read adds what reading costs. Reads, writes and indexes work at the same time, so the slowest decides.
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

// Demand is how many write units a table and its indexes have to take.
type Demand struct {
	Table   float64
	Indexes map[string]float64
}

// UnitsFor returns how many write units the items cost if all have the same size.
func UnitsFor(items, bytes int64) float64 {
	if items == 0 {
		return 0
	}
	return float64(items) * max(1, math.Ceil(float64(bytes)/float64(items)/writeUnit))
}

// over returns how many seconds the units take at the limit, 0 if there is none.
func over(units, limit float64) float64 {
	if limit == 0 {
		return 0
	}
	return units / limit
}
