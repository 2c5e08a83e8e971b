// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// S3Place is a folder in a bucket: what is below Prefix and a slash. Slashes around the prefix do not count; several in
// a row within it do, as they do in the keys of S3 ("Naming Amazon S3 objects" in the Amazon S3 User Guide).
type S3Place struct{ Bucket, Prefix string }

// At is the place without the slashes around its prefix.
func (p S3Place) At() S3Place { return S3Place{p.Bucket, strings.Trim(p.Prefix, "/")} }

// String is the place as a URL.
func (p S3Place) String() string { return strings.TrimSuffix(p.url(p.At().Prefix), "/") }

// folderOf is the folder of the key, which path.Dir would change where a slash follows a slash.
func folderOf(key string) string {
	if i := strings.LastIndexByte(key, '/'); i >= 0 {
		return key[:i]
	}
	return ""
}

// Folder is the folder that the object of that key in the bucket is in.
func Folder(bucket, key string) S3Place { return S3Place{bucket, folderOf(key)} }

// Below is the folder of that name in the folder.
func (p S3Place) Below(name string) S3Place { return S3Place{p.Bucket, p.At().below(name)} }

// below is the key of the name in the folder.
func (p S3Place) below(name string) string {
	if p.Prefix == "" {
		return name
	}
	return p.Prefix + "/" + name
}

// url is an object of the bucket in words.
func (p S3Place) url(key string) string { return "s3://" + p.Bucket + "/" + key }

// s3Attempts is how often a request is sent while S3 cannot be reached or fails. At the longest waits of the client,
// five seconds, that is two minutes, as long as requests for items are sent to DynamoDB.
const s3Attempts = 30

// patient is the client with more attempts than serve a single call.
func patient(client *s3.Client) *s3.Client {
	return s3.New(client.Options(), func(o *s3.Options) {
		o.Retryer, o.RetryMaxAttempts = cutRetryer{o.Retryer}, s3Attempts
	})
}

// cutRetryer also repeats a request of whose answer only a part has come.
type cutRetryer struct{ aws.Retryer }

// IsErrorRetryable reports whether to send the request again.
func (r cutRetryer) IsErrorRetryable(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || r.Retryer.IsErrorRetryable(err)
}

// S3Error is what is wrong with what an export or its folder holds, as opposed to a request that fails.
type S3Error struct {
	// Object is the URL of the object or the folder.
	Object string
	Err    error
}

func (e *S3Error) Error() string { return e.Object + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *S3Error) Unwrap() error { return e.Err }

// What may be wrong with a folder that is to be read.
var (
	ErrNoExport       = errors.New("no complete export of a table exists")
	ErrManyExports    = errors.New("more than one export of a table exists")
	ErrNoObjects      = errors.New("no object exists")
	ErrDamagedExport  = errors.New("the export is damaged")
	ErrUnfitExport    = errors.New("the export is of a kind that cannot be copied")
	ErrUnreadable     = errors.New("the content cannot be decompressed")
	ErrObjectReplaced = errors.New("the object was replaced while it was read")
	ErrArchived       = errors.New("the object is archived")
)

// maxManifest is the longest object that is read as a whole. A line of a manifest has about 250 bytes, and an export
// some ten thousand files.
const maxManifest = 256 << 20

// content reads a small object, nil if there is none.
func content(ctx context.Context, client *s3.Client, bucket, key string) ([]byte, error) {
	head, err := client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	if _, missing := errors.AsType[*types.NotFound](err); missing {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	size := aws.ToInt64(head.ContentLength)
	if size > maxManifest {
		return nil, &S3Error{S3Place{Bucket: bucket}.url(key), fmt.Errorf("%w: it has %d bytes", ErrUnfitExport, size)}
	}
	body := newS3Body(ctx, client, bucket, listed{key: key, etag: aws.ToString(head.ETag), size: size})
	read, err := io.ReadAll(body)
	if read == nil {
		read = []byte{}
	}
	return read, errors.Join(err, body.Close())
}
