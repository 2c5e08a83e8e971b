// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// tags are part of the request that creates a table, since policies may require them. Tags of AWS cannot be set.
var tags = &setting[[]types.Tag]{
	name: "tags", shared: true, copied: Full,
	read:   func(ctx context.Context, r *reader) ([]types.Tag, error) { return r.tags(ctx) },
	create: func(value []types.Tag, request *dynamodb.CreateTableInput) { request.Tags = whole(value) },
	put: func(ctx context.Context, w *Writer, value []types.Tag) error {
		return w.again(ctx, busy, func() error {
			_, err := w.DynamoDB.TagResource(ctx, &dynamodb.TagResourceInput{
				ResourceArn: aws.String(w.to.ARN), Tags: whole(value),
			})
			return err
		})
	},
}

func (r *reader) tags(ctx context.Context) (found []types.Tag, err error) {
	input := &dynamodb.ListTagsOfResourceInput{ResourceArn: r.table.TableArn}
	for {
		page, err := r.DynamoDB.ListTagsOfResource(ctx, input)
		if err != nil {
			return nil, r.kept(err)
		}
		for _, tag := range page.Tags {
			if tag.Key != nil && !strings.HasPrefix(*tag.Key, "aws:") {
				found = append(found, tag)
			}
		}
		if page.NextToken == nil {
			slices.SortFunc(found, func(a, b types.Tag) int { return cmp.Compare(*a.Key, *b.Key) })
			return found, nil
		}
		input.NextToken = page.NextToken
	}
}

// whole restores the empty values of tags, which a snapshot leaves out.
func whole(list []types.Tag) []types.Tag {
	for i := range list {
		if list[i].Value == nil {
			list[i].Value = aws.String("")
		}
	}
	return list
}
