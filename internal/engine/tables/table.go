// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tables

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// Table is a table of a run: one that was opened, or one that is planned.
type Table struct {
	*store.Table
	Client     *dynamodb.Client
	Connection awsconn.Connection
}

// Segments returns how many segments the table is scanned in. Many segments spread the writes over the destination's
// partitions. The size is up to six hours old, which does no harm here.
func (t *Table) Segments() int {
	const segmentBytes = 64 << 20
	return int(min(max(optional.Value(t.Description.TableSizeBytes)/segmentBytes, 16), 4096))
}

// Holds returns how many items and bytes the table, or its index of that name, held some hours ago.
func (t *Table) Holds(index string) (items, bytes int64) {
	for _, i := range t.Description.GlobalSecondaryIndexes {
		if optional.Value(i.IndexName) == index {
			return optional.Value(i.ItemCount), optional.Value(i.IndexSizeBytes)
		}
	}
	for _, i := range t.Description.LocalSecondaryIndexes {
		if optional.Value(i.IndexName) == index {
			return optional.Value(i.ItemCount), optional.Value(i.IndexSizeBytes)
		}
	}
	return optional.Value(t.Description.ItemCount), optional.Value(t.Description.TableSizeBytes)
}

// Indexes returns the projections of the table's indexes by name.
func (t *Table) Indexes() map[string]types.ProjectionType {
	all := map[string]types.ProjectionType{}
	for _, i := range t.Description.GlobalSecondaryIndexes {
		all[optional.Value(i.IndexName)] = optional.Value(i.Projection).ProjectionType
	}
	for _, i := range t.Description.LocalSecondaryIndexes {
		all[optional.Value(i.IndexName)] = optional.Value(i.Projection).ProjectionType
	}
	return all
}

// Rates returns the units a second that the table, or its global index of that name, takes: what it is provisioned with
// or limited to, or else what it is warm for, or else what a new on-demand table takes.
func (t *Table) Rates(index string) (read, write float64) {
	read, write = t.capacity(index)
	warm := optional.Value(t.Description.WarmThroughput)
	warmRead, warmWrite := warm.ReadUnitsPerSecond, warm.WriteUnitsPerSecond
	for _, i := range t.Description.GlobalSecondaryIndexes {
		if optional.Value(i.IndexName) == index {
			warm := optional.Value(i.WarmThroughput)
			warmRead, warmWrite = warm.ReadUnitsPerSecond, warm.WriteUnitsPerSecond
		}
	}
	read = cmp.Or(read, float64(optional.Value(warmRead)), initialReadUnits)
	write = cmp.Or(write, float64(optional.Value(warmWrite)), initialWriteUnits)
	return read, write
}

// Keys returns the keys that items of the table must have, none for a nil table.
func (t *Table) Keys() item.Keys {
	if t == nil {
		return item.Keys{}
	}
	return t.Table.Keys()
}

// ARN returns the table's ARN, empty for a nil table.
func (t *Table) ARN() string {
	if t == nil {
		return ""
	}
	return t.Table.ARN()
}

// About begins a problem with the table.
func (t *Table) About(attribute, summary string) *problem.Problem {
	account, region := t.Where()
	return &problem.Problem{Summary: summary, Attribute: attribute, Table: t.Name, Account: account, Region: region}
}

// Explain explains the error of a request about the table, which the argument names.
func (t *Table) Explain(ctx context.Context, attribute string, err error) *problem.Problem {
	p := explain.Error(ctx, err)
	p.Attribute, p.Table = attribute, t.Name
	p.Account, p.Region = t.Where()
	return p
}

// Identity identifies the table among others of its name. It is zero for a nil table.
func (t *Table) Identity() settings.Identity {
	if t == nil {
		return settings.Identity{}
	}
	return settings.IdentityOf(t.Description).In(t.Connection.Region)
}

// Same returns a *ReplacedError if another table has the name by now. A nil table is always the same.
func (t *Table) Same(ctx context.Context, attribute string) error {
	if t == nil {
		return nil
	}
	described, err := t.Describe(ctx, attribute)
	if err != nil {
		return err
	}
	if was, now := t.Identity().String(), settings.IdentityOf(described).String(); was != now {
		return &ReplacedError{Table: t, Attribute: attribute, Was: was, Is: now}
	}
	return nil
}

// Describe returns the table's current description. Errors name the argument.
func (t *Table) Describe(ctx context.Context, attribute string) (*types.TableDescription, error) {
	described, err := t.Now(ctx)
	switch {
	case err == nil:
		return described, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	return nil, t.Explain(ctx, attribute, err)
}

// capacity returns the units a second that the table can do, or its global index of that name; 0 where there is no
// limit.
func (t *Table) capacity(index string) (read, write float64) {
	provisioned, onDemand := t.Description.ProvisionedThroughput, t.Description.OnDemandThroughput
	for _, i := range t.Description.GlobalSecondaryIndexes {
		if optional.Value(i.IndexName) == index {
			provisioned, onDemand = i.ProvisionedThroughput, i.OnDemandThroughput
		}
	}
	if !t.onDemand() {
		p := optional.Value(provisioned)
		return float64(optional.Value(p.ReadCapacityUnits)), float64(optional.Value(p.WriteCapacityUnits))
	}
	o := optional.Value(onDemand) // -1 means no maximum.
	return float64(max(0, optional.Value(o.MaxReadRequestUnits))), float64(max(0, optional.Value(o.MaxWriteRequestUnits)))
}

// onDemand reports whether the table is billed by request. A table that was always provisioned has no billing summary.
func (t *Table) onDemand() bool {
	return optional.Value(t.Description.BillingModeSummary).BillingMode == types.BillingModePayPerRequest
}

const initialReadUnits = 12_000

const initialWriteUnits = 4_000
