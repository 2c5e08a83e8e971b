// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// Scan says what to read of a table.
type Scan struct {
	// Index is the secondary index to read, empty for the table itself.
	Index          string
	ConsistentRead bool
	// Filter is evaluated by DynamoDB; nil lets every item pass.
	Filter *filter.Filter
	// KeysOnly reads nothing but the primary key.
	KeysOnly bool
	// PageUnits is how many read units a page may cost at most, about; 0 leaves it to the size of a page.
	PageUnits float64
}

// keyName is the placeholder of the key's i-th attribute in expressions of ours.
func keyName(i int) string { return fmt.Sprintf("#%skey_%d", filter.Reserved, i) }

// scanSource reads a table with a parallel Scan, of which each part is a segment: 1 to 1,000,000.
type scanSource struct {
	table      *Table
	body       []byte // The request less its segment, its position, its limit and the closing brace.
	definition []byte
	// unitBytes is how much one read unit reads, from which the size of items follows.
	unitBytes float64
	pageBytes float64
	limit     atomic.Int64 // Items to read for a page of pageBytes.
}

const (
	// maxPageBytes is the size of a page, as DynamoDB counts it. A quarter of what Scan allows at most: what is under way
	// when a run is interrupted is read again, and what is in memory is bounded in pages.
	maxPageBytes = 256 << 10
	// firstLimit is how many items to read before their size is known.
	firstLimit = 100
	// A read unit is 4 KB, read once with strong consistency or twice without ("Read and write operations").
	strongUnitBytes, eventualUnitBytes = 4 << 10, 8 << 10
)

// NewScan returns the source that scan describes.
func (t *Table) NewScan(ctx context.Context, scan Scan) (Source, error) {
	body, err := t.client.Encode(ctx, wire.Scan, t.scanInput(scan))
	if err != nil {
		return nil, err
	}
	definition, err := ordered(body)
	if err != nil {
		return nil, err
	}
	s := &scanSource{
		table:      t,
		body:       bytes.TrimSuffix(body, []byte("}")),
		definition: definition,
		unitBytes:  eventualUnitBytes,
	}
	if scan.ConsistentRead {
		s.unitBytes = strongUnitBytes
	}
	s.pageBytes = maxPageBytes
	s.limit.Store(firstLimit)
	if scan.PageUnits > 0 {
		s.pageBytes = min(maxPageBytes, scan.PageUnits*s.unitBytes)
		s.limit.Store(int64(min(firstLimit, max(1, scan.PageUnits)))) // An item is rarely larger than a unit.
	}
	return s, nil
}

func (t *Table) scanInput(scan Scan) *dynamodb.ScanInput {
	input := &dynamodb.ScanInput{TableName: aws.String(t.Name), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	if scan.Index != "" {
		input.IndexName = aws.String(scan.Index)
	}
	if scan.ConsistentRead {
		input.ConsistentRead = aws.Bool(true)
	}
	if scan.Filter != nil {
		input.FilterExpression = aws.String(scan.Filter.Expression)
		input.ExpressionAttributeNames = maps.Clone(scan.Filter.Names)
		input.ExpressionAttributeValues = scan.Filter.Values
	}
	if scan.KeysOnly {
		names := make([]string, len(t.Key))
		if input.ExpressionAttributeNames == nil {
			input.ExpressionAttributeNames = map[string]string{}
		}
		for i, attribute := range t.Key {
			names[i] = keyName(i)
			input.ExpressionAttributeNames[names[i]] = attribute.Name
		}
		input.ProjectionExpression = aws.String(strings.Join(names, ","))
	}
	return input
}

// Probe has DynamoDB judge the scan by reading a single item of it.
func (t *Table) Probe(ctx context.Context, client *dynamodb.Client, scan Scan) error {
	input := t.scanInput(scan)
	input.Limit = aws.Int32(1)
	_, err := client.Scan(ctx, input)
	return awserr.Discreet(err)
}

// Empty reports whether the table holds no item, by a strongly consistent read of at most one.
func (t *Table) Empty(ctx context.Context) (bool, error) {
	source, err := t.NewScan(ctx, Scan{ConsistentRead: true, KeysOnly: true, PageUnits: 1})
	if err != nil {
		return false, err
	}
	var page Page
	for {
		if err := source.Read(ctx, Segment{Total: 1}, page.Next, &page); err != nil {
			return false, err
		}
		// Where items have been deleted, pages may be empty before the end.
		if len(page.Items) > 0 || page.Next == nil {
			return len(page.Items) == 0, nil
		}
	}
}

// ordered is the JSON object with the members of every object in order: the SDK writes a request's names and values in
// any.
func ordered(object []byte) ([]byte, error) {
	var members map[string]any
	if err := json.Unmarshal(object, &members); err != nil {
		return nil, err
	}
	return json.Marshal(members)
}

func (s *scanSource) Definition() []byte { return s.definition }

// Read sends one Scan for the segment. The items are ranges of the answer's bytes.
func (s *scanSource) Read(ctx context.Context, part Segment, after []byte, page *Page) error {
	body := fmt.Appendf(
		bytes.Clone(s.body),
		`,"Segment":%d,"TotalSegments":%d,"Limit":%d`,
		part.Number,
		part.Total,
		s.limit.Load(),
	)
	if after != nil {
		body = append(append(body, `,"ExclusiveStartKey":`...), after...)
	}
	body = append(body, '}')
	reply := wire.Reply{Body: page.memory}
	if err := s.table.client.Do(ctx, wire.Scan, body, &reply); err != nil {
		return err
	}
	page.memory = reply.Body
	if err := page.parse(); err != nil {
		return err
	}
	if read := float64(len(page.Items) + page.Filtered); read > 0 && page.Units > 0 {
		s.limit.Store(int64(max(1, s.pageBytes/(page.Units*s.unitBytes/read))))
	}
	return nil
}

// Close has nothing to do: each Scan stands for itself.
func (s *scanSource) Close() error { return nil }

// parse finds the items and the counts in the answer to a Scan.
func (p *Page) parse() error {
	p.begin()
	count, scanned := -1, -1
	err := item.Object(p.memory, func(name, rest []byte) (int, error) {
		if string(name) == `"Items"` {
			return item.Items(rest, func(raw []byte) { p.Items = append(p.Items, raw) })
		}
		n, err := item.Skip(rest)
		if err != nil {
			return 0, err
		}
		value := rest[:n]
		switch string(name) {
		case `"LastEvaluatedKey"`:
			if value[0] == '{' { // Not null.
				p.Next = bytes.Clone(value)
			}
		case `"Count"`:
			count, err = number(value)
		case `"ScannedCount"`:
			scanned, err = number(value)
		case `"ConsumedCapacity"`:
			p.Units, _, err = units(value)
		}
		return n, err
	})
	if err != nil {
		return fmt.Errorf("the answer to Scan: %w", err)
	}
	if count != len(p.Items) || scanned < count {
		return fmt.Errorf("the answer to Scan holds %d items, but counts %d of %d read", len(p.Items), count, scanned)
	}
	p.Filtered = scanned - count
	return nil
}

// errNoNumber is in place of the errors of package strconv, which quote what they cannot read.
var errNoNumber = errors.New("a count is not a number")

func number(raw []byte) (int, error) {
	n, err := strconv.Atoi(string(raw))
	if err != nil {
		return 0, errNoNumber
	}
	return n, nil
}

// units adds up the capacity units of one table's, or of several tables', ConsumedCapacity: all of them, and those of
// the tables without their indexes, which are all of them where the answer does not say.
func units(raw []byte) (all, table float64, err error) {
	if raw[0] == '[' {
		err := item.Elements(raw, func(one []byte) error {
			ofAll, ofTable, err := units(one)
			all, table = all+ofAll, table+ofTable
			return err
		})
		return all, table, err
	}
	told := false
	err = item.Members(raw, func(name, value []byte) (err error) {
		switch string(name) {
		case `"CapacityUnits"`:
			if all, err = strconv.ParseFloat(string(value), 64); err != nil {
				err = errNoNumber
			}
		case `"Table"`:
			told = true
			table, _, err = units(value)
		}
		return err
	})
	if !told {
		table = all
	}
	return all, table, err
}
