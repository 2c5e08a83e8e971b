// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"sync"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// ceilingWait is how long a run waits to hear what bounds its rate. It can do without: what is too much comes back.
const ceilingWait = 2 * time.Second

// writePacer finds what the table takes, below what bounds it and what the user allows. It is nil for a file.
func (e *Engine) writePacer(ctx context.Context, m movement) *flow.Pacer {
	if m.writes == nil {
		return nil
	}
	processes := m.segment.Processes()
	if m.segment != nil { // Whoever has the whole run has asked, once for all tasks.
		return flow.NewFindingPacer(m.segment.Capacity.AtMost(m.limits.write*float64(processes)), processes)
	}
	return flow.NewFindingPacer(e.writeCapacity(ctx, m.writes, m.limits), processes)
}

// writeCapacity is what is known of the units a second that may be written to the table, within the limits of the run. It asks AWS for
// what is not in the table's description where that can matter, and does without what is not to be had.
func (e *Engine) writeCapacity(ctx context.Context, t *table, l limits) pace.Capacity {
	if t == nil {
		return pace.Capacity{}
	}
	_, units := t.capacity("")
	switch {
	case !l.ofTable && len(t.Description.GlobalSecondaryIndexes) > 0, l.write > 0 && l.write <= units:
		// The limit is of other units than the table's own, or is the ceiling.
		return pace.Capacity{Known: units}.AtMost(l.write)
	case t.onDemand():
		return e.onDemandCapacity(ctx, t, units, l).AtMost(l.write)
	}
	return e.provisionedCapacity(ctx, t, units).AtMost(l.write)
}

// onDemandCapacity is that of an on-demand table, with that maximum or with 0 for none. A table takes at once what it is warm for
// ("Understanding DynamoDB warm throughput").
func (e *Engine) onDemandCapacity(ctx context.Context, t *table, maximum float64, l limits) pace.Capacity {
	c := pace.Capacity{Known: maximum, Most: maximum}
	// Without a maximum, one that is no warmer than a new table is searched like that.
	if warm := float64(value(value(t.Description.WarmThroughput).WriteUnitsPerSecond)); warm > pace.FirstRate || maximum > 0 && warm > 0 {
		c = pace.Capacity{Known: warm, Most: maximum}.AtMost(maximum)
	}
	if maximum == 0 && l.write == 0 { // The quota is for tables without a maximum ("Account limits exceeded").
		c = c.AtMost(e.quotas.of(ctx, t))
	}
	return c
}

// provisionedCapacity is that of a provisioned table.
func (e *Engine) provisionedCapacity(ctx context.Context, t *table, units float64) pace.Capacity {
	c := pace.Capacity{Known: units}
	if units == 0 {
		return c // A server that does not say.
	}
	scaling, err := e.Connections.AutoScaling(ctx, t.side)
	if err != nil {
		return c
	}
	ctx, cancel := context.WithTimeout(ctx, ceilingWait)
	defer cancel()
	switch most, err := settings.ScaledWrites(ctx, settings.Clients{DynamoDB: t.client, AutoScaling: scaling}, t.Name, t.Description); {
	case err != nil: // It may be scaled.
	case most > 0:
		c.Most = max(units, most)
	default:
		c.Steady = units
	}
	return c
}

// quotas are those of the accounts and Regions that a process has asked about: AWS answers about once a minute ("DescribeLimits").
type quotas struct {
	mu     sync.Mutex
	writes map[string]float64 // By account and Region; 0 if AWS has not said.
}

// of is the write quota of tables in the table's account and Region, 0 if it is not known.
func (q *quotas) of(ctx context.Context, t *table) float64 {
	account, region := t.Where()
	q.mu.Lock()
	defer q.mu.Unlock()
	units, asked := q.writes[account+region]
	if asked {
		return units
	}
	ctx, cancel := context.WithTimeout(ctx, ceilingWait)
	defer cancel()
	units, _ = settings.WriteQuota(ctx, t.client, t.Name, t.Description) // An error leaves 0, and is not asked again.
	if q.writes == nil {
		q.writes = map[string]float64{}
	}
	q.writes[account+region] = units
	return units
}
