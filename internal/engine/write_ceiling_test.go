// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// A run is never faster than what bounds its table, though nothing comes back from the table. A slow machine is slower.
func TestRunKeepsBelowTheCeiling(t *testing.T) {
	t.Parallel()
	const items, most = 300, 200
	for name, test := range map[string]struct {
		table func(*dynamodb.CreateTableInput)
		bound func(t *testing.T, p *plane)
	}{
		"on-demand maximum": {onDemand(aws.Int64(most), nil), func(*testing.T, *plane) {}},
		"auto scaling":      {provisioned(most/2, false), func(t *testing.T, p *plane) { p.scale(t, most, false) }},
		"quota":             {onDemand(nil, nil), func(_ *testing.T, p *plane) { p.SetWriteQuota(most) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.account.Create(t, request(test.table))
			for first := 0; first < items; first += 25 {
				var writes []types.WriteRequest
				for i := range 25 {
					writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{
						"id": &types.AttributeValueMemberS{Value: fmt.Sprint(first + i)},
					}}})
				}
				batch := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"orders": writes}}
				if _, err := p.account.DynamoDB.BatchWriteItem(t.Context(), batch); err != nil {
					t.Fatal(err)
				}
			}
			test.bound(t, p)
			result, err := p.likeAWS(t).Purge(t.Context(), job.Purge{Table: "orders", Method: job.MethodDeleteItems}, engine.Observer{})
			if err != nil {
				t.Fatal(err)
			}
			// The last batches are sent before their units are there.
			if units := result.Ledger.WriteUnits; units != items || result.Duration.Seconds() < (items-50.0)/most {
				t.Errorf("%v units took %v", units, result.Duration)
			}
		})
	}
}

// The tasks of a Spark job keep below the ceiling together: each has its share of it.
func TestTasksKeepBelowTheCeiling(t *testing.T) {
	t.Parallel()
	const items, most, segments = 80, 60, 2
	s, emr := newStubbedSite(t)
	s.fill("from", items)
	if _, err := s.db.CreateTable(t.Context(), request(onDemand(aws.Int64(most), nil))); err != nil {
		t.Fatal(err)
	}
	var took time.Duration
	emr.work = func(parameters string) error {
		uri := regexp.MustCompile(`s3://work/([^ ,"]*job\.json)`).FindStringSubmatch(parameters)
		object, err := s.s3.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("work"), Key: aws.String(uri[1])})
		if err != nil {
			return err
		}
		var task cluster.Task
		if err := json.NewDecoder(object.Body).Decode(&task); err != nil {
			return err
		}
		if want := (pace.Capacity{Known: most, Most: most}); task.WriteCapacity != want || task.AtOnce != segments {
			t.Errorf("the task is %+v", task)
		}
		start := time.Now()
		defer func() { took = time.Since(start) }()
		for task.Number = range segments {
			if _, err := s.worker(task).Work(context.Background(), task, engine.Observer{}); err != nil {
				return err
			}
		}
		return nil
	}
	j := s.copyJob()
	j.Destination.Table = "orders"
	j.Throughput.Segments = segments
	result, err := s.engine.Copy(t.Context(), j, engine.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	// One after the other, each at half of the rate. Their last batches are sent before their units are there.
	if units := result.Ledger.WriteUnits; units != items || took.Seconds() < 0.9*(items-50)/(most/segments) {
		t.Errorf("%v units took %v", units, took)
	}
}
