// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var recoveryOperations = operations{
	"DescribeContinuousBackups": of(describeRecovery),
	"UpdateContinuousBackups":   of(updateRecovery),
}

// recovery is a table's point-in-time recovery.
type recovery struct {
	enabled bool
	since   time.Time
	days    int32
	// unavailable is while the continuous backups of a new table are being enabled.
	unavailable change
}

// latest is the latest time that can be restored.
func (c *recovery) latest(lag time.Duration) time.Time {
	if at := time.Now().Add(-lag); at.After(c.since) {
		return at
	}
	return c.since
}

func (c *recovery) description(lag time.Duration) *types.ContinuousBackupsDescription {
	d := &types.PointInTimeRecoveryDescription{PointInTimeRecoveryStatus: types.PointInTimeRecoveryStatusDisabled}
	if c.enabled {
		d.PointInTimeRecoveryStatus, d.RecoveryPeriodInDays = types.PointInTimeRecoveryStatusEnabled, aws.Int32(c.days)
		d.EarliestRestorableDateTime, d.LatestRestorableDateTime = aws.Time(c.since), aws.Time(c.latest(lag))
	}
	return &types.ContinuousBackupsDescription{
		ContinuousBackupsStatus: types.ContinuousBackupsStatusEnabled, PointInTimeRecoveryDescription: d,
	}
}

// available refuses what needs the continuous backups of a table that is too new.
func (c *recovery) available(t *table) error {
	if c.unavailable.look(); c.unavailable.settle == nil {
		return nil
	}
	return &types.ContinuousBackupsUnavailableException{Message: aws.String(
		"Backups are being enabled for the table: " + t.name() + ". Please retry later")}
}

// tableNotFound is how the operations on backups say that there is not a table.
func tableNotFound(err error) error {
	if missing, ok := errors.AsType[*types.ResourceNotFoundException](err); ok {
		return &types.TableNotFoundException{Message: missing.Message}
	}
	return err
}

func describeRecovery(
	r *request,
	in *dynamodb.DescribeContinuousBackupsInput,
) (*dynamodb.DescribeContinuousBackupsOutput, error) {
	t, err := r.see(in.TableName)
	if err != nil {
		return nil, tableNotFound(err)
	}
	return &dynamodb.DescribeContinuousBackupsOutput{
		ContinuousBackupsDescription: t.recovery.description(r.server.recoveryLag),
	}, nil
}

func updateRecovery(
	r *request,
	in *dynamodb.UpdateContinuousBackupsInput,
) (*dynamodb.UpdateContinuousBackupsOutput, error) {
	t, err := r.see(in.TableName)
	if err != nil {
		return nil, tableNotFound(err)
	}
	if err := t.recovery.available(t); err != nil {
		return nil, err
	}
	wanted := in.PointInTimeRecoverySpecification
	enable, days := aws.ToBool(wanted.PointInTimeRecoveryEnabled), wanted.RecoveryPeriodInDays
	switch {
	case days != nil && !enable:
		return nil, validation("RecoveryPeriodInDays goes with PointInTimeRecoveryEnabled alone")
	case days != nil && (*days < 1 || *days > maxRecoveryPeriod):
		return nil, validation("RecoveryPeriodInDays must be from 1 to %d", maxRecoveryPeriod)
	}
	if enable && !t.recovery.enabled {
		t.recovery.since, t.recovery.days = time.Now(), maxRecoveryPeriod
	}
	if t.recovery.enabled = enable; days != nil {
		t.recovery.days = *days
	}
	return &dynamodb.UpdateContinuousBackupsOutput{
		ContinuousBackupsDescription: t.recovery.description(r.server.recoveryLag),
	}, nil
}
