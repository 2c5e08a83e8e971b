// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tables

import (
	"context"
	"sync"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// ceilingWait is how long a run waits to learn what limits its rate. It can do without: DynamoDB returns what is too
// much.
const ceilingWait = 2 * time.Second

// WriteCapacity returns what is known about how many units a second may be written to the table, within the limits of
// the run. It asks AWS for what the table's description lacks if that can matter, and does without what it cannot
// learn.
func WriteCapacity(ctx context.Context, e *Env, t *Table, l Limits) pace.Capacity {
	if t == nil {
		return pace.Capacity{}
	}
	_, units := t.capacity("")
	switch {
	case !l.OfTable && len(t.Description.GlobalSecondaryIndexes) > 0, l.Write > 0 && l.Write <= units:
		// The limit counts other units than the table's own, or is the ceiling.
		return pace.Capacity{Known: units}.AtMost(l.Write)
	case t.onDemand():
		return onDemandCapacity(ctx, e, t, units, l).AtMost(l.Write)
	}
	return provisionedCapacity(ctx, e, t, units).AtMost(l.Write)
}

// onDemandCapacity returns the capacity of an on-demand table with that maximum, 0 for none. A table takes at once what
// it is warm for ("Understanding DynamoDB warm throughput").
func onDemandCapacity(ctx context.Context, e *Env, t *Table, maximum float64, l Limits) pace.Capacity {
	c := pace.Capacity{Known: maximum, Most: maximum}
	// Without a maximum, a table that is no warmer than a new one is searched as a new one.
	if warm := float64(optional.Value(optional.Value(t.Description.WarmThroughput).WriteUnitsPerSecond)); warm > pace.FirstRate ||
		maximum > 0 && warm > 0 {
		c = pace.Capacity{Known: warm, Most: maximum}.AtMost(maximum)
	}
	if maximum == 0 && l.Write == 0 { // The quota is for tables without a maximum ("Account limits exceeded").
		c = c.AtMost(e.Quotas.of(ctx, t))
	}
	return c
}

// provisionedCapacity returns the capacity of a provisioned table, with auto scaling if it has that.
func provisionedCapacity(ctx context.Context, e *Env, t *Table, units float64) pace.Capacity {
	c := pace.Capacity{Known: units}
	if units == 0 {
		return c // A server that does not say.
	}
	scaling, err := e.Connections.AutoScaling(ctx, t.Connection)
	if err != nil {
		return c
	}
	ctx, cancel := context.WithTimeout(ctx, ceilingWait)
	defer cancel()
	switch most, err := settings.ScaledWrites(ctx, settings.Clients{DynamoDB: t.Client, AutoScaling: scaling}, t.Name, t.Description); {
	case err != nil: // It may be scaled.
	case most > 0:
		c.Most = max(units, most)
	default:
		c.Steady = units
	}
	return c
}

// quotas remembers the quotas that a process has asked for: AWS answers about once a minute ("DescribeLimits").
type quotas struct {
	mu     sync.Mutex
	writes map[string]float64 // By account and Region; 0 if AWS has not said.
}

// of returns the write quota of tables in the table's account and Region, 0 if it is not known.
func (q *quotas) of(ctx context.Context, t *Table) float64 {
	account, region := t.Where()
	q.mu.Lock()
	defer q.mu.Unlock()
	units, asked := q.writes[account+region]
	if asked {
		return units
	}
	ctx, cancel := context.WithTimeout(ctx, ceilingWait)
	defer cancel()
	units, _ = settings.WriteQuota(ctx, t.Client, t.Name, t.Description) // An error leaves 0, and is not asked again.
	if q.writes == nil {
		q.writes = map[string]float64{}
	}
	q.writes[account+region] = units
	return units
}
