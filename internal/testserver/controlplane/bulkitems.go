// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"path"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// finish writes the items, or fails. Those without the table's key are reported to S3.
func (b *bulk) finish(s *Server, t *table, fails bool) {
	d := &b.description
	d.EndTime = aws.Time(time.Now().UTC())
	fail := func(err error) {
		d.BulkOperationStatus = types.BulkOperationStatusFailed
		d.FailureCode, d.FailureMessage = aws.String("S3AccessDenied"), aws.String(err.Error())
	}
	if fails {
		fail(errors.New("the operation was told to fail"))
		return
	}
	fit, unfit, err := readBulk(s.storage, t, d.InputS3Configuration)
	if err == nil {
		err = s.writeItems(t, fit)
	}
	if err == nil && len(unfit) > 0 {
		_, err = s.storage.PutObject(context.Background(), &s3.PutObjectInput{
			Bucket: d.OutputS3Configuration.S3Bucket, Body: bytes.NewReader(bytes.Join(unfit, []byte("\n"))),
			Key: aws.String(
				path.Join(aws.ToString(d.OutputS3Configuration.S3KeyPrefix), path.Base(*d.BulkOperationArn), "errors.json"),
			),
		})
	}
	if err != nil {
		fail(err)
		return
	}
	d.ProcessedItemCount, d.FailedItemCount = int64(len(fit)+len(unfit)), int64(len(unfit))
	if d.BulkOperationStatus = types.BulkOperationStatusCompleted; len(unfit) > 0 {
		d.BulkOperationStatus = types.BulkOperationStatusCompletedWithErrors
	}
}

// readBulk reads the input's objects: those whose items have the table's key, and the lines of the others.
func readBulk(
	storage *s3.Client,
	t *table,
	input *types.InputS3Configuration,
) (fit []json.RawMessage, unfit [][]byte, err error) {
	pages := s3.NewListObjectsV2Paginator(
		storage,
		&s3.ListObjectsV2Input{Bucket: input.S3Bucket, Prefix: input.S3KeyPrefix},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			return nil, nil, err
		}
		for _, object := range page.Contents {
			content, err := unpackObject(storage, *input.S3Bucket, *object.Key)
			if err != nil {
				return nil, nil, err
			}
			for line := range bytes.Lines(content) {
				var record struct{ Item json.RawMessage }
				if json.Unmarshal(line, &record) == nil && hasKey(t, record.Item) {
					fit = append(fit, record.Item)
				} else {
					unfit = append(unfit, bytes.TrimSpace(line))
				}
			}
		}
	}
	return fit, unfit, nil
}

func unpackObject(storage *s3.Client, bucket, key string) ([]byte, error) {
	object, err := storage.GetObject(context.Background(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, err
	}
	packed, err := gzip.NewReader(object.Body)
	if err != nil {
		return nil, errors.Join(err, object.Body.Close())
	}
	var content bytes.Buffer
	_, err = content.ReadFrom(packed)
	return content.Bytes(), errors.Join(err, object.Body.Close())
}

// hasKey reports whether the item has the attributes of the table's key in their types.
func hasKey(t *table, item json.RawMessage) bool {
	var attributes map[string]map[string]json.RawMessage
	if json.Unmarshal(item, &attributes) != nil {
		return false
	}
	for _, element := range t.description.KeySchema {
		for _, definition := range t.description.AttributeDefinitions {
			if *definition.AttributeName == *element.AttributeName &&
				attributes[*element.AttributeName][string(definition.AttributeType)] == nil {
				return false
			}
		}
	}
	return true
}
