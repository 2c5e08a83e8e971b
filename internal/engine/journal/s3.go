// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// DefaultPrefix is the prefix of a journal in S3 if none is given.
const DefaultPrefix = "dynamoops"

// inS3 is a journal in a bucket. A record is PREFIX/NAME.json, its lock PREFIX/NAME.lock.
type inS3 struct {
	takeover
	times leaseTimes
	now   func() time.Time
}

// S3 returns the journal below the prefix of the bucket, DefaultPrefix if that is empty, for processes on any
// machines. now is the clock by which this process judges its own leases.
//
// Open waits for the lock of a killed process, usually for a minute at most, and returns a *HeldError within seconds
// if the holder is alive. Save and Remove return ErrTaken when another process has taken the record over, or may have
// because S3 could not be reached for a minute; the run must end then. The bucket's server must honour conditional
// writes, as Amazon S3 does.
func S3(client *s3.Client, bucket, prefix string, now func() time.Time) Journal {
	prefix = strings.Trim(prefix, "/")
	if prefix == "" {
		prefix = DefaultPrefix
	}
	return &inS3{takeover: takeover{objects{client: client, bucket: bucket, prefix: prefix}}, times: usualTimes, now: now}
}

// Open takes the lock, then the record itself: if the previous holder is still alive, its writes fail from then on.
func (j *inS3) Open(ctx context.Context, name string) (Record, error) {
	if err := valid(name); err != nil {
		return nil, err
	}
	lock, err := j.lock(ctx, name, j.times, j.now)
	if err != nil {
		return nil, err
	}
	record, err := j.open(ctx, name)
	if err != nil {
		lock.release()
		return nil, err
	}
	return &s3Record{takeoverRecord: record, lock: lock}, nil
}

// SaveInterval is a few seconds, since each save costs money: 720 an hour, beside 360 renewals of the lock. A purge
// may save more often (flow.Announcer).
func (j *inS3) SaveInterval() time.Duration { return 5 * time.Second }

type s3Record struct {
	*takeoverRecord
	lock *lease
}

func (r *s3Record) Save(ctx context.Context, record any) error {
	return r.whileHeld(ctx, func(ctx context.Context) error { return r.takeoverRecord.Save(ctx, record) })
}

func (r *s3Record) Remove(ctx context.Context) error {
	return r.whileHeld(ctx, r.takeoverRecord.Remove)
}

// whileHeld calls do with a context that ends with the lease.
func (r *s3Record) whileHeld(ctx context.Context, do func(context.Context) error) error {
	if err := r.lock.held(); err != nil {
		return err
	}
	ctx, cancel := r.lock.limit(ctx)
	defer cancel()
	err := do(ctx)
	if errors.Is(err, ErrTaken) {
		r.lock.lose(err)
		return err
	}
	if err != nil {
		if lost := r.lock.held(); lost != nil {
			return errors.Join(lost, err)
		}
	}
	return err
}

// Close releases the lock. If nothing was saved in the record, it leaves nothing behind.
func (r *s3Record) Close() error {
	if r.blank {
		ctx, cancel := context.WithTimeout(context.Background(), releaseTimeout)
		_ = r.Remove(ctx) // It is not a record.
		cancel()
	}
	r.lock.release()
	return nil
}
