// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// exportFiles is how many files an export has. The last one is empty, as that of a partition without items.
const exportFiles = 4

// finish writes the export to S3, or fails.
func (e *export) finish(storage *s3.Client, fails bool) {
	d := &e.description
	d.EndTime = aws.Time(time.Now().UTC())
	err := fmt.Errorf("the export was told to fail")
	if !fails {
		err = e.write(storage)
	}
	if err != nil {
		d.ExportStatus = types.ExportStatusFailed
		d.FailureCode, d.FailureMessage = aws.String("S3AccessDenied"), aws.String(err.Error())
		return
	}
	d.ExportStatus = types.ExportStatusCompleted
}

// write makes the objects of "DynamoDB table export output format".
func (e *export) write(storage *s3.Client) error {
	d := &e.description
	root := below(aws.ToString(d.S3Prefix), "AWSDynamoDB/"+path.Base(*d.ExportArn))
	put := func(name string, content []byte) error {
		_, err := storage.PutObject(
			context.Background(),
			&s3.PutObjectInput{Bucket: d.S3Bucket, Key: aws.String(root + "/" + name), Body: bytes.NewReader(content)},
		)
		return err
	}
	withSum := func(name string, content []byte) error {
		if err := put(name+".json", content); err != nil {
			return err
		}
		return put(name+".md5", []byte(sumOf(content)))
	}
	if err := put("_started", nil); err != nil {
		return err
	}
	var files bytes.Buffer
	size := int64(0)
	for n := range exportFiles {
		items := e.share(n)
		content, plain, err := packItems(items)
		if err != nil {
			return err
		}
		size += plain
		name := "data/" + strings.ToLower(rand.Text()) + ".json.gz"
		if err := put(name, content); err != nil {
			return err
		}
		fmt.Fprintf(
			&files,
			"{\"itemCount\":%d,\"md5Checksum\":%q,\"etag\":\"%x-1\",\"dataFileS3Key\":%q}\n",
			len(items),
			sumOf(content),
			md5.Sum(content),
			root+"/"+name,
		)
	}
	d.ItemCount, d.BilledSizeBytes = aws.Int64(int64(len(e.items))), &size
	d.ExportManifest = aws.String(root + "/manifest-summary.json")
	if err := withSum("manifest-files", files.Bytes()); err != nil {
		return err
	}
	const layout = "2006-01-02T15:04:05.000Z"
	return withSum("manifest-summary", mustMarshal(map[string]any{
		"version": "2020-06-30", "exportArn": *d.ExportArn, "startTime": d.StartTime.Format(layout),
		"endTime":  d.EndTime.Format(layout),
		"tableArn": *d.TableArn, "tableId": *d.TableId, "exportTime": d.ExportTime.Format(layout), "s3Bucket": *d.S3Bucket,
		"s3Prefix":       d.S3Prefix,
		"s3SseAlgorithm": "AES256", "s3SseKmsKeyId": nil, "manifestFilesS3Key": root + "/manifest-files.json",
		"billedSizeBytes": size, "itemCount": len(e.items), "outputFormat": "DYNAMODB_JSON", "exportType": "FULL_EXPORT",
	}))
}

// share are the items of one of the files.
func (e *export) share(n int) []json.RawMessage {
	if n == exportFiles-1 {
		return nil
	}
	count := len(e.items)
	return e.items[n*count/(exportFiles-1) : (n+1)*count/(exportFiles-1)]
}

func packItems(items []json.RawMessage) (packed []byte, size int64, err error) {
	var content bytes.Buffer
	to := gzip.NewWriter(&content)
	for _, item := range items {
		n, err := fmt.Fprintf(to, "{\"Item\":%s}\n", item)
		if err != nil {
			return nil, 0, err
		}
		size += int64(n)
	}
	err = to.Close()
	return content.Bytes(), size, err
}

func sumOf(content []byte) string {
	sum := md5.Sum(content)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// below is the key of the name below the prefix, to which nothing but a slash is added: keys may hold several in a row.
func below(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return strings.TrimSuffix(prefix, "/") + "/" + name
}
