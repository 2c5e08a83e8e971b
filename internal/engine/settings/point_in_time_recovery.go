// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// recovery is point-in-time recovery; its period is in days.
type recovery struct {
	Enabled              bool `json:",omitempty"`
	RecoveryPeriodInDays int32
}

var pointInTimeRecovery = &setting[*recovery]{
	name: "point_in_time_recovery", copied: Full,
	read: func(ctx context.Context, r *reader) (*recovery, error) {
		found, err := r.DynamoDB.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{
			TableName: r.table.TableName,
		})
		if err != nil {
			return nil, r.kept(err)
		}
		if found.ContinuousBackupsDescription == nil ||
			found.ContinuousBackupsDescription.PointInTimeRecoveryDescription == nil {
			return nil, nil
		}
		d := found.ContinuousBackupsDescription.PointInTimeRecoveryDescription
		if d.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled {
			return nil, nil
		}
		return &recovery{Enabled: true, RecoveryPeriodInDays: aws.ToInt32(d.RecoveryPeriodInDays)}, nil
	},
	put: func(ctx context.Context, w *Writer, value *recovery) error {
		specification := &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)}
		if value.RecoveryPeriodInDays > 0 {
			specification.RecoveryPeriodInDays = aws.Int32(value.RecoveryPeriodInDays)
		}
		// It is not available in the first minutes of a new table.
		return w.again(ctx, append([]string{"ContinuousBackupsUnavailableException"}, busy...), func() error {
			_, err := w.DynamoDB.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
				TableName: aws.String(w.Table), PointInTimeRecoverySpecification: specification,
			})
			return err
		})
	},
}

// PointInTimeRecovery reports whether the table of the snapshot can be restored to any time of the last days.
func (s *Snapshot) PointInTimeRecovery() bool { return s.Settings[pointInTimeRecovery.name] != nil }
