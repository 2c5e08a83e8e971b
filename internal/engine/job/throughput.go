// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package job

// Throughput limits how fast a run goes. Zero means no limit, or the default.
type Throughput struct {
	// ReadUnits and WriteUnits are capacity units a second, of a table and its indexes together.
	ReadUnits, WriteUnits float64
	// ReadPercent and WritePercent are shares of what the table can do in a second: its provisioned units, or the maximum
	// of an on-demand table that has one.
	ReadPercent, WritePercent float64
	// Concurrency is how many requests write at once.
	Concurrency int
	// Segments is how many parts a table is read in.
	Segments int
}

// Share is each task's part when so many run at once, of which there are no more than requests may write. A percentage
// stays one, which each task takes of the table as it is then.
func (t Throughput) Share(tasks int) Throughput {
	n := float64(tasks)
	return Throughput{
		ReadUnits: t.ReadUnits / n, WriteUnits: t.WriteUnits / n, ReadPercent: t.ReadPercent / n,
		WritePercent: t.WritePercent / n, Concurrency: t.Concurrency / tasks,
	}
}

// Pool is how many requests write: first at the beginning, most when that turns out to pay.
type Pool struct{ First, Most int }

// Pool returns the default, or the one number that the user gave.
func (t Throughput) Pool(fallback Pool) Pool {
	if t.Concurrency == 0 {
		return fallback
	}
	return Pool{t.Concurrency, t.Concurrency}
}
