// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var bulkOperations = operations{
	"StartBulkPutItems":     of(startBulk),
	"DescribeBulkOperation": of(describeBulk),
	"CancelBulkOperation":   of(cancelBulk),
	"ListBulkOperations":    of(listBulks),
}

// minBulkRate is the least MaxWriteRequestUnits of a bulk operation.
const minBulkRate = 1024

// bulk is a bulk operation.
type bulk struct {
	place
	request     json.RawMessage
	description types.BulkOperationDescription
	change      change
}

func startBulk(r *request, in *dynamodb.StartBulkPutItemsInput) (*dynamodb.StartBulkPutItemsOutput, error) {
	for _, b := range r.server.bulks {
		if b.place != r.place || in.ClientToken == nil || aws.ToString(b.description.ClientToken) != *in.ClientToken {
			continue
		}
		if !sameJSON(b.request, r.body) {
			return nil, &types.IdempotentParameterMismatchException{Message: aws.String("The client token was used with " +
				"other parameters")}
		}
		return &dynamodb.StartBulkPutItemsOutput{BulkOperationDescription: copyOf(&b.description)}, nil
	}
	t, err := r.see(in.TableName)
	if err != nil {
		return nil, err
	}
	if err := checkBulk(t, in); err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	b := &bulk{place: r.place, request: r.body, description: types.BulkOperationDescription{
		BulkOperationArn:    aws.String(fmt.Sprintf("%s/bulk/%014d-%08x", t.arn(), now.UnixMilli(), rand.Uint32())),
		BulkOperationStatus: types.BulkOperationStatusInProgress, ClientToken: in.ClientToken, StartTime: &now,
		InputS3Configuration: in.InputS3Configuration, OutputS3Configuration: in.OutputS3Configuration,
		MaxWriteRequestUnits: in.MaxWriteRequestUnits, PerformanceTier: types.BulkOperationPerformanceTierStandard,
		TableDetails: []types.BulkOperationTableDetail{{TableId: t.description.TableId, TableName: t.description.TableName}},
	}}
	r.server.bulks = append(r.server.bulks, b)
	fails := r.server.failBulks > 0
	if fails {
		r.server.failBulks--
	}
	r.begin(&b.change, func() { b.finish(r.server, t, fails) })
	return &dynamodb.StartBulkPutItemsOutput{BulkOperationDescription: copyOf(&b.description)}, nil
}

// checkBulk refuses what "Bulk put items considerations, quotas, and permissions" rules out.
func checkBulk(t *table, in *dynamodb.StartBulkPutItemsInput) error {
	switch input, output := in.InputS3Configuration, in.OutputS3Configuration; {
	case input == nil || aws.ToString(input.S3Bucket) == "" || output == nil || aws.ToString(output.S3Bucket) == "" || len(output.OutputType) == 0:
		return validation("InputS3Configuration and OutputS3Configuration are required")
	case input.InputFormat != types.BulkOperationInputFormatDynamodbJson || input.InputCompressionType != types.InputCompressionTypeGzip:
		return validation("Only DynamoDB JSON compressed with gzip is known here")
	case in.MaxWriteRequestUnits != nil && *in.MaxWriteRequestUnits < minBulkRate:
		return validation("MaxWriteRequestUnits must be at least %d", minBulkRate)
	case len(t.description.Replicas) > 0:
		return validation("Bulk put items does not support global tables")
	case t.description.TableStatus != types.TableStatusActive:
		return &types.ResourceInUseException{
			Message: aws.String("Table is " + string(t.description.TableStatus) + ": " + t.name()),
		}
	}
	for _, index := range t.description.GlobalSecondaryIndexes {
		if index.IndexStatus == types.IndexStatusCreating {
			return &types.ResourceInUseException{Message: aws.String("An index of the table is being created: " + t.name())}
		}
	}
	return nil
}

func (r *request) seeBulk(arn *string) (*bulk, error) {
	for _, b := range r.server.bulks {
		if *b.description.BulkOperationArn == aws.ToString(arn) && b.place == r.place {
			b.change.look()
			return b, nil
		}
	}
	return nil, notFound("bulk operation " + aws.ToString(arn))
}

func describeBulk(r *request, in *dynamodb.DescribeBulkOperationInput) (*dynamodb.DescribeBulkOperationOutput, error) {
	b, err := r.seeBulk(in.BulkOperationArn)
	if err != nil {
		return nil, err
	}
	return &dynamodb.DescribeBulkOperationOutput{BulkOperationDescription: copyOf(&b.description)}, nil
}

func listBulks(r *request, _ *dynamodb.ListBulkOperationsInput) (*dynamodb.ListBulkOperationsOutput, error) {
	out := &dynamodb.ListBulkOperationsOutput{BulkOperationsSummaryList: []types.BulkOperationSummary{}}
	for _, b := range r.server.bulks {
		if b.place == r.place {
			out.BulkOperationsSummaryList = append(
				out.BulkOperationsSummaryList,
				convert[types.BulkOperationSummary](b.description),
			)
		}
	}
	return out, nil
}

func cancelBulk(r *request, in *dynamodb.CancelBulkOperationInput) (*dynamodb.CancelBulkOperationOutput, error) {
	b, err := r.seeBulk(in.BulkOperationArn)
	if err != nil {
		return nil, err
	}
	if b.description.BulkOperationStatus == types.BulkOperationStatusInProgress {
		b.change = change{}
		b.description.BulkOperationStatus = types.BulkOperationStatusCancelled
	}
	return &dynamodb.CancelBulkOperationOutput{}, nil
}
