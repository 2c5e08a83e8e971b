// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// eventSourceMappings have Lambda functions called with the records of the table's stream. Their source cannot be changed,
// so a new stream needs new ones.
var eventSourceMappings = &setting[[]lambda.CreateEventSourceMappingInput]{
	name: "event_source_mappings",
	read: func(ctx context.Context, r *reader) ([]lambda.CreateEventSourceMappingInput, error) {
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
		inputs := make([]lambda.CreateEventSourceMappingInput, len(found))
		for i, m := range found {
			inputs[i] = lambda.CreateEventSourceMappingInput{
				FunctionName: m.FunctionArn, BatchSize: m.BatchSize, BisectBatchOnFunctionError: m.BisectBatchOnFunctionError, DestinationConfig: m.DestinationConfig,
				Enabled: aws.Bool(enabled(m)), FilterCriteria: m.FilterCriteria, FunctionResponseTypes: m.FunctionResponseTypes, KMSKeyArn: m.KMSKeyArn, LoggingConfig: m.LoggingConfig,
				MaximumBatchingWindowInSeconds: m.MaximumBatchingWindowInSeconds, MaximumRecordAgeInSeconds: m.MaximumRecordAgeInSeconds,
				MaximumRetryAttempts: m.MaximumRetryAttempts, MetricsConfig: m.MetricsConfig, ParallelizationFactor: m.ParallelizationFactor,
				ProvisionedPollerConfig: m.ProvisionedPollerConfig, StartingPosition: m.StartingPosition, TumblingWindowInSeconds: m.TumblingWindowInSeconds,
			}
		}
		slices.SortFunc(inputs, func(a, b lambda.CreateEventSourceMappingInput) int {
			return cmp.Compare(aws.ToString(a.FunctionName), aws.ToString(b.FunctionName))
		})
		return inputs, nil
	},
	put: func(ctx context.Context, w *Writer, value []lambda.CreateEventSourceMappingInput) error {
		there, err := mappings(ctx, w.Lambda, w.to.StreamARN)
		if err != nil {
			return err
		}
		for _, mapping := range value {
			if slices.ContainsFunc(there, func(m types.EventSourceMappingConfiguration) bool {
				return aws.ToString(m.FunctionArn) == aws.ToString(mapping.FunctionName)
			}) {
				continue // Made before this was interrupted: a function reads a stream once.
			}
			mapping.EventSourceArn = aws.String(w.to.StreamARN)
			err := w.again(ctx, busy, func() error {
				_, err := w.Lambda.CreateEventSourceMapping(ctx, &mapping)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	},
}

// enabled says that the mapping works, or is about to.
func enabled(m types.EventSourceMappingConfiguration) bool {
	return slices.Contains([]string{"Enabled", "Enabling", "Creating", "Updating"}, aws.ToString(m.State))
}

// mappings are those whose source is the stream, less those that are being deleted.
func mappings(ctx context.Context, client *lambda.Client, stream string) ([]types.EventSourceMappingConfiguration, error) {
	if stream == "" {
		return nil, nil
	}
	var found []types.EventSourceMappingConfiguration
	pages := lambda.NewListEventSourceMappingsPaginator(client, &lambda.ListEventSourceMappingsInput{EventSourceArn: aws.String(stream)})
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

// EventSourceMappings says that the snapshot is of a table whose stream has consumers in Lambda.
func (s *Snapshot) EventSourceMappings() bool { return s.Settings[eventSourceMappings.name] != nil }

// DeleteOldMappings deletes the event source mappings of the stream of the table that the snapshot is of, which is gone. It
// looks at the first page until that is empty: where a page begins is a mapping, which may be gone when the page is asked for.
func (w *Writer) DeleteOldMappings(ctx context.Context, s *Snapshot) error {
	if !s.EventSourceMappings() {
		return nil
	}
	return w.until(ctx, func() (bool, error) {
		page, err := w.Lambda.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{EventSourceArn: aws.String(s.Table.StreamARN)})
		if err != nil {
			return false, err
		}
		for _, m := range page.EventSourceMappings {
			if aws.ToString(m.State) == "Deleting" {
				continue
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
