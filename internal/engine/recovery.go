// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// recoveryUse is what a method does with point-in-time recovery: "exports" tables, say. The attribute is that of the time.
type recoveryUse struct {
	does, attribute string
	// lags says that it reaches to LatestRestorableDateTime only, which is typically five minutes ago ("RestoreTableToPointInTime").
	lags bool
}

// recoverable says why the table's point-in-time recovery does not reach to that time, zero for now.
func (t *table) recoverable(ctx context.Context, use recoveryUse, at, now time.Time) *problem.Problem {
	answer, err := t.client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &t.Name})
	if err != nil {
		p := requestProblem(ctx, err)
		p.Attribute = "method"
		p.Table, p.Account, p.Region = t.place()
		p.Next += " method = \"scan\" needs no point-in-time recovery."
		return p
	}
	recovery := recoveryOf(answer)
	if recovery.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled {
		p := t.about("method", "No Point-In-Time Recovery")
		p.Cause = fmt.Sprintf("AWS %s tables that have point-in-time recovery on, and this one has not.", use.does)
		p.Next = "Turn point-in-time recovery on, or use method = \"scan\", which needs none." + changedFirst("turns it on")
		return p
	}
	if at.IsZero() {
		return nil
	}
	earliest, latest := value(recovery.EarliestRestorableDateTime), now
	if use.lags {
		latest = value(recovery.LatestRestorableDateTime)
	}
	if !at.Before(earliest.Truncate(time.Second)) && !at.After(latest) {
		return nil
	}
	p := t.about(use.attribute, "Point In Time Out Of Reach")
	p.Cause = fmt.Sprintf("The table can be had as it was between %s and %s.", earliest.UTC().Format(time.RFC3339), latest.UTC().Format(time.RFC3339))
	p.Next = "Give a time in between, or \"latest\"."
	if !use.lags {
		p.Next = "Give a time in between, or leave it out for now."
	}
	return p
}
