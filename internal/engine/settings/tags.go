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

// tags are part of the request that creates a table, since policies may ask for them. Those of AWS cannot be set.
var tags = &setting[[]types.Tag]{
	name: "tags", copied: Full,
	read:   func(ctx context.Context, r *reader) ([]types.Tag, error) { return r.tags(ctx) },
	create: func(value []types.Tag, request *dynamodb.CreateTableInput) { request.Tags = whole(value) },
	put: func(ctx context.Context, w *Writer, value []types.Tag) error {
		r, err := newReader(ctx, w.Clients, w.Table)
		if err != nil {
			return err
		}
		is, err := r.tags(ctx)
		if err != nil {
			return err
		}
		var gone []string
		for _, tag := range is {
			if !slices.ContainsFunc(value, func(t types.Tag) bool { return *t.Key == *tag.Key }) {
				gone = append(gone, *tag.Key)
			}
		}
		if len(gone) > 0 {
			err := w.again(ctx, busy, func() error {
				_, err := w.DynamoDB.UntagResource(ctx, &dynamodb.UntagResourceInput{ResourceArn: aws.String(w.to.ARN), TagKeys: gone})
				return err
			})
			if err != nil {
				return err
			}
		}
		if len(value) == 0 {
			return nil
		}
		return w.again(ctx, busy, func() error {
			_, err := w.DynamoDB.TagResource(ctx, &dynamodb.TagResourceInput{ResourceArn: aws.String(w.to.ARN), Tags: whole(value)})
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

// whole gives tags without a text, which a snapshot leaves out, the empty one that they had.
func whole(list []types.Tag) []types.Tag {
	for i := range list {
		if list[i].Value == nil {
			list[i].Value = aws.String("")
		}
	}
	return list
}
