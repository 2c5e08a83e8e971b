// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
)

// leaseTimes are the durations of a lock.
type leaseTimes struct {
	// lasts is how long a lock is valid without a renewal, and so how long a run waits for the lock of a killed run. A
	// holder that cannot renew its lock for that long stops.
	lasts time.Duration
	// renew is the time between two renewals. A run that finds the lock of a live run is refused within about that time.
	renew time.Duration
	// look is the time between two looks at a lock that is waited for.
	look time.Duration
}

var usualTimes = leaseTimes{lasts: time.Minute, renew: 10 * time.Second, look: 2 * time.Second}

const (
	// leaseMargin covers the fractions of a second that are missing from S3's times.
	leaseMargin = 2 * time.Second
	// releaseTimeout bounds the release of a lock. If that fails, the lock expires.
	releaseTimeout = 10 * time.Second
)

// lockDocument is the content of a lock in S3.
type lockDocument struct {
	owned
	Holder
	// Renewals makes the content of each renewal, and so its ETag, different from the last.
	Renewals int `json:"renewals"`
	// LeaseSeconds is how long the lock is valid after it was written.
	LeaseSeconds float64 `json:"lease_seconds"`
}

// maxLeases bounds the validity of another process's lock, as a multiple of one's own. A lock is input from outside,
// and must not hold up a run for ever.
const maxLeases = 5

// lasts returns how long the lock is valid after it was written, for a process with those times.
func (d lockDocument) lasts(times leaseTimes) time.Duration {
	return time.Duration(min(max(d.LeaseSeconds, 0), maxLeases*times.lasts.Seconds()) * float64(time.Second))
}

const lockSuffix = ".lock"

// lease is a lock that this process holds until it expires. A goroutine renews it.
type lease struct {
	objects *objects
	name    string
	times   leaseTimes
	now     func() time.Time
	etag    *string
	mine    lockDocument

	mu    sync.Mutex
	until time.Time
	lost  error

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// lock takes the lock of that name. An expired lock is taken from its holder. A valid one is waited for until it
// expires, or until its holder renews it and so proves to be alive, which is a *HeldError. Ages are measured by the
// clock of S3 alone, so the machines' clocks may differ.
func (o *objects) lock(ctx context.Context, name string, times leaseTimes, now func() time.Time) (*lease, error) {
	host, _ := os.Hostname() // Without the host's name, the process id must do.
	l := &lease{
		objects: o, name: name + lockSuffix, times: times, now: now,
		mine: lockDocument{
			owned: owned{newToken()}, Holder: Holder{Host: host, Process: os.Getpid(), Since: now()},
			LeaseSeconds: times.lasts.Seconds(),
		},
	}
	var seen *string
	for {
		found, err := o.get(ctx, l.name)
		if err != nil {
			return nil, err
		}
		var other lockDocument
		if found != nil {
			if err := json.Unmarshal(found.content, &other); err != nil {
				return nil, &UnreadableError{Name: name, Place: o.place(l.name), Err: err}
			}
			l.etag = found.etag
		} else {
			l.etag = nil
		}
		if found == nil || found.age > other.lasts(times)+leaseMargin {
			switch err := l.renew(ctx); {
			case err == nil:
				l.keep()
				return l, nil
			case !errors.Is(err, ErrTaken):
				return nil, err
			}
			continue // Another process was faster.
		}
		if seen != nil && *seen != aws.ToString(found.etag) {
			return nil, &HeldError{other.Holder}
		}
		seen = aws.String(aws.ToString(found.etag))
		if err := pause.Sleep(ctx, times.look); err != nil {
			return nil, err
		}
	}
}

// renew writes the lock. Here the lease counts from before the request, and S3 counts from later, so no process takes
// the lock before it has expired here.
func (l *lease) renew(ctx context.Context) error {
	sent := l.now()
	l.mine.Renewals++
	content, err := json.Marshal(l.mine)
	if err != nil {
		return err
	}
	etag, err := l.objects.put(ctx, l.name, l.mine.Token, content, l.etag)
	if err != nil {
		return err
	}
	l.etag = etag
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = sent.Add(l.times.lasts)
	return nil
}

// keep renews the lease until it is released or lost.
func (l *lease) keep() {
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	l.done.Go(func() {
		for pause.Sleep(ctx, l.times.renew) == nil && l.held() == nil {
			l.extend(ctx)
		}
	})
}

// extend renews the lease if it can. A transient failure is tried again at the next turn.
func (l *lease) extend(ctx context.Context) {
	ctx, cancel := l.limit(ctx)
	defer cancel()
	if err := l.renew(ctx); errors.Is(err, ErrTaken) {
		l.lose(err)
	}
}

// limit bounds a request by the time that the lease has left.
func (l *lease) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return context.WithTimeout(ctx, l.until.Sub(l.now()))
}

func (l *lease) lose(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost == nil {
		l.lost = err
	}
}

// held returns ErrTaken if the lease was lost, and ErrLapsed if it has expired. A lost lease stays lost.
func (l *lease) held() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost == nil && !l.now().Before(l.until) {
		l.lost = fmt.Errorf("%w for %s", ErrLapsed, l.times.lasts)
	}
	return l.lost
}

// release releases the lock if this process still holds it. Nothing depends on that: the lease expires soon.
func (l *lease) release() {
	l.cancel()
	l.done.Wait()
	if l.held() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), releaseTimeout)
	defer cancel()
	_ = l.objects.remove(ctx, l.name, l.etag)
}
