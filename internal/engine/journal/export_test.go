// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// HurriedS3 is S3 with locks that are renewed and looked at more often, so that tests need not wait. A lock is valid
// for as long as usual.
func HurriedS3(client *s3.Client, bucket, prefix string, now func() time.Time, renew time.Duration) Journal {
	return &inS3{takeover: takeover{objects{client: client, bucket: bucket, prefix: prefix}}, now: now,
		times: leaseTimes{lasts: usualTimes.lasts, renew: renew, look: time.Millisecond}}
}

// Held returns an error if the record's lock is known to be lost.
func Held(r Record) error { return r.(*s3Record).lock.held() } //nolint:forcetypeassert // Of S3 only.

// Abandon stops the renewal of the record's lock, and leaves the record as it is.
func Abandon(r Record) {
	lock := r.(*s3Record).lock //nolint:forcetypeassert // Of S3 only.
	lock.cancel()
	lock.done.Wait()
}

// Extend renews the record's lock now.
func Extend(ctx context.Context, r Record) { r.(*s3Record).lock.extend(ctx) } //nolint:forcetypeassert // Of S3 only.
