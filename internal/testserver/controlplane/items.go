// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"
)

const (
	// readSegments is because DynamoDB Local scans segments several times as fast as a table as a whole.
	readSegments = 8
	// batchSize is the most that BatchWriteItem takes.
	batchSize = 25
	// writersAtOnce is enough to keep DynamoDB Local busy.
	writersAtOnce = 4
)

// readItems returns all items of a table as DynamoDB Local writes them.
func (s *Server) readItems(t *table) ([]json.RawMessage, error) { return s.scanItems(t, nil) }

// scanItems returns the items of a table that a Scan with these members finds.
func (s *Server) scanItems(t *table, with map[string]any) ([]json.RawMessage, error) {
	var items []json.RawMessage
	for segment := range readSegments {
		scan := map[string]any{
			"TableName":      t.name(),
			"ConsistentRead": true,
			"TotalSegments":  readSegments,
			"Segment":        segment,
		}
		maps.Copy(scan, with)
		for {
			answer, err := s.onLocal(t.place, "Scan", mustMarshal(scan))
			if err != nil {
				return nil, err
			}
			var page struct {
				Items            []json.RawMessage
				LastEvaluatedKey json.RawMessage
			}
			if err := json.Unmarshal(answer, &page); err != nil {
				return nil, err
			}
			items = append(items, page.Items...)
			if page.LastEvaluatedKey == nil {
				break
			}
			scan["ExclusiveStartKey"] = page.LastEvaluatedKey
		}
	}
	return items, nil
}

// writeItems puts the items into a table that DynamoDB Local has.
func (s *Server) writeItems(t *table, items []json.RawMessage) error {
	var writers errgroup.Group
	writers.SetLimit(writersAtOnce)
	for batch := range slices.Chunk(items, batchSize) {
		writers.Go(func() error {
			puts := make([]map[string]any, len(batch))
			for i, item := range batch {
				puts[i] = map[string]any{"PutRequest": map[string]any{"Item": item}}
			}
			answer, err := s.onLocal(
				t.place,
				"BatchWriteItem",
				mustMarshal(map[string]any{"RequestItems": map[string]any{t.name(): puts}}),
			)
			if err != nil {
				return err
			}
			var result struct{ UnprocessedItems map[string]any }
			if err := json.Unmarshal(answer, &result); err != nil {
				return err
			}
			if len(result.UnprocessedItems) > 0 {
				return fmt.Errorf("DynamoDB Local left out items of %s", t.name())
			}
			return nil
		})
	}
	return writers.Wait()
}
