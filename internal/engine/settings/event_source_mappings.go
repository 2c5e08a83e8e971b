// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// eventSourceMapping is the request that creates a mapping, without the stream. Its tags are a list, in which an
// empty value is kept.
type eventSourceMapping struct {
	lambda.CreateEventSourceMappingInput
	Tags []mappingTag
}

type mappingTag struct{ Key, Value string }

// eventSourceMappings call Lambda functions with the records of the table's stream. The source of a mapping cannot be
// changed, so a new stream needs new mappings.
var eventSourceMappings = &setting[[]eventSourceMapping]{
	name: "event_source_mappings", shared: true,
	read: func(ctx context.Context, r *reader) ([]eventSourceMapping, error) {
		if r.unreachable(r.Lambda.Options().BaseEndpoint) {
			return nil, errNotKept
		}
		if !streams(r.table) {
			return nil, nil
		}
		found, err := mappings(ctx, r.Lambda, aws.ToString(r.table.LatestStreamArn))
		if err != nil {
			return nil, r.kept(err)
		}
		inputs := make([]eventSourceMapping, len(found))
		for i, m := range found {
			if inputs[i], err = r.mapping(ctx, m); err != nil {
				return nil, err
			}
		}
		slices.SortFunc(inputs, func(a, b eventSourceMapping) int {
			return cmp.Compare(aws.ToString(a.FunctionName), aws.ToString(b.FunctionName))
		})
		return inputs, nil
	},
	// Filter criteria that are encrypted with a customer managed key come in plain text from GetEventSourceMapping alone
	// ("Filter criteria encryption" in the AWS Lambda Developer Guide).
	shown: func(value []eventSourceMapping) []eventSourceMapping {
		shown := slices.Clone(value)
		for i := range shown {
			if shown[i].KMSKeyArn != nil && shown[i].FilterCriteria != nil {
				shown[i].FilterCriteria = &types.FilterCriteria{Filters: []types.Filter{{Pattern: aws.String(notShown)}}}
			}
		}
		return shown
	},
	put: func(ctx context.Context, w *Writer, value []eventSourceMapping) error {
		there, err := mappings(ctx, w.Lambda, w.to.StreamARN)
		if err != nil {
			return err
		}
		for _, mapping := range value {
			if slices.ContainsFunc(there, func(m types.EventSourceMappingConfiguration) bool {
				return aws.ToString(m.FunctionArn) == aws.ToString(mapping.FunctionName)
			}) {
				continue // An interrupted attempt has created it, and a function reads a stream only once.
			}
			request := mapping.CreateEventSourceMappingInput
			request.EventSourceArn, request.Tags = aws.String(w.to.StreamARN), map[string]string{}
			for _, tag := range mapping.Tags {
				request.Tags[tag.Key] = tag.Value
			}
			err := w.again(ctx, busy, func() error {
				_, err := w.Lambda.CreateEventSourceMapping(ctx, &request)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	},
}

// mapping returns the request that creates a mapping like m. The list of mappings lacks encrypted filter criteria,
// and tags.
func (r *reader) mapping(ctx context.Context, m types.EventSourceMappingConfiguration) (eventSourceMapping, error) {
	if m.KMSKeyArn != nil {
		whole, err := r.Lambda.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: m.UUID})
		if err != nil {
			return eventSourceMapping{}, err
		}
		if e := whole.FilterCriteriaError; e != nil {
			return eventSourceMapping{}, fmt.Errorf(
				"the filter criteria of the event source mapping %s cannot be decrypted: %s: %s",
				aws.ToString(m.UUID), aws.ToString(e.ErrorCode), aws.ToString(e.Message),
			)
		}
		m.FilterCriteria = whole.FilterCriteria
	}
	tags, err := r.mappingTags(ctx, m.EventSourceMappingArn)
	return eventSourceMapping{Tags: tags, CreateEventSourceMappingInput: lambda.CreateEventSourceMappingInput{
		FunctionName:                   m.FunctionArn,
		BatchSize:                      m.BatchSize,
		BisectBatchOnFunctionError:     m.BisectBatchOnFunctionError,
		DestinationConfig:              m.DestinationConfig,
		Enabled:                        aws.Bool(enabled(m)),
		FilterCriteria:                 m.FilterCriteria,
		FunctionResponseTypes:          m.FunctionResponseTypes,
		KMSKeyArn:                      m.KMSKeyArn,
		LoggingConfig:                  m.LoggingConfig,
		MaximumBatchingWindowInSeconds: m.MaximumBatchingWindowInSeconds,
		MaximumRecordAgeInSeconds:      m.MaximumRecordAgeInSeconds,
		MaximumRetryAttempts:           m.MaximumRetryAttempts,
		MetricsConfig:                  m.MetricsConfig,
		ParallelizationFactor:          m.ParallelizationFactor,
		ProvisionedPollerConfig:        m.ProvisionedPollerConfig,
		StartingPosition:               m.StartingPosition,
		TumblingWindowInSeconds:        m.TumblingWindowInSeconds,
	}}, err
}

// mappingTags returns the tags of a mapping, without those of AWS. A local server may not know tags.
func (r *reader) mappingTags(ctx context.Context, mapping *string) ([]mappingTag, error) {
	found, err := r.Lambda.ListTags(ctx, &lambda.ListTagsInput{Resource: mapping})
	if err = r.kept(err); errors.Is(err, errNotKept) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var tags []mappingTag
	for _, key := range slices.Sorted(maps.Keys(found.Tags)) {
		if !strings.HasPrefix(key, "aws:") {
			tags = append(tags, mappingTag{Key: key, Value: found.Tags[key]})
		}
	}
	return tags, nil
}

// enabled reports whether the mapping is enabled, or about to be.
func enabled(m types.EventSourceMappingConfiguration) bool {
	return slices.Contains([]string{"Enabled", "Enabling", "Creating", "Updating"}, aws.ToString(m.State))
}

// mappings returns the mappings whose source is the stream, without those that are being deleted.
func mappings(
	ctx context.Context, client *lambda.Client, stream string,
) ([]types.EventSourceMappingConfiguration, error) {
	if stream == "" {
		return nil, nil
	}
	var found []types.EventSourceMappingConfiguration
	pages := lambda.NewListEventSourceMappingsPaginator(client, &lambda.ListEventSourceMappingsInput{
		EventSourceArn: aws.String(stream),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, m := range page.EventSourceMappings {
			if aws.ToString(m.State) != "Deleting" {
				found = append(found, m)
			}
		}
	}
	return found, nil
}

// EventSourceMappings reports whether the stream of the snapshot's table has consumers in Lambda.
func (s *Snapshot) EventSourceMappings() bool { return s.Settings[eventSourceMappings.name] != nil }

// DeleteOldMappings deletes the event source mappings of the stream of the snapshot's table, which has been dropped.
// It reads the first page until that is empty: a later page begins at a mapping that may be deleted by then.
func (w *Writer) DeleteOldMappings(ctx context.Context, s *Snapshot) error {
	if !s.EventSourceMappings() {
		return nil
	}
	if s.Table.StreamARN == w.to.StreamARN || !strings.HasPrefix(s.Table.StreamARN, s.Table.ARN+"/stream/") {
		return fmt.Errorf("%s is not a stream that the table had before: its event source mappings stay", s.Table.StreamARN)
	}
	return w.until(ctx, func() (bool, error) {
		page, err := w.Lambda.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{
			EventSourceArn: aws.String(s.Table.StreamARN),
		})
		if err != nil {
			return false, err
		}
		for _, m := range page.EventSourceMappings {
			if aws.ToString(m.State) == "Deleting" {
				continue
			}
			if aws.ToString(m.EventSourceArn) != s.Table.StreamARN {
				return false, fmt.Errorf("the event source mapping %s reads another stream, and stays", aws.ToString(m.UUID))
			}
			err := w.again(ctx, busy, func() error {
				_, err := w.Lambda.DeleteEventSourceMapping(ctx, &lambda.DeleteEventSourceMappingInput{UUID: m.UUID})
				return err
			})
			if err != nil {
				return false, err
			}
		}
		return len(page.EventSourceMappings) == 0, nil
	})
}
