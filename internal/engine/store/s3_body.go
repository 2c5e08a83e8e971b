// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
)

const (
	// bodyPatience is how long reading is tried again without getting any bytes.
	bodyPatience = 2 * time.Minute
	// bodyTimeout bounds the wait for the next bytes of a silent connection.
	bodyTimeout = 30 * time.Second
)

// s3Body reads the content of an object. A connection that ends too early, such as an idle one beside a slow
// destination, is opened again after what was read, and only if the object is still the same.
type s3Body struct {
	ctx    context.Context
	client *s3.Client
	bucket string
	object listed

	offset   int64
	body     io.ReadCloser // Nil while no connection is open.
	cancel   context.CancelFunc
	watch    *time.Timer // Ends a read that brings nothing.
	failures int
	since    time.Time // Of the first failure in a row.
}

// newS3Body returns the content of the object, to be read until ctx ends.
func newS3Body(ctx context.Context, client *s3.Client, bucket string, object listed) *s3Body {
	return &s3Body{ctx: ctx, client: client, bucket: bucket, object: object}
}

// Read reads on.
func (b *s3Body) Read(p []byte) (int, error) {
	for {
		if b.body == nil {
			if b.offset == b.object.size {
				return 0, io.EOF
			}
			if err := b.open(); err != nil {
				return 0, err
			}
		}
		b.watch.Reset(bodyTimeout)
		n, err := b.body.Read(p)
		b.watch.Stop()
		b.offset += int64(n)
		switch {
		case n > 0:
			b.failures = 0
			return n, nil
		case err == nil:
		case b.offset == b.object.size:
			return 0, err // The end, or a checksum that the client has found wrong.
		default:
			b.drop()
			if err := b.wait(err); err != nil {
				return 0, err
			}
		}
	}
}

func (b *s3Body) open() error {
	ctx, cancel := context.WithCancel(b.ctx)
	input := &s3.GetObjectInput{
		Bucket:  aws.String(b.bucket),
		Key:     aws.String(b.object.key),
		IfMatch: aws.String(b.object.etag),
	}
	if b.offset > 0 {
		input.Range = aws.String(fmt.Sprintf("bytes=%d-", b.offset))
	}
	answer, err := b.client.GetObject(ctx, input)
	if err != nil {
		cancel()
		if awserr.Status(err) == http.StatusPreconditionFailed {
			return &S3Error{S3Place{Bucket: b.bucket}.url(b.object.key), ErrObjectReplaced}
		}
		return asArchived(S3Place{Bucket: b.bucket}.url(b.object.key), err)
	}
	b.body, b.cancel, b.watch = answer.Body, cancel, time.AfterFunc(bodyTimeout, cancel)
	return nil
}

// wait waits before the content is requested again, or returns an error if that was tried for too long.
func (b *s3Body) wait(err error) error {
	if b.ctx.Err() != nil {
		return b.ctx.Err()
	}
	if b.failures == 0 {
		b.since = time.Now()
	}
	b.failures++
	if time.Since(b.since) > bodyPatience {
		return &smithy.OperationError{ServiceID: s3.ServiceID, OperationName: "GetObject", Err: err}
	}
	return pause.Sleep(b.ctx, pace.Unreachable.Wait(b.failures, rand.Float64()))
}

func (b *s3Body) drop() {
	b.watch.Stop()
	b.cancel()
	_ = b.body.Close() // It has failed, or nobody reads on.
	b.body = nil
}

// Close ends the reading.
func (b *s3Body) Close() error {
	if b.body != nil {
		b.drop()
	}
	return nil
}
