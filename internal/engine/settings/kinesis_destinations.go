// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// kinesisDestination is a Kinesis stream that gets every change of the table.
type kinesisDestination struct {
	StreamArn                            string
	ApproximateCreationDateTimePrecision types.ApproximateCreationDateTimePrecision
}

var kinesisDestinations = &setting[[]kinesisDestination]{
	name: "kinesis_destinations", shared: true,
	read: func(ctx context.Context, r *reader) ([]kinesisDestination, error) {
		found, err := r.DynamoDB.DescribeKinesisStreamingDestination(ctx, &dynamodb.DescribeKinesisStreamingDestinationInput{
			TableName: r.table.TableName,
		})
		if err != nil {
			return nil, r.kept(err)
		}
		var destinations []kinesisDestination
		for _, d := range found.KinesisDataStreamDestinations {
			switch d.DestinationStatus {
			case types.DestinationStatusActive, types.DestinationStatusEnabling, types.DestinationStatusUpdating:
				// A destination that is older than the choice of a precision has milliseconds.
				destinations = append(destinations, kinesisDestination{
					StreamArn: aws.ToString(d.StreamArn),
					ApproximateCreationDateTimePrecision: cmp.Or(
						d.ApproximateCreationDateTimePrecision, types.ApproximateCreationDateTimePrecisionMillisecond,
					),
				})
			}
		}
		slices.SortFunc(destinations, func(a, b kinesisDestination) int { return cmp.Compare(a.StreamArn, b.StreamArn) })
		return destinations, nil
	},
	put: func(ctx context.Context, w *Writer, value []kinesisDestination) error {
		for _, destination := range value {
			if err := w.stream(ctx, destination); err != nil {
				return err
			}
		}
		return nil
	},
}

var errKinesis = errors.New("the Kinesis destination could not be enabled")

// stream enables the destination, unless an earlier attempt has, and waits until it is active.
func (w *Writer) stream(ctx context.Context, destination kinesisDestination) error {
	status := func() (types.DestinationStatus, error) {
		found, err := w.DynamoDB.DescribeKinesisStreamingDestination(ctx, &dynamodb.DescribeKinesisStreamingDestinationInput{
			TableName: aws.String(w.Table),
		})
		if err != nil {
			return "", err
		}
		for _, d := range found.KinesisDataStreamDestinations {
			if aws.ToString(d.StreamArn) == destination.StreamArn {
				return d.DestinationStatus, nil
			}
		}
		return types.DestinationStatusDisabled, nil
	}
	now, err := status()
	if err != nil {
		return err
	}
	if now == types.DestinationStatusDisabled || now == types.DestinationStatusEnableFailed {
		err := w.again(ctx, busy, func() error {
			_, err := w.DynamoDB.EnableKinesisStreamingDestination(ctx, &dynamodb.EnableKinesisStreamingDestinationInput{
				TableName: aws.String(w.Table), StreamArn: aws.String(destination.StreamArn),
				EnableKinesisStreamingConfiguration: &types.EnableKinesisStreamingConfiguration{
					ApproximateCreationDateTimePrecision: destination.ApproximateCreationDateTimePrecision,
				},
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	return w.until(ctx, func() (bool, error) {
		now, err := status()
		if now == types.DestinationStatusEnableFailed {
			return false, errKinesis
		}
		return now == types.DestinationStatusActive, err
	})
}

// Kinesis reports whether the table of the snapshot has Kinesis destinations.
func (s *Snapshot) Kinesis() bool { return s.Settings[kinesisDestinations.name] != nil }
