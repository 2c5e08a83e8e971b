// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/uuid"
)

var mappingOperations = operations{
	"CreateEventSourceMapping": of(createMapping),
	"GetEventSourceMapping":    of(getMapping),
	"ListEventSourceMappings":  of(listMappings),
	"UpdateEventSourceMapping": of(updateMapping),
	"DeleteEventSourceMapping": of(deleteMapping),
	"ListTags":                 of(listMappingTags),
}

// mappingsPerPage is small, so that a stream with a few mappings has pages.
const mappingsPerPage = 3

// mapping is an event source mapping of a stream. It outlives the stream's table.
type mapping struct {
	place
	description lambdatypes.EventSourceMappingConfiguration
	tags        map[string]string
	change      change
}

func invalidMapping(message string) error {
	return &lambdatypes.InvalidParameterValueException{Type: aws.String("User"), Message: &message}
}

// function returns the ARN of a function that a request names by its name, a part of its ARN or its ARN. Any name is
// that of one.
func (p place) function(name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	_, after, ok := strings.Cut(name, "function:")
	if !ok {
		after = name
	}
	return p.arn("lambda", "function:"+after)
}

// createMapping takes streams of tables alone, that are on.
func createMapping(
	r *request,
	in *lambda.CreateEventSourceMappingInput,
) (*lambda.CreateEventSourceMappingOutput, error) {
	stream := aws.ToString(in.EventSourceArn)
	t, err := r.find(stream)
	switch {
	case err != nil || aws.ToString(t.description.LatestStreamArn) != stream || t.description.StreamSpecification == nil:
		return nil, invalidMapping("Stream not found: " + stream)
	case aws.ToString(in.FunctionName) == "":
		return nil, invalidMapping("FunctionName is missing")
	case in.StartingPosition != lambdatypes.EventSourcePositionLatest && in.StartingPosition != lambdatypes.EventSourcePositionTrimHorizon:
		return nil, invalidMapping("StartingPosition must be LATEST or TRIM_HORIZON for a stream of DynamoDB")
	}
	function := r.function(*in.FunctionName)
	for _, m := range r.server.mappings {
		if m.place == r.place && *m.description.EventSourceArn == stream && *m.description.FunctionArn == function {
			return nil, &lambdatypes.ResourceConflictException{Type: aws.String("User"), Message: aws.String(
				"An event source mapping with event source (" + stream + ") and function (" + function + ") already exists: " +
					*m.description.UUID)}
		}
	}
	m := &mapping{place: r.place, description: convert[lambdatypes.EventSourceMappingConfiguration](in), tags: in.Tags}
	d := &m.description
	id := uuid.NewString()
	d.UUID, d.FunctionArn, d.LastModified = &id, &function, aws.Time(time.Now())
	d.EventSourceMappingArn = aws.String(r.arn("lambda", "event-source-mapping:"+id))
	d.StateTransitionReason, d.LastProcessingResult = aws.String("User action"), aws.String("No records processed")
	setDefaults(d)
	if err := checkMapping(d); err != nil {
		return nil, err
	}
	m.begin(r, "Creating", enabledOr(in.Enabled, "Enabled"))
	r.server.mappings = append(r.server.mappings, m)
	out := convert[lambda.CreateEventSourceMappingOutput](d)
	return &out, nil
}

// begin passes through a state into another one.
func (m *mapping) begin(r *request, passing, final string) {
	m.description.State = &passing
	r.begin(&m.change, func() { m.description.State = &final })
}

// enabledOr is the final state that a request asks for, or the other one.
func enabledOr(enabled *bool, otherwise string) string {
	switch {
	case enabled == nil:
		return otherwise
	case *enabled:
		return "Enabled"
	default:
		return "Disabled"
	}
}

// setDefaults fills what Lambda shows although nobody has set it. ("CreateEventSourceMapping", for streams.)
func setDefaults(d *lambdatypes.EventSourceMappingConfiguration) {
	d.BatchSize = cmp.Or(d.BatchSize, aws.Int32(100))
	d.MaximumBatchingWindowInSeconds = cmp.Or(d.MaximumBatchingWindowInSeconds, aws.Int32(0))
	d.ParallelizationFactor = cmp.Or(d.ParallelizationFactor, aws.Int32(1))
	d.MaximumRecordAgeInSeconds = cmp.Or(d.MaximumRecordAgeInSeconds, aws.Int32(-1))
	d.MaximumRetryAttempts = cmp.Or(d.MaximumRetryAttempts, aws.Int32(-1))
	d.TumblingWindowInSeconds = cmp.Or(d.TumblingWindowInSeconds, aws.Int32(0))
	d.BisectBatchOnFunctionError = cmp.Or(d.BisectBatchOnFunctionError, aws.Bool(false))
	d.DestinationConfig = cmp.Or(d.DestinationConfig, &lambdatypes.DestinationConfig{OnFailure: &lambdatypes.OnFailure{}})
	if d.FunctionResponseTypes == nil {
		d.FunctionResponseTypes = []lambdatypes.FunctionResponseType{}
	}
}

// checkMapping refuses numbers that are out of range.
func checkMapping(d *lambdatypes.EventSourceMappingConfiguration) error {
	for name, limit := range map[string]struct{ value, low, high int32 }{
		"BatchSize":                      {*d.BatchSize, 1, 10_000},
		"MaximumBatchingWindowInSeconds": {*d.MaximumBatchingWindowInSeconds, 0, 300},
		"ParallelizationFactor":          {*d.ParallelizationFactor, 1, 10},
		"MaximumRecordAgeInSeconds":      {*d.MaximumRecordAgeInSeconds, -1, 604_800},
		"MaximumRetryAttempts":           {*d.MaximumRetryAttempts, -1, 10_000},
		"TumblingWindowInSeconds":        {*d.TumblingWindowInSeconds, 0, 900},
	} {
		if limit.value < limit.low || limit.value > limit.high {
			return invalidMapping(name + " is out of range")
		}
	}
	if age := *d.MaximumRecordAgeInSeconds; age >= 0 && age < 60 {
		return invalidMapping("MaximumRecordAgeInSeconds must be -1 or at least 60")
	}
	return nil
}

// seeMapping returns the mapping for a request that sees its state.
func (r *request) seeMapping(id *string) (*mapping, error) {
	i := slices.IndexFunc(
		r.server.mappings,
		func(m *mapping) bool { return m.place == r.place && *m.description.UUID == aws.ToString(id) },
	)
	if i >= 0 {
		m := r.server.mappings[i]
		if m.change.look(); slices.Contains(r.server.mappings, m) { // it may just have gone
			return m, nil
		}
	}
	return nil, &lambdatypes.ResourceNotFoundException{
		Type:    aws.String("User"),
		Message: aws.String("The resource you requested does not exist."),
	}
}

// seeSettled is seeMapping for operations that cannot be while another one is under way.
func (r *request) seeSettled(id *string) (*mapping, error) {
	m, err := r.seeMapping(id)
	if err == nil && m.change.settle != nil {
		return nil, &lambdatypes.ResourceInUseException{Type: aws.String("User"), Message: aws.String(
			"Cannot change the event source mapping because it is in use: " + *m.description.State)}
	}
	return m, err
}

func getMapping(r *request, in *lambda.GetEventSourceMappingInput) (*lambda.GetEventSourceMappingOutput, error) {
	m, err := r.seeMapping(in.UUID)
	if err != nil {
		return nil, err
	}
	out := convert[lambda.GetEventSourceMappingOutput](m.description)
	return &out, nil
}

func listMappings(r *request, in *lambda.ListEventSourceMappingsInput) (*lambda.ListEventSourceMappingsOutput, error) {
	list := []lambdatypes.EventSourceMappingConfiguration{}
	for _, m := range slices.Clone(r.server.mappings) {
		if m.place == r.place && (in.EventSourceArn == nil || *in.EventSourceArn == *m.description.EventSourceArn) &&
			(in.FunctionName == nil || r.function(*in.FunctionName) == *m.description.FunctionArn) {
			if m, err := r.seeMapping(m.description.UUID); err == nil {
				listed := m.description
				if listed.KMSKeyArn != nil {
					listed.FilterCriteria = nil // Encrypted, as the list shows them.
				}
				list = append(list, listed)
			}
		}
	}
	list, next, err := page(
		list,
		in.Marker,
		min(orDefault(int(aws.ToInt32(in.MaxItems)), mappingsPerPage), mappingsPerPage),
	)
	if err != nil {
		return nil, invalidMapping("Invalid marker")
	}
	return &lambda.ListEventSourceMappingsOutput{EventSourceMappings: list, NextMarker: next}, nil
}

// listMappingTags knows the tags of event source mappings alone.
func listMappingTags(r *request, in *lambda.ListTagsInput) (*lambda.ListTagsOutput, error) {
	_, id, _ := strings.Cut(aws.ToString(in.Resource), ":event-source-mapping:")
	m, err := r.seeMapping(&id)
	if err != nil {
		return nil, err
	}
	return &lambda.ListTagsOutput{Tags: m.tags}, nil
}

// updateMapping changes the members that are given.
func updateMapping(
	r *request,
	in *lambda.UpdateEventSourceMappingInput,
) (*lambda.UpdateEventSourceMappingOutput, error) {
	m, err := r.seeSettled(in.UUID)
	if err != nil {
		return nil, err
	}
	d := copyOf(m.description)
	set(&d.BatchSize, in.BatchSize)
	set(&d.MaximumBatchingWindowInSeconds, in.MaximumBatchingWindowInSeconds)
	set(&d.ParallelizationFactor, in.ParallelizationFactor)
	set(&d.MaximumRecordAgeInSeconds, in.MaximumRecordAgeInSeconds)
	set(&d.MaximumRetryAttempts, in.MaximumRetryAttempts)
	set(&d.TumblingWindowInSeconds, in.TumblingWindowInSeconds)
	set(&d.BisectBatchOnFunctionError, in.BisectBatchOnFunctionError)
	set(&d.DestinationConfig, in.DestinationConfig)
	set(&d.FilterCriteria, in.FilterCriteria)
	set(&d.KMSKeyArn, in.KMSKeyArn)
	set(&d.MetricsConfig, in.MetricsConfig)
	if in.FunctionName != nil {
		d.FunctionArn = aws.String(r.function(*in.FunctionName))
	}
	if in.FunctionResponseTypes != nil {
		d.FunctionResponseTypes = in.FunctionResponseTypes
	}
	if err := checkMapping(&d); err != nil {
		return nil, err
	}
	final := enabledOr(in.Enabled, *d.State)
	d.LastModified = aws.Time(time.Now())
	m.description = d
	m.begin(r, "Updating", final)
	out := convert[lambda.UpdateEventSourceMappingOutput](m.description)
	return &out, nil
}

func deleteMapping(
	r *request,
	in *lambda.DeleteEventSourceMappingInput,
) (*lambda.DeleteEventSourceMappingOutput, error) {
	m, err := r.seeSettled(in.UUID)
	if err != nil {
		return nil, err
	}
	m.description.State = aws.String("Deleting")
	r.begin(&m.change, func() {
		r.server.mappings = slices.DeleteFunc(r.server.mappings, func(other *mapping) bool { return other == m })
	})
	out := convert[lambda.DeleteEventSourceMappingOutput](m.description)
	return &out, nil
}
