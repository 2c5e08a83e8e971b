// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func TestEventSourceMappings(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	stream := f.create(t, orders(func(in *dynamodb.CreateTableInput) {
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeKeysOnly}
	})).LatestStreamArn
	create := func(function string, edit func(*lambda.CreateEventSourceMappingInput)) (*lambda.CreateEventSourceMappingOutput, error) {
		in := &lambda.CreateEventSourceMappingInput{
			FunctionName: &function, EventSourceArn: stream, StartingPosition: lambdatypes.EventSourcePositionLatest, BatchSize: aws.Int32(10),
			FilterCriteria: &lambdatypes.FilterCriteria{Filters: []lambdatypes.Filter{{Pattern: aws.String(`{"eventName":["INSERT"]}`)}}},
		}
		edit(in)
		return f.lambda.CreateEventSourceMapping(t.Context(), in)
	}
	get := func(id *string) (*lambda.GetEventSourceMappingOutput, error) {
		return f.lambda.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: id})
	}
	for name, edit := range map[string]func(*lambda.CreateEventSourceMappingInput){
		"no position":  func(in *lambda.CreateEventSourceMappingInput) { in.StartingPosition = "" },
		"a wrong size": func(in *lambda.CreateEventSourceMappingInput) { in.BatchSize = aws.Int32(10_001) },
		"no stream":    func(in *lambda.CreateEventSourceMappingInput) { in.EventSourceArn = aws.String(*stream + "1") },
	} {
		if _, err := create("ship", edit); code(err) != "InvalidParameterValueException" {
			t.Errorf("%s: %v", name, err)
		}
	}
	same := func(*lambda.CreateEventSourceMappingInput) {}
	created, err := create("ship", func(in *lambda.CreateEventSourceMappingInput) { in.Enabled = aws.Bool(false) })
	do(t, err)
	wantEqual(t, *created.State, "Creating")
	_, err = create("ship", same)
	wantCode(t, err, "ResourceConflictException")
	_, err = f.lambda.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: created.UUID})
	wantCode(t, err, "ResourceInUseException")
	got, err := get(created.UUID)
	do(t, err)
	if *got.State != "Disabled" || *got.BatchSize != 10 || *got.ParallelizationFactor != 1 || len(got.FilterCriteria.Filters) != 1 ||
		got.LastModified == nil || *got.FunctionArn != "arn:aws:lambda:"+region+":"+account(f)+":function:ship" {
		t.Errorf("got %+v", got)
	}
	for _, function := range []string{"bill", "count", "pack"} {
		_, err = create(function, same)
		do(t, err)
	}
	var listed, pages int
	list := &lambda.ListEventSourceMappingsInput{EventSourceArn: stream, MaxItems: aws.Int32(100)}
	for {
		page, err := f.lambda.ListEventSourceMappings(t.Context(), list)
		do(t, err)
		listed, pages = listed+len(page.EventSourceMappings), pages+1
		if list.Marker = page.NextMarker; list.Marker == nil {
			break
		}
	}
	if listed != 4 || pages < 2 {
		t.Errorf("%d mappings on %d pages", listed, pages)
	}

	updated, err := f.lambda.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{
		UUID: created.UUID, Enabled: aws.Bool(true), MaximumRetryAttempts: aws.Int32(3),
	})
	do(t, err)
	if *updated.State != "Updating" || *updated.MaximumRetryAttempts != 3 || *updated.BatchSize != 10 {
		t.Errorf("got %+v", updated)
	}
	for _, want := range []string{"Updating", "Enabled"} {
		got, err := get(created.UUID)
		do(t, err)
		wantEqual(t, *got.State, want)
	}

	f.drop(t, "orders")
	deleted, err := f.lambda.DeleteEventSourceMapping(t.Context(), &lambda.DeleteEventSourceMappingInput{UUID: created.UUID})
	do(t, err)
	wantEqual(t, *deleted.State, "Deleting")
	_, err = get(created.UUID)
	do(t, err)
	_, err = get(created.UUID)
	wantCode(t, err, "ResourceNotFoundException")
}
