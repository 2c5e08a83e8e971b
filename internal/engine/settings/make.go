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
	// makePause doubles up to maxMakePause: Make tries again for as long as the context lasts.
	makePause, maxMakePause = time.Second, 30 * time.Second
	activePause             = 2 * time.Second
)

// Describe describes a table. It returns nil if the table does not exist.
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

// Make creates the table with what CreateTable takes of the snapshot, and waits until it and its indexes are ACTIVE.
// It tries for as long as the context lasts, since Check has already found what can be wrong with the request. It
// takes an existing table of that name for the new one; made is false if no request sent here can have created it.
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
				request.ResourcePolicy = nil // Without its policy, which PutBack puts or reports, the table is better than none.
				continue
			default:
				return made, err
			}
		case err == nil && Active(table):
			return made, nil
		}
		if err != nil {
			pause, wait = wait, min(2*wait, maxMakePause)
		}
		if err := w.Sleep(ctx, pause); err != nil {
			return made, errors.Join(err, context.Cause(ctx))
		}
	}
}

// waitsOut reports whether Make tries again after the error, until the context ends. A dropped table is missed until
// it is created again, so only a refusal by AWS ends that earlier: neither expired credentials, which the user may
// renew meanwhile, nor a certificate.
func (w *Writer) waitsOut(ctx context.Context, err error) bool {
	return ctx.Err() != nil || awserr.Passes(err) || w.Dropped && awserr.Undecided(err)
}

// Active reports whether the table and its indexes are ACTIVE.
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
