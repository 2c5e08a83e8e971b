// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var tagOperations = operations{
	"TagResource":        of(tagResource),
	"UntagResource":      of(untagResource),
	"ListTagsOfResource": of(listTags),
}

// tagsPerPage is small, so that tables with a few tags have pages.
const tagsPerPage = 10

// addTags refuses what "Tagging restrictions in DynamoDB" does.
func addTags(to map[string]string, tags []types.Tag) error {
	for _, tag := range tags {
		key := aws.ToString(tag.Key)
		switch {
		case key == "" || len(key) > 128 || len(aws.ToString(tag.Value)) > 256:
			return validation("A tag's key has from 1 to 128 characters, its value at most 256: %s", key)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return validation("aws: prefixed tag key names are not allowed for external use: %s", key)
		}
		to[key] = aws.ToString(tag.Value)
	}
	if len(to) > maxTags {
		return validation("Too many tags: at most %d", maxTags)
	}
	return nil
}

// AddSystemTag gives a table a tag that only AWS can set, such as "aws:cloudformation:stack-name".
func (s *Server) AddSystemTag(region, accessKey, name, key, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables[place{Account(accessKey), region}][name].tags[key] = value
}

func tagResource(r *request, in *dynamodb.TagResourceInput) (*dynamodb.TagResourceOutput, error) {
	t, err := r.seeARN(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	tags := maps.Clone(t.tags)
	if err := addTags(tags, in.Tags); err != nil {
		return nil, err
	}
	t.tags = tags
	return &dynamodb.TagResourceOutput{}, nil
}

func untagResource(r *request, in *dynamodb.UntagResourceInput) (*dynamodb.UntagResourceOutput, error) {
	t, err := r.seeARN(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	for _, key := range in.TagKeys {
		delete(t.tags, key)
	}
	return &dynamodb.UntagResourceOutput{}, nil
}

func listTags(r *request, in *dynamodb.ListTagsOfResourceInput) (*dynamodb.ListTagsOfResourceOutput, error) {
	t, err := r.seeARN(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	keys, next, err := page(slices.Sorted(maps.Keys(t.tags)), in.NextToken, tagsPerPage)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.ListTagsOfResourceOutput{NextToken: next, Tags: []types.Tag{}}
	for _, key := range keys {
		out.Tags = append(out.Tags, types.Tag{Key: aws.String(key), Value: aws.String(t.tags[key])})
	}
	return out, nil
}

// seeARN is see for operations that take nothing but an ARN.
func (r *request) seeARN(arn *string) (*table, error) {
	if !strings.HasPrefix(aws.ToString(arn), "arn:") {
		return nil, validation("Invalid TableArn: %s", aws.ToString(arn))
	}
	return r.see(arn)
}
