// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

const (
	// makePause grows to most: a table that cannot be made is tried again for as long as the context lasts.
	makePause, mostMakePause = time.Second, 30 * time.Second
	activePause              = 2 * time.Second
)

// Describe describes a table; nil for one that is not there.
func Describe(ctx context.Context, client *dynamodb.Client, table string) (*types.TableDescription, error) {
	described, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(table)})
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return described.Table, nil
}

// Make makes the table with what CreateTable takes of the snapshot, and waits until it and its indexes are ACTIVE. It tries as
// often as it takes, since what can be wrong with the request is found by Check before. A table of that name that is there
// already is taken for the one; made is false if no request sent here can have made it.
func (w *Writer) Make(ctx context.Context, s *Snapshot) (made bool, err error) {
	request, err := s.CreateTable(w.Table)
	if err != nil {
		return false, err
	}
	wait := makePause
	for {
		table, err := Describe(ctx, w.DynamoDB, w.Table)
		switch {
		case err == nil && table != nil && table.TableStatus == types.TableStatusDeleting:
		case err == nil && table != nil:
			return made, w.untilActive(ctx)
		case err == nil:
			_, err = w.DynamoDB.CreateTable(ctx, request)
			if err == nil {
				return true, w.untilActive(ctx)
			}
			code := codeOf(err)
			refused := code == "ResourceInUseException" || code == "LimitExceededException"
			if !refused && !Transient(err) {
				return made, err
			}
			made = made || !refused // The answer may have been lost.
		case !Transient(err):
			return made, err
		}
		if err := w.Sleep(ctx, wait); err != nil {
			return made, errors.Join(err, context.Cause(ctx))
		}
		wait = min(2*wait, mostMakePause)
	}
}

func (w *Writer) untilActive(ctx context.Context) error {
	for {
		table, err := Describe(ctx, w.DynamoDB, w.Table)
		if err != nil {
			return err
		}
		active := table != nil && table.TableStatus == types.TableStatusActive
		for i := 0; active && i < len(table.GlobalSecondaryIndexes); i++ {
			active = table.GlobalSecondaryIndexes[i].IndexStatus == types.IndexStatusActive
		}
		for i := 0; active && i < len(table.VectorIndexes); i++ {
			active = table.VectorIndexes[i].IndexStatus == types.IndexStatusActive
		}
		if active {
			return nil
		}
		if err := w.Sleep(ctx, activePause); err != nil {
			return err
		}
	}
}

// codeOf is the code of an answer of AWS, empty for anything else.
func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// Transient says that the same request may do better: AWS itself failed, or did not answer.
func Transient(err error) bool {
	var api smithy.APIError
	return !errors.As(err, &api) || api.ErrorFault() == smithy.FaultServer || api.ErrorCode() == "ThrottlingException"
}
