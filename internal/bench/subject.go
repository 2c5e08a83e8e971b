// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
)

// work is one job that is measured.
type work struct {
	Endpoint string
	Purge    bool
	Edit     string // The name of one of the edits, empty for none.
	Items    int
	// Keep puts items on the condition that there is none with their key.
	Keep bool
}

// subjects do the same work: the engine, with a journal and without, and what a good engineer writes with the SDK in an
// afternoon.
var subjects = map[string]func(context.Context, *dynamodb.Client, work) (int64, error){
	"engine":      runEngine,
	"unjournaled": runUnjournaled,
	"plain":       runPlain,
}

// region is where the tables are said to be.
const region = "us-east-1"

func newClient(endpoint string, http dynamodb.HTTPClient) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: region, BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""),
		// A partition that takes nothing for a while must not end the plain loop.
		RetryMaxAttempts: 20,
		HTTPClient:       http,
	})
}

// oneClient connects every side of a job to the same DynamoDB, and to no other service.
type oneClient struct {
	engine.Connections
	client *dynamodb.Client
}

func (c oneClient) DynamoDB(context.Context, awsconn.Connection) (*dynamodb.Client, error) {
	return c.client, nil
}

// runEngine runs the engine as users do, with a journal in a folder.
func runEngine(ctx context.Context, client *dynamodb.Client, w work) (int64, error) {
	return runEngineWith(ctx, client, w, journal.Local)
}

// runUnjournaled runs the engine with a journal that keeps nothing.
func runUnjournaled(ctx context.Context, client *dynamodb.Client, w work) (int64, error) {
	return runEngineWith(ctx, client, w, func(string) journal.Journal { return noJournal{} })
}

func runEngineWith(
	ctx context.Context,
	client *dynamodb.Client,
	w work,
	open func(directory string) journal.Journal,
) (int64, error) {
	directory, remove, err := scratch()
	if err != nil {
		return 0, err
	}
	defer remove()
	e := &engine.Engine{
		Connections: oneClient{client: client},
		Journal:     open(directory),
		Directory:   directory,
		UserAgent:   "bench",
		Now:         time.Now,
	}
	var result *engine.Result
	if w.Purge {
		result, err = e.Purge(ctx, job.Purge{Table: "source", Method: job.MethodDeleteItems}, engine.Observer{})
	} else {
		j := job.Copy{
			Source: job.Source{Table: "source"}, Destination: job.Destination{Table: "destination"},
			Transform: edits[w.Edit].steps,
		}
		if w.Keep {
			j.OnConflict = job.ConflictSkip
		}
		result, err = e.Copy(ctx, j, engine.Observer{})
	}
	if err != nil {
		return 0, err
	}
	return result.Ledger.Written, nil
}

// How many requests the plain loop has under way.
const (
	plainSegments = 8
	plainWriters  = 64
)

// runPlain scans with typed items and writes them in batches, sending again what comes back.
func runPlain(ctx context.Context, client *dynamodb.Client, w work) (int64, error) {
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan []types.WriteRequest, plainWriters)
	readers, readerContext := errgroup.WithContext(ctx)
	for segment := range plainSegments {
		readers.Go(func() error { return plainRead(readerContext, client, w, segment, batches) })
	}
	group.Go(func() error {
		defer close(batches)
		return readers.Wait()
	})
	var written atomic.Int64
	for range plainWriters {
		group.Go(func() error {
			for batch := range batches {
				if err := plainWrite(ctx, client, w, batch); err != nil {
					return err
				}
				written.Add(int64(len(batch)))
			}
			return nil
		})
	}
	err := group.Wait()
	return written.Load(), err
}

func plainRead(
	ctx context.Context,
	client *dynamodb.Client,
	w work,
	segment int,
	batches chan<- []types.WriteRequest,
) error {
	input := &dynamodb.ScanInput{
		TableName:     aws.String("source"),
		Segment:       aws.Int32(int32(segment)),
		TotalSegments: aws.Int32(plainSegments),
	}
	if w.Purge {
		input.ProjectionExpression = aws.String("pk")
	}
	var batch []types.WriteRequest
	send := func() error {
		if len(batch) == 0 {
			return nil
		}
		select {
		case batches <- batch:
			batch = nil
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	pages := dynamodb.NewScanPaginator(client, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			edits[w.Edit].plain(item)
			if w.Purge {
				batch = append(batch, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: item}})
			} else {
				batch = append(batch, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
			}
			if len(batch) == 25 {
				if err := send(); err != nil {
					return err
				}
			}
		}
	}
	return send()
}

// plainKeep puts each item that is not there.
func plainKeep(ctx context.Context, client *dynamodb.Client, batch []types.WriteRequest) error {
	for _, request := range batch {
		_, err := client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: aws.String(
				"destination",
			), Item: request.PutRequest.Item, ConditionExpression: aws.String("attribute_not_exists(pk)"),
		})
		if err != nil {
			return fmt.Errorf("put an item: %w", err)
		}
	}
	return nil
}

func plainWrite(ctx context.Context, client *dynamodb.Client, w work, batch []types.WriteRequest) error {
	table := "destination"
	if w.Purge {
		table = "source"
	}
	if w.Keep {
		return plainKeep(ctx, client, batch)
	}
	requests := map[string][]types.WriteRequest{table: batch}
	for attempt := 0; len(requests) > 0; attempt++ {
		if attempt > 0 {
			time.Sleep(min(time.Second, 50*time.Millisecond<<attempt))
		}
		output, err := client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: requests})
		if err != nil {
			return fmt.Errorf("write a batch: %w", err)
		}
		requests = output.UnprocessedItems
	}
	return nil
}
