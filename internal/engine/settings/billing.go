// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// billingSettings is how the table is billed: for provisioned units, or on demand up to a maximum.
type billingSettings struct {
	BillingMode           types.BillingMode
	ProvisionedThroughput *types.ProvisionedThroughput
	OnDemandThroughput    *types.OnDemandThroughput
}

var billing = &setting[billingSettings]{
	name: "billing", copied: Schema,
	read: func(_ context.Context, r *reader) (billingSettings, error) {
		value := billingSettings{BillingMode: billingMode(r.table), OnDemandThroughput: maximum(r.table.OnDemandThroughput)}
		if value.BillingMode == types.BillingModeProvisioned {
			value.ProvisionedThroughput = provisioned(r.table.ProvisionedThroughput)
		}
		return value, nil
	},
	create: func(value billingSettings, request *dynamodb.CreateTableInput) {
		request.BillingMode = value.BillingMode
		request.ProvisionedThroughput, request.OnDemandThroughput = value.ProvisionedThroughput, value.OnDemandThroughput
	},
}

// billingMode returns the table's billing mode. A table that was always provisioned has no summary
// ("BillingModeSummary").
func billingMode(table *types.TableDescription) types.BillingMode {
	if table.BillingModeSummary == nil || table.BillingModeSummary.BillingMode == "" {
		return types.BillingModeProvisioned
	}
	return table.BillingModeSummary.BillingMode
}

// provisioned returns the units of a description, nil for an on-demand table: its units are 0, which CreateTable
// refuses.
func provisioned(d *types.ProvisionedThroughputDescription) *types.ProvisionedThroughput {
	if d == nil || aws.ToInt64(d.ReadCapacityUnits) == 0 && aws.ToInt64(d.WriteCapacityUnits) == 0 {
		return nil
	}
	return &types.ProvisionedThroughput{ReadCapacityUnits: d.ReadCapacityUnits, WriteCapacityUnits: d.WriteCapacityUnits}
}

// maximum returns the limits of an on-demand table or index. AWS may write -1 for no limit ("OnDemandThroughput").
func maximum(o *types.OnDemandThroughput) *types.OnDemandThroughput {
	limit := func(units *int64) *int64 {
		if aws.ToInt64(units) <= 0 {
			return nil
		}
		return units
	}
	if o == nil || limit(o.MaxReadRequestUnits) == nil && limit(o.MaxWriteRequestUnits) == nil {
		return nil
	}
	return &types.OnDemandThroughput{
		MaxReadRequestUnits: limit(o.MaxReadRequestUnits), MaxWriteRequestUnits: limit(o.MaxWriteRequestUnits),
	}
}
