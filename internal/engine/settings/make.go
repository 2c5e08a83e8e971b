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

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
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
		pause := activePause
		table, err := Describe(ctx, w.DynamoDB, w.Table)
		switch {
		case err != nil && !w.waitsOut(ctx, err):
			return made, err
		case err == nil && table == nil:
			_, err = w.DynamoDB.CreateTable(ctx, request)
			code := awserr.Code(err)
			made = made || !awserr.Refused(err) // The answer may have been lost.
			switch {
			case err == nil, code == "ResourceInUseException", code == "LimitExceededException", w.waitsOut(ctx, err):
			case awserr.Refused(err) && request.ResourcePolicy != nil:
				request.ResourcePolicy = nil // Better a table without its policy, which PutBack puts or complains of, than none.
				continue
			default:
				return made, err
			}
		case err == nil && Active(table):
			return made, nil
		}
		if err != nil {
			pause, wait = wait, min(2*wait, mostMakePause)
		}
		if err := w.Sleep(ctx, pause); err != nil {
			return made, errors.Join(err, context.Cause(ctx))
		}
	}
}

// waitsOut says whether Make tries again after the error, until the context ends. A table that was dropped is missed until it is made, so
// nothing but AWS's own refusal ends that earlier: not credentials that somebody may renew meanwhile either, nor a certificate.
func (w *Writer) waitsOut(ctx context.Context, err error) bool {
	return ctx.Err() != nil || awserr.Passes(err) || w.Dropped && awserr.Undecided(err)
}

// Active says that the table and its indexes can be used.
func Active(table *types.TableDescription) bool {
	if table.TableStatus != types.TableStatusActive {
		return false
	}
	for _, index := range table.GlobalSecondaryIndexes {
		if index.IndexStatus != types.IndexStatusActive {
			return false
		}
	}
	for _, index := range table.VectorIndexes {
		if index.IndexStatus != types.IndexStatusActive {
			return false
		}
	}
	return true
}
