// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var exportOperations = operations{
	"ExportTableToPointInTime": startExport,
	"DescribeExport":           of(describeExport),
	"ListExports":              of(listExports),
}

// export is one of ExportTableToPointInTime.
type export struct {
	place
	request     json.RawMessage
	description types.ExportDescription
	items       []json.RawMessage
	change      change
}

// startExport exports what the table has now, whatever time is asked for: DynamoDB Local knows no past. A filter's
// values stay as they were sent, since the SDK's types for them have no common JSON form.
func startExport(r *request) (any, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(r.body, &members); err != nil {
		return nil, serialization("not JSON: %v", err)
	}
	filter := members["FilterSpecification"]
	delete(members, "FilterSpecification")
	in := new(dynamodb.ExportTableToPointInTimeInput)
	if err := decode(mustMarshal(members), in); err != nil {
		return nil, err
	}
	if earlier, err := r.sameExport(in.ClientToken); earlier != nil || err != nil {
		return earlier, err
	}
	t, err := r.see(in.TableArn)
	if err != nil {
		return nil, tableNotFound(err)
	}
	at, err := checkExport(t, in)
	if err != nil {
		return nil, err
	}
	scan, err := exportFilter(filter)
	if err != nil {
		return nil, err
	}
	items, err := r.server.scanItems(t, scan)
	if err != nil {
		return nil, validation("Invalid FilterExpression: %v", err)
	}
	now := time.Now().UTC()
	e := &export{place: t.place, request: r.body, items: items, description: types.ExportDescription{
		ExportArn:    aws.String(fmt.Sprintf("%s/export/%014d-%08x", t.arn(), now.UnixMilli(), rand.Uint32())),
		ExportStatus: types.ExportStatusInProgress, ExportFormat: types.ExportFormatDynamodbJson,
		ExportType: types.ExportTypeFullExport,
		ExportTime: &at, StartTime: &now, ClientToken: in.ClientToken, TableArn: t.description.TableArn,
		TableId:  t.description.TableId,
		S3Bucket: in.S3Bucket, S3Prefix: in.S3Prefix, S3BucketOwner: in.S3BucketOwner,
		S3SseAlgorithm: types.S3SseAlgorithmAes256,
	}}
	r.server.exports = append(r.server.exports, e)
	fails := r.server.failExports > 0
	if fails {
		r.server.failExports--
	}
	r.begin(&e.change, func() { e.finish(r.server.storage, fails) })
	return &dynamodb.ExportTableToPointInTimeOutput{ExportDescription: copyOf(&e.description)}, nil
}

// sameExport returns the answer to a request whose client token has been used before.
func (r *request) sameExport(token *string) (any, error) {
	for _, e := range r.server.exports {
		if e.place != r.place || token == nil || aws.ToString(e.description.ClientToken) != *token {
			continue
		}
		if !sameJSON(e.request, r.body) {
			return nil, &types.ExportConflictException{Message: aws.String("The client token was used with other parameters")}
		}
		return &dynamodb.ExportTableToPointInTimeOutput{ExportDescription: copyOf(&e.description)}, nil
	}
	return nil, nil
}

func sameJSON(a, b []byte) bool {
	var one, other any
	return json.Unmarshal(a, &one) == nil && json.Unmarshal(b, &other) == nil && reflect.DeepEqual(one, other)
}

func checkExport(t *table, in *dynamodb.ExportTableToPointInTimeInput) (at time.Time, err error) {
	at = time.Now().UTC()
	switch {
	case aws.ToString(in.S3Bucket) == "":
		return at, validation("S3Bucket is required")
	case in.ExportFormat == types.ExportFormatIon || in.ExportType == types.ExportTypeIncrementalExport:
		return at, validation("Only full exports in DynamoDB JSON are known here")
	case !t.recovery.enabled:
		return at, &types.PointInTimeRecoveryUnavailableException{Message: aws.String("Point in time recovery is not " +
			"enabled for table: " + t.name())}
	case in.ExportTime == nil:
		return at, nil
	}
	if at = *in.ExportTime; at.Before(t.recovery.since.Truncate(time.Second)) || at.After(time.Now()) {
		return at, &types.InvalidExportTimeException{Message: aws.String("The time is not within " +
			"EarliestRestorableDateTime and LatestRestorableDateTime")}
	}
	return at, nil
}

// exportFilter is the Scan that finds what a FilterSpecification lets pass. A condition on the key is not known here.
func exportFilter(specification json.RawMessage) (map[string]any, error) {
	if specification == nil {
		return nil, nil
	}
	var scan map[string]any
	if err := json.Unmarshal(specification, &scan); err != nil {
		return nil, serialization("not JSON: %v", err)
	}
	for name := range scan {
		switch name {
		case "FilterExpression", "ProjectionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues":
		default:
			return nil, serialization("unknown member FilterSpecification.%s", name)
		}
	}
	return scan, nil
}

func (r *request) seeExport(arn *string) (*export, error) {
	for _, e := range r.server.exports {
		if *e.description.ExportArn == aws.ToString(arn) && e.place == r.place {
			e.change.look()
			return e, nil
		}
	}
	return nil, &types.ExportNotFoundException{Message: aws.String("Export not found: " + aws.ToString(arn))}
}

func describeExport(r *request, in *dynamodb.DescribeExportInput) (*dynamodb.DescribeExportOutput, error) {
	e, err := r.seeExport(in.ExportArn)
	if err != nil {
		return nil, err
	}
	return &dynamodb.DescribeExportOutput{ExportDescription: copyOf(&e.description)}, nil
}

func listExports(r *request, in *dynamodb.ListExportsInput) (*dynamodb.ListExportsOutput, error) {
	out := &dynamodb.ListExportsOutput{ExportSummaries: []types.ExportSummary{}}
	for _, e := range r.server.exports {
		if e.place == r.place && (in.TableArn == nil || *in.TableArn == *e.description.TableArn) {
			out.ExportSummaries = append(out.ExportSummaries, convert[types.ExportSummary](e.description))
		}
	}
	return out, nil
}
