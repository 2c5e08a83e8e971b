// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tables

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// RecoveryOf returns the state of point-in-time recovery in the answer.
func RecoveryOf(answer *dynamodb.DescribeContinuousBackupsOutput) types.PointInTimeRecoveryDescription {
	return optional.Value(optional.Value(answer.ContinuousBackupsDescription).PointInTimeRecoveryDescription)
}

// RecoveryUse says what a method does with point-in-time recovery, such as "exports", and which argument names the
// time.
type RecoveryUse struct {
	Does, Attribute string
	// Lags reports whether the method reaches only to LatestRestorableDateTime, typically five minutes ago
	// ("RestoreTableToPointInTime").
	Lags bool
}

// Recoverable returns why the table's point-in-time recovery does not reach to that time, nil if it does. A zero time
// is now.
func (t *Table) Recoverable(ctx context.Context, use RecoveryUse, at, now time.Time) *problem.Problem {
	answer, err := t.Client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &t.Name})
	if err != nil {
		p := t.Explain(ctx, "method", err)
		p.Next += " method = \"scan\" needs no point-in-time recovery."
		return p
	}
	recovery := RecoveryOf(answer)
	if recovery.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled {
		p := t.About("method", "No Point-In-Time Recovery")
		p.Cause = fmt.Sprintf("AWS %s tables that have point-in-time recovery on, and this one has not.", use.Does)
		p.Next = "Turn point-in-time recovery on, or use method = \"scan\", which needs none." + explain.ChangedFirst("turns it on")
		return p
	}
	if at.IsZero() {
		return nil
	}
	earliest, latest := optional.Value(recovery.EarliestRestorableDateTime), now
	if use.Lags {
		latest = optional.Value(recovery.LatestRestorableDateTime)
	}
	if !at.Before(earliest.Truncate(time.Second)) && !at.After(latest) {
		return nil
	}
	p := t.About(use.Attribute, "Point In Time Out Of Reach")
	p.Cause = fmt.Sprintf(
		"The table can be had as it was between %s and %s.",
		earliest.UTC().Format(time.RFC3339),
		latest.UTC().Format(time.RFC3339),
	)
	p.Next = "Give a time in between, or \"latest\"."
	if !use.Lags {
		p.Next = "Give a time in between, or leave it out for now."
	}
	return p
}
