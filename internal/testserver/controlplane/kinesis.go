// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var kinesisOperations = operations{
	"DescribeKinesisStreamingDestination": of(describeKinesis),
	"EnableKinesisStreamingDestination":   of(enableKinesis),
	"UpdateKinesisStreamingDestination":   of(updateKinesis),
	"DisableKinesisStreamingDestination":  of(disableKinesis),
}

// destination is a Kinesis stream that a table's changes go to. It stays in the list, DISABLED, when it is switched
// off.
type destination struct {
	types.KinesisDataStreamDestination
	change change
}

func describeKinesis(
	r *request, in *dynamodb.DescribeKinesisStreamingDestinationInput,
) (*dynamodb.DescribeKinesisStreamingDestinationOutput, error) {
	t, err := r.see(in.TableName)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.DescribeKinesisStreamingDestinationOutput{
		TableName: t.description.TableName, KinesisDataStreamDestinations: []types.KinesisDataStreamDestination{},
	}
	for _, d := range t.kinesis {
		d.change.look()
		out.KinesisDataStreamDestinations = append(out.KinesisDataStreamDestinations, d.KinesisDataStreamDestination)
	}
	return out, nil
}

// seeDestination returns the table and its destination of that stream, or nil if there was none ever.
func (r *request) seeDestination(name, stream *string) (*table, *destination, error) {
	t, err := r.seeActive(name)
	if err != nil {
		return nil, nil, err
	}
	if parts := strings.SplitN(aws.ToString(stream), ":", 6); len(parts) != 6 || parts[2] != "kinesis" ||
		parts[3] != r.region {
		return nil, nil, validation("Invalid StreamArn: %s", aws.ToString(stream))
	}
	i := slices.IndexFunc(t.kinesis, func(d *destination) bool { return *d.StreamArn == *stream })
	if i < 0 {
		return t, nil, nil
	}
	t.kinesis[i].change.look()
	return t, t.kinesis[i], nil
}

func enableKinesis(
	r *request, in *dynamodb.EnableKinesisStreamingDestinationInput,
) (*dynamodb.EnableKinesisStreamingDestinationOutput, error) {
	t, d, err := r.seeDestination(in.TableName, in.StreamArn)
	if err != nil {
		return nil, err
	}
	if d != nil && d.DestinationStatus != types.DestinationStatusDisabled &&
		d.DestinationStatus != types.DestinationStatusEnableFailed {
		return nil, inUse(t, "the Kinesis destination is "+string(d.DestinationStatus))
	}
	on := 0
	for _, other := range t.kinesis {
		if other.DestinationStatus != types.DestinationStatusDisabled {
			on++
		}
	}
	if on >= maxKinesisOfTable {
		return nil, &types.LimitExceededException{Message: aws.String("A table has at most 2 Kinesis destinations")}
	}
	if d == nil {
		d = &destination{}
		t.kinesis = append(t.kinesis, d)
	}
	precision := types.ApproximateCreationDateTimePrecisionMillisecond
	if c := in.EnableKinesisStreamingConfiguration; c != nil {
		precision = cmp.Or(c.ApproximateCreationDateTimePrecision, precision)
	}
	d.StreamArn, d.ApproximateCreationDateTimePrecision = in.StreamArn, precision
	d.DestinationStatus = types.DestinationStatusEnabling
	r.begin(&d.change, func() { d.DestinationStatus = types.DestinationStatusActive })
	return &dynamodb.EnableKinesisStreamingDestinationOutput{
		TableName: t.description.TableName, StreamArn: in.StreamArn, DestinationStatus: d.DestinationStatus,
		EnableKinesisStreamingConfiguration: in.EnableKinesisStreamingConfiguration,
	}, nil
}

// seeOn is seeDestination for operations that need it ACTIVE.
func (r *request) seeOn(name, stream *string) (*table, *destination, error) {
	t, d, err := r.seeDestination(name, stream)
	switch {
	case err != nil:
		return nil, nil, err
	case d == nil || d.DestinationStatus == types.DestinationStatusDisabled:
		return nil, nil, &types.ResourceNotFoundException{Message: aws.String("The stream is no destination of the table " +
			t.name())}
	case d.DestinationStatus != types.DestinationStatusActive:
		return nil, nil, inUse(t, "the Kinesis destination is "+string(d.DestinationStatus))
	}
	return t, d, nil
}

func updateKinesis(
	r *request, in *dynamodb.UpdateKinesisStreamingDestinationInput,
) (*dynamodb.UpdateKinesisStreamingDestinationOutput, error) {
	t, d, err := r.seeOn(in.TableName, in.StreamArn)
	if err != nil {
		return nil, err
	}
	if in.UpdateKinesisStreamingConfiguration == nil ||
		in.UpdateKinesisStreamingConfiguration.ApproximateCreationDateTimePrecision == d.ApproximateCreationDateTimePrecision {
		return nil, validation("The precision is not changed")
	}
	d.ApproximateCreationDateTimePrecision = in.UpdateKinesisStreamingConfiguration.ApproximateCreationDateTimePrecision
	d.DestinationStatus = types.DestinationStatusUpdating
	r.begin(&d.change, func() { d.DestinationStatus = types.DestinationStatusActive })
	return &dynamodb.UpdateKinesisStreamingDestinationOutput{
		TableName: t.description.TableName, StreamArn: in.StreamArn, DestinationStatus: d.DestinationStatus,
		UpdateKinesisStreamingConfiguration: in.UpdateKinesisStreamingConfiguration,
	}, nil
}

func disableKinesis(
	r *request, in *dynamodb.DisableKinesisStreamingDestinationInput,
) (*dynamodb.DisableKinesisStreamingDestinationOutput, error) {
	t, d, err := r.seeOn(in.TableName, in.StreamArn)
	if err != nil {
		return nil, err
	}
	d.DestinationStatus = types.DestinationStatusDisabling
	r.begin(&d.change, func() { d.DestinationStatus = types.DestinationStatusDisabled })
	return &dynamodb.DisableKinesisStreamingDestinationOutput{
		TableName: t.description.TableName, StreamArn: in.StreamArn, DestinationStatus: d.DestinationStatus,
	}, nil
}
