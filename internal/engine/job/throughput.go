// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package job

// Throughput limits how fast a run goes. Zero means no limit, or the default.
type Throughput struct {
	// ReadUnits and WriteUnits are capacity units a second, for a table and its indexes together.
	ReadUnits, WriteUnits float64
	// ReadPercent and WritePercent are shares of what the table can do in a second: its provisioned units, or the maximum
	// of an on-demand table that has one.
	ReadPercent, WritePercent float64
	// Concurrency is how many requests write at once.
	Concurrency int
	// Segments is how many segments a table is read in.
	Segments int
}

// Share returns each task's part if that many run at once. Concurrency is at least that number. A percentage stays a
// percentage, which each task applies to the table as it is then.
func (t Throughput) Share(tasks int) Throughput {
	n := float64(tasks)
	return Throughput{
		ReadUnits: t.ReadUnits / n, WriteUnits: t.WriteUnits / n, ReadPercent: t.ReadPercent / n,
		WritePercent: t.WritePercent / n, Concurrency: t.Concurrency / tasks,
	}
}

// Pool is how many requests write at once: First at the beginning, up to Most if that moves more items.
type Pool struct{ First, Most int }

// Pool returns the default, or a pool of the size that the user chose.
func (t Throughput) Pool(fallback Pool) Pool {
	if t.Concurrency == 0 {
		return fallback
	}
	return Pool{t.Concurrency, t.Concurrency}
}
